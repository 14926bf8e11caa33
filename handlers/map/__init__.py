"""The map: what its numbers count, its tiles, outlines and places."""
