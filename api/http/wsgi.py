"""Flask with unused features switched off, because every request pays for them."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Request, Response
from flask.sessions import NullSession, SessionInterface
from werkzeug.exceptions import BadHost, HTTPException
from werkzeug.routing import Map, MapAdapter

from api.http.request import Asked

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
REFUSED: Final = "hangji.refused"
"""Under this name of its environment a request carries the status the server refuses it with."""

_NO_HOST: Final = "host.invalid"
_SECURE_HEADERS: Final = {**_HEADERS, "Strict-Transport-Security": "max-age=31536000"}


class _NoSessions(SessionInterface):
    """Nothing is kept in signed cookies; sign-ins of pages have a table."""

    _nothing: Final = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:
        """Return the one read-only session."""
        del app, request
        return self._nothing


class Application(Flask):
    """A Flask application whose every answer carries the headers of `_HEADERS`."""

    request_class = Asked
    session_interface = _NoSessions()

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        wanted = _SECURE_HEADERS if environ["wsgi.url_scheme"] == "https" else _HEADERS

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            given = {name.lower() for name, _ in headers}
            headers += [header for header in wanted.items() if header[0].lower() not in given]
            return start_response(status, headers, *more)

        return super().wsgi_app(environ, start)

    def limit_of(self, environ: WSGIEnvironment) -> int:
        """Return how many bytes the body of a request may have, by its route."""
        try:
            endpoint, _ = self._bound(Asked(environ), _NO_HOST).match()
        except HTTPException:
            return 0  # refused or sent elsewhere, without its body
        default: int = self.config["MAX_CONTENT_LENGTH"]
        limit: int = getattr(self.view_functions[endpoint], "hangji_limit", default)
        return limit

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is: none is a coroutine, and Flask checks at every call."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Bind the rules to a request: one host, no subdomains.

        A host that cannot be one is refused by the request itself, not here: the page with the
        refusal has links to build.
        """
        if request is None:
            return None
        try:
            return self._bound(request, request.host)
        except BadHost as error:
            request.routing_exception = error
            return self._bound(request, _NO_HOST)

    def _bound(self, request: Request, host: str) -> MapAdapter:
        return MapAdapter(
            self.url_map,
            _server_name(host),
            request.root_path,
            "",
            request.scheme,
            request.path,
            request.method,
            request.query_string.decode(errors="replace"),
        )


@lru_cache(maxsize=64)
def _server_name(host: str) -> str:
    """Return the normalized host; cached, because a server has few names.

    Raises:
        BadHost: it cannot be one.
    """
    return Map().bind(host).server_name


class WrittenAnswer(Response):
    """A complete response: no body to close, no header to add."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send a plain 200 directly; other responses and HEAD take Werkzeug's usual path."""
        if self.status_code != HTTPStatus.OK or environ["REQUEST_METHOD"] == "HEAD":
            return super().__call__(environ, start_response)
        start_response(self.status, self.headers.to_wsgi_list())
        return [self.get_data()]
