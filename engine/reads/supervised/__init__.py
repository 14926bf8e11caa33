"""Supervised handling as supervisors and holders read it."""
