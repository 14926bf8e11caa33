"""Lists from files on pages: choose, map the columns, look at what would happen, apply, undo."""
