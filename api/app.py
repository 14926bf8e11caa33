"""The application: blueprints, errors, headers and limits around one composition."""

from collections.abc import Callable, Iterable
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

from api import (
    areas,
    asking,
    attachments,
    businesses,
    case_diagrams,
    case_exports,
    case_legends,
    cases,
    colleagues,
    errors,
    health,
    inbox,
    incident_reports,
    logs,
    matters,
    metrics,
    names,
    openapi,
    paths,
    process_checks,
    processes,
    public_reports,
    reports,
    start_forms,
    tasks,
    tokens,
    wire,
)
from api.composition import Composition
from api.resources import JSON_BYTES, Resource
from storage.errors import NotFound

RESOURCES: Final[tuple[Resource, ...]] = (
    tokens.routes,
    reports.routes,
    public_reports.routes,
    attachments.routes,
    inbox.routes,
    tasks.routes,
    cases.routes,
    case_diagrams.routes,
    case_legends.routes,
    colleagues.routes,
    names.routes,
    case_exports.routes,
    incident_reports.routes,
    processes.routes,
    process_checks.routes,
    start_forms.routes,
    matters.routes,
    areas.routes,
    businesses.routes,
    health.routes,
)
"""Every resource of the API, in the order of its description."""

Pages = Callable[[Flask, Composition], None]

# Of fields that are no files; it bounds the decoder's buffer too, so it must hold a few chunks.
_FORM_MEMORY: Final = 512 << 10
_FORM_PARTS: Final = 20
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
    ),
}
"""What every answer carries; a page that needs more sets its own Content-Security-Policy."""
_SECURE_HEADERS: Final = {**_HEADERS, "Strict-Transport-Security": "max-age=31536000"}


class Application(Flask):
    """A Flask application whose every answer carries the headers of `_HEADERS`."""

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        wanted = _SECURE_HEADERS if environ["wsgi.url_scheme"] == "https" else _HEADERS

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:  # noqa: ANN401 - as PEP 3333 has it
            given = {name.lower() for name, _ in headers}
            headers += [one for one in wanted.items() if one[0].lower() not in given]
            return start_response(status, headers, *more)

        return super().wsgi_app(environ, start)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Give the function as it is: none of ours is a coroutine, and Flask asks at every call."""
        return func


def create_app(composition: Composition, pages: Iterable[Pages] = ()) -> Flask:
    """Make the application; `pages` add what is not API (the rooms beside this one)."""
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
    wire.use(app)
    paths.use(app)
    logs.register(app)
    metrics.register(app)
    app.before_request(_check_request)
    described = openapi.describe(app)
    # After flask-smorest, whose answers to errors these replace.
    errors.register(app)
    paths.describe(described)
    for resource in RESOURCES:
        described.register_blueprint(resource.blueprint)
    app.register_blueprint(openapi.add_pages(described).blueprint)
    for add_pages in pages:
        add_pages(app, composition)
    return app


def _check_request() -> None:
    if "\x00" in request.path:
        # No database takes a NUL; nothing can stand under such an address.
        message = "There is nothing at this address."
        raise NotFound(message, code="no_such_address")
    if request.endpoint is None:
        return
    view = current_app.view_functions[request.endpoint]
    request.max_content_length = getattr(view, "hangji_limit", JSON_BYTES)
    asking.enter(view)
