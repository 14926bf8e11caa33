"""Pages that start a case by its process."""
