"""Pages of a case: the case, its record, remarks and photos."""
