"""Shared by all pages: the site, sessions, forms, words and assets."""
