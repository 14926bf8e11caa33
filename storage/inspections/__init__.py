"""Inspections of departments and the cases enforcement files."""
