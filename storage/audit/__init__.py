"""The audit log: every write that is no step of a case, on file and chained by hash."""
