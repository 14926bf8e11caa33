"""The page that shows every part pages are built from."""
