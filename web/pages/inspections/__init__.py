"""Inspections of departments and enforcement cases."""
