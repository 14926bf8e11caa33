"""The handbook of officers."""
