"""Reports from the grid and from the public."""
