"""Pages for officers, the public and supervisors; a client of the API, with no rules of its own."""

import pkgutil
from importlib import import_module

from flask import Flask

from web import pages
from web.frame import assets
from web.frame.answers import as_page
from web.frame.site import site

# A view joins the blueprint when its module is imported: a new page is a module and nothing else.
for _module in pkgutil.walk_packages(pages.__path__, f"{pages.__name__}."):
    import_module(_module.name)


def add_pages(app: Flask, _composition: object) -> None:
    """Add every page to the application; they reach the composition through it."""
    app.register_blueprint(site)
    assets.register(app)
    app.after_request(as_page)


__all__ = ["add_pages"]
