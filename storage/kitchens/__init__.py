"""Bright kitchens: cameras, snapshots, and what was refused."""
