"""Bright kitchens: cameras, live pictures, snapshots and their review."""
