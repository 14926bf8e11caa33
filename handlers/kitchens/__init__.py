"""Bright kitchens: cameras, snapshots that a person confirms, live pictures by ticket (R12)."""
