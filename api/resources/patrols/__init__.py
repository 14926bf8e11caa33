"""Rounds, visits, checklists, self-inspection."""
