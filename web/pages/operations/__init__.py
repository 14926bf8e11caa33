"""Pages of long work: running ones, their progress and results."""
