"""Lists from files over HTTP: upload, check, apply, undo."""
