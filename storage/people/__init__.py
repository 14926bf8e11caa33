"""Roles, posts, holdings, sessions, visibility and the identity vault."""
