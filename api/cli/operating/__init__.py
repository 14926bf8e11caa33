"""Commands of an administrator: backup and restore, changing keys, retention."""
