"""Rounds of the grid and self-inspection of businesses (R36, R37, R55, R56)."""
