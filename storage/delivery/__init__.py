"""Outgoing messages and kept answers of keyed requests."""
