"""Pages of rounds and self-inspection."""
