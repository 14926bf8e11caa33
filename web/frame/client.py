"""Asking the API from inside the same application, as the signed-in officer; no network.

A page is one more client of the API: what an officer may see or do is decided there, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

BASE = "/api/v1"
OK = 200
REFUSED = 400

Question = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """What the API said: `data` is its JSON, a problem document when `is_problem`."""

    status: int
    data: Any
    response: Response

    @property
    def is_problem(self) -> bool:
        """Whether the API refused."""
        return self.status >= REFUSED

    @property
    def items(self) -> list[dict[str, Any]]:
        """The entries of a list; none when it was refused."""
        return [] if self.is_problem else list(self.data["items"])


@dataclass(frozen=True, slots=True)
class Client:
    """The API as one caller sees it; `token` is None for the public.

    Lives as long as one request of a page, and reads nothing twice in it.
    """

    app: Flask
    token: str | None
    language: str
    address: str
    read: dict[Question, ApiAnswer] = field(default_factory=dict)

    def get(self, path: str, **query: str | None) -> ApiAnswer:
        """Answer of a GET, asked once per page however often it is needed."""
        asked = {name: value for name, value in query.items() if value}
        question = (path, tuple(sorted(asked.items())))
        if question not in self.read:
            self.read[question] = self._ask(path, {"method": "GET", "query_string": asked})
        return self.read[question]

    def post(self, path: str, body: Mapping[str, Any], *, key: str | None = None) -> ApiAnswer:
        """Write; `key` makes a repeated submit harmless."""
        return self._write(path, {"method": "POST", "json": dict(body)}, key=key)

    def put(self, path: str, body: Mapping[str, Any]) -> ApiAnswer:
        """Replace a resource."""
        return self._write(path, {"method": "PUT", "json": dict(body)})

    def upload(self, path: str, file: FileStorage, *, key: str | None = None) -> ApiAnswer:
        """Send one file; under the same key the same file gets the same id again."""
        data = {"file": (file.stream, file.filename or "photo", file.mimetype)}
        return self._write(path, {"method": "POST", "data": data}, key=key)

    def _write(self, path: str, options: dict[str, Any], *, key: str | None = None) -> ApiAnswer:
        self.read.clear()
        return self._ask(path, options, key=key)

    def _ask(self, path: str, options: dict[str, Any], *, key: str | None = None) -> ApiAnswer:
        headers = {"Accept-Language": self.language, "Accept": "application/json"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if key is not None:
            headers["Idempotency-Key"] = key
            headers["X-Client-Id"] = key
        builder = EnvironBuilder(
            # What stands in an address of a page must not become a question of ours.
            path=quote(f"{BASE}{path}", safe="/"),
            headers=list(headers.items()),
            environ_overrides={"REMOTE_ADDR": self.address},
            **options,
        )
        environ = builder.get_environ()
        try:
            response = Response.from_app(self.app.wsgi_app, environ, buffered=True)
        finally:
            # A large upload is a file on the disk by now.
            environ["wsgi.input"].close()
            builder.close()
        data = response.get_json(silent=True) if _is_json(response) else None
        return ApiAnswer(response.status_code, data, response)


def _is_json(response: Response) -> bool:
    return "json" in (response.mimetype or "")
