"""One step of one case: access, execution, assignment and its record."""
