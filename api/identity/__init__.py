"""Passwords, tokens and rate limits: who a caller is and how often they may try."""
