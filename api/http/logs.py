"""One JSON line per request, of allow-listed fields only; never a body, a name or a number."""

import logging
import os
import re
import sys
import time
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, Final, TextIO

import orjson
import structlog
from flask import Flask, Response

from api.http.request import Asked, composition, present_request
from api.settings import Settings
from api.telemetry.libraries import listen
from engine.time.clock import SystemClock
from engine.tracing import read, start

_FIELDS: Final = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "logger",
        "told",
        "request_id",
        "trace_id",
        "method",
        "route",
        "status",
        "ms",
        "officer",
        "replayed",
        "error",
        "place",
        "case",
        "running",
        "element",
        "attempts",
        "count",
        "channel",
        "worker",
        "operation",
        "kind",
    }
)
_FORWARDING: Final = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP")
_NOTICED: Final = "hangji.unknown_proxy"
UNKNOWN_PROXY: Final = "unknown-proxy"
"""File in the var folder that says: forwarded requests came, and HANGJI_PROXIES is 0."""

_log = structlog.get_logger("hangji.api.logs")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}")


def configure(stream: TextIO | None = None) -> None:
    """Write log lines as JSON; done once by whoever starts a process."""
    _out.stream = stream
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            allow_listed,
            structlog.processors.JSONRenderer(ensure_ascii=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: _out,
        cache_logger_on_first_use=False,
    )
    # SpiffWorkflow builds its messages even when nobody reads them.
    logging.getLogger("spiff").setLevel(logging.WARNING)
    listen()


class _Lines:
    """Writes to a stream, or to the current stderr; a failed write raises nothing."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream

    def entry(self, fields: dict[str, Any]) -> None:
        """Write an entry whose fields are known to be allowed."""
        self.msg(orjson.dumps(fields, option=orjson.OPT_UTC_Z).decode())

    def msg(self, line: str) -> None:
        """Write one line."""
        stream = self.stream or sys.stderr
        with suppress(OSError, ValueError):
            stream.write(f"{line}\n")
            stream.flush()

    debug = info = warning = error = critical = msg


_out: Final = _Lines()
_clock: Final = SystemClock()


def allow_listed(
    _logger: object, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop every field that is not on the allow-list."""
    return {name: value for name, value in entry.items() if name in _FIELDS}


def register(app: Flask) -> None:
    """Give every request an id and write its line; never without the allow-list."""
    if not structlog.is_configured():
        configure()
    app.before_request(_begin)
    app.after_request(_end)


def is_forwarded(environ: Mapping[str, Any]) -> bool:
    """Whether a proxy forwarded the request; then every request has the proxy's address."""
    return not environ.keys().isdisjoint(_FORWARDING)


def report_unknown_proxy(app: Flask, settings: Settings) -> None:
    """Detect the first request that came through a proxy missing from the settings.

    Behind such a proxy everybody is one caller: limits hit all at once, and pages for this machine
    are open to everybody. `hangji doctor` finds the file.
    """

    def look() -> None:
        asked = present_request()
        if app.extensions.get(_NOTICED) or not is_forwarded(asked.environ):
            return
        # Anybody can write these headers; only a proxy also comes from an inner address.
        if not _is_inner(asked.environ.get("REMOTE_ADDR", "")):
            return
        app.extensions[_NOTICED] = True
        _log.warning("forwarded_without_proxies")
        with suppress(OSError):
            (settings.var_folder / UNKNOWN_PROXY).touch()

    if not settings.proxies:
        app.before_request(look)


def _is_inner(address: str) -> bool:
    try:
        return ip_address(address).is_private
    except ValueError:
        return False


def _begin() -> None:
    asked = present_request()
    named = asked.environ.get("HTTP_X_REQUEST_ID", "")
    asked.trace_id = start(_named_trace(asked))
    asked.request_id = named if _REQUEST_ID.fullmatch(named) else os.urandom(8).hex()
    asked.began = time.perf_counter()


def _named_trace(asked: Asked) -> str | None:
    """Only a proxy of ours may name a trace: anybody could mix their requests with others'."""
    if not composition().settings.proxies:
        return None
    return read(asked.environ.get("HTTP_TRACEPARENT"))


def _end(response: Response) -> Response:
    asked = present_request()
    response.headers["X-Request-Id"] = asked.request_id
    # Written without the chain of processors, which costs more than the line: these fields, and
    # no others, are on the list.
    _out.entry(
        {
            "request_id": asked.request_id,
            "trace_id": asked.trace_id,
            "method": asked.method,
            # The rule, not the path: a path may hold a case number.
            "route": asked.url_rule.rule if asked.url_rule else None,
            "status": response.status_code,
            "ms": round((time.perf_counter() - asked.began) * 1000, 1),
            "officer": None if asked.actor is None else asked.actor.id,
            "replayed": asked.is_replayed,
            "event": "request",
            "level": "info",
            "timestamp": _clock.now(),
        }
    )
    return response
