"""The `hangji` command line."""
