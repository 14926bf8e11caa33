"""The application: blueprints, errors, headers and limits around one composition."""

import pkgutil
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Final

from flask import Flask, abort, current_app
from werkzeug.middleware.proxy_fix import ProxyFix

from api import for_pages, resources
from api.composition import Composition
from api.http import body as wire
from api.http import errors, logs, metrics, openapi, paths
from api.http.request import enter, present_request
from api.http.routes import JSON_BYTES, Resource
from api.http.wsgi import REFUSED, Application
from storage.errors import NotFound


def _resources() -> Iterator[Resource]:
    """The `routes` of every module below `api.resources`, found without a list."""
    for module in pkgutil.walk_packages(resources.__path__, f"{resources.__name__}."):
        routes = getattr(import_module(module.name), "routes", None)
        if routes is not None:
            yield routes


RESOURCES: Final = tuple(_resources())
"""Every resource of the API, in the order of the modules' names."""

Pages = Callable[[Flask, Composition], None]

# Limit of fields other than files; it bounds the decoder's buffer too: a few chunks must fit.
_FORM_MEMORY: Final = 512 << 10
_FORM_PARTS: Final = 20


def create_app(composition: Composition, pages: Iterable[Pages] = ()) -> Application:
    """Create the application; `pages` register routes that are not API, such as those of `web`."""
    app = Application("api", static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=JSON_BYTES,
        MAX_FORM_MEMORY_SIZE=_FORM_MEMORY,
        MAX_FORM_PARTS=_FORM_PARTS,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.extensions["hangji"] = composition
    proxies = composition.settings.proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]  # as Flask's manual does
    for_pages.use(app, composition)
    wire.use(app)
    paths.use(app)
    logs.register(app)
    logs.report_unknown_proxy(app, composition.settings)
    metrics.register(app)
    app.before_request(_check_request)
    described = openapi.describe(app)
    # After flask-smorest, whose answers to errors these replace.
    errors.register(app)
    for resource in RESOURCES:
        described.register(resource.blueprint)
    app.register_blueprint(openapi.add_pages(described).blueprint)
    for add_pages in pages:
        add_pages(app, composition)
    return app


def _check_request() -> None:
    asked = present_request()
    if REFUSED in asked.environ:
        abort(asked.environ[REFUSED])
    if "\x00" in asked.path:
        # No database accepts a NUL, so nothing can exist at such an address.
        message = "There is nothing at this address."
        raise NotFound(message, code="no_such_address")
    if asked.endpoint is None or asked.routing_exception is not None:
        return
    view = current_app.view_functions[asked.endpoint]
    asked.max_content_length = getattr(view, "hangji_limit", JSON_BYTES)
    enter(asked, view)
