"""Pages for officers, the public and supervisors; a client of the API, with no rules of its own."""

from flask import Flask

from web import assets, cases, inbox, photos, places, public, reports, signing, tasks
from web.answers import as_page
from web.site import site

PAGES = (cases, inbox, photos, places, public, reports, signing, tasks)
"""The modules whose views the blueprint holds."""


def add_pages(app: Flask, _composition: object) -> None:
    """Add every page to the application; the composition is found again through the app."""
    app.register_blueprint(site)
    assets.register(app)
    app.after_request(as_page)


__all__ = ["PAGES", "add_pages"]
