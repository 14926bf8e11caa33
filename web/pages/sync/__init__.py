"""Pages of what is exchanged with other platforms."""
