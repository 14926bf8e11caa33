"""Commands about work without a request: long work, and who does it."""
