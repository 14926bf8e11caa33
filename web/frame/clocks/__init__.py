"""The clocks of a page: what it needs to count on by."""
