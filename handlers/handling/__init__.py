"""Handling a case level by level, its follow-up and side tasks."""
