"""Pages for officers, the public and supervisors; a client of the API, with no rules of its own."""

from flask import Flask

from web.frame import assets
from web.frame.answers import as_page
from web.frame.site import site
from web.pages.cases import case as cases
from web.pages.cases import photos
from web.pages.people import signing
from web.pages.places import places
from web.pages.processes import start
from web.pages.reports import grid as reports
from web.pages.reports import public
from web.pages.style import guide
from web.pages.tasks import home, inbox
from web.pages.tasks import task as tasks

PAGES = (cases, guide, home, inbox, photos, places, public, reports, signing, start, tasks)
"""The modules whose views the blueprint holds."""


def add_pages(app: Flask, _composition: object) -> None:
    """Add every page to the application; the composition is found again through the app."""
    app.register_blueprint(site)
    assets.register(app)
    app.after_request(as_page)


__all__ = ["PAGES", "add_pages"]
