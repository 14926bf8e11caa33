"""Food businesses."""
