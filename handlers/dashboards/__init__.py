"""Boards of leaders and supervisors: what they count, and the lists behind each number."""
