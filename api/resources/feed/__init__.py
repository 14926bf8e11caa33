"""The feed of what happened, and webhooks."""
