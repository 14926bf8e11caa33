"""Pages for officers, the public and supervisors; a client of the API, with no rules of its own."""

from web.site import add_pages

__all__ = ["add_pages"]
