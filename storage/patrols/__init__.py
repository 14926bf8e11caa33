"""Rounds, visits, closed periods of self-inspection, and how closely a business is watched."""
