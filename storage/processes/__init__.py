"""Published definitions."""
