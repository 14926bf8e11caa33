"""Boards of leaders and supervisors, their lists, exports and wall displays."""
