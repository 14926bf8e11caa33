"""A port of its own for a process without requests: scheduler and worker show their metrics."""

import hmac
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST

__all__ = ["is_admitted", "open_port"]

_PATH: Final = "/metrics"


def is_admitted(authorization: str, token: str | None) -> bool:
    """Whether a caller has the token of the metrics; without one anybody has."""
    if token is None:
        return True
    given = authorization.removeprefix("Bearer ")
    return hmac.compare_digest(token.encode(), given.encode("utf-8", "replace"))


def open_port(host: str, port: int, write: Callable[[], bytes], *, token: str | None) -> int:
    """Answer `/metrics` at a port, in threads that end with the process; return the port.

    Raises:
        OSError: another program has the port.
    """

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.partition("?")[0] != _PATH:
                self._answer(HTTPStatus.NOT_FOUND)
            elif not is_admitted(self.headers.get("Authorization", ""), token):
                self._answer(HTTPStatus.UNAUTHORIZED)
            else:
                self._answer(HTTPStatus.OK, write())

        def log_message(self, *_: object) -> None:
            """Write no line for a scrape."""

        def _answer(self, status: HTTPStatus, body: bytes = b"") -> None:
            self.send_response(status)
            self.send_header("Content-Type", CONTENT_TYPE_LATEST)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer((host, port), Answering)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return int(server.server_port)
