"""Receives requests: a thread is taken only once a request has arrived whole.

The server hands requests over in an event loop (RSGI). There the body is received, in memory or on
disk, while a watch ends whoever sends too slowly; then one of the threads runs the application.
Idle clients therefore occupy no thread.
"""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from queue import SimpleQueue
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, NamedTuple, Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

import structlog
from granian.rsgi import Scope

from api.http.wsgi import REFUSED

Headers = list[tuple[str, str]]
Wsgi = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]

_MEMORY: Final = 256 << 10
"""A body above this goes to a file: many large ones at once must not fill the memory."""
_ADDRESS: Final = 8 << 10
_HEADERS: Final = 32 << 10
_LENGTH_DIGITS: Final = 18
_LOOK_SECONDS: Final = 1.0
_LOOKS: Final = 4  # within the shortest patience
_UNPREFIXED: Final = frozenset({"CONTENT_LENGTH", "CONTENT_TYPE"})
_SEPARATORS: Final = {"HTTP_COOKIE": "; "}
_log = structlog.get_logger("hangji.api.receiving")


@dataclass(frozen=True, slots=True)
class Patience:
    """How slowly a body may come."""

    silence_seconds: float = 20.0
    """Without a byte."""
    grace_seconds: float = 30.0
    """From here on the rate counts, over all of the time."""
    bytes_per_second: float = 2_000.0


class Exchange(Protocol):
    """The server's side of a request: reads its body and sends its response."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Return the body as it comes."""
        ...

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Send the answer."""
        ...


class _RequestCall(NamedTuple):
    """A request that has been received whole."""

    environ: WSGIEnvironment
    proto: Exchange
    done: "asyncio.Future[None]"


@dataclass(slots=True, eq=False)
class _Reception:
    """One body on its way in."""

    call: _RequestCall
    task: "asyncio.Task[Any] | None"
    began: float
    heard: float
    size: int = 0
    blanks: int = 0
    """Chunks without a byte at the end: one ends a whole body, a further one says it broke off."""
    is_ended: bool = False

    def is_broken_off(self) -> bool:
        """Whether a body of unknown length ended before its last chunk."""
        return self.blanks > 1

    def is_too_slow(self, now: float, patience: Patience) -> bool:
        lasted = now - self.began
        return now - self.heard > patience.silence_seconds or (
            lasted > patience.grace_seconds and self.size < lasted * patience.bytes_per_second
        )


class Door:
    """Receives requests in the event loop and runs a WSGI application in threads of its own."""

    def __init__(
        self,
        app: Wsgi,
        *,
        limit_of: Callable[[WSGIEnvironment], int],
        threads: int,
        patience: Patience,
    ) -> None:
        self._app = app
        self._limit_of = limit_of
        self._threads = threads
        self._patience = patience
        self._receptions: set[_Reception] = set()
        self._calls: SimpleQueue[_RequestCall] = SimpleQueue()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the threads and the watch, inside the process that serves."""
        self._loop = loop
        for number in range(self._threads):
            threading.Thread(target=self._work, name=f"request-{number}", daemon=True).start()
        self._watch()

    async def __rsgi__(self, scope: Scope, proto: Exchange) -> None:
        """Receive one request, have it answered, and wait until it is."""
        environ = _environ(scope)
        call = _RequestCall(environ, proto, self._loop.create_future())
        if "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ:
            is_whole = await self._receive(call)
            if not is_whole:
                return
        self._calls.put(call)
        await call.done

    async def _receive(self, call: _RequestCall) -> bool:
        """Put the body into the environment; False when the request is over already.

        A body over the limit of its route is not received: the application refuses it by the
        length it was announced with, or by what came until then.
        """
        environ = call.environ
        text = environ.get("CONTENT_LENGTH")
        length = int(text) if text and text.isdecimal() and len(text) <= _LENGTH_DIGITS else None
        is_small = length is not None and length <= _MEMORY
        limit = _MEMORY if is_small else self._limit_of(environ)
        if REFUSED in environ or (text is not None and (length is None or length > limit)):
            return True
        now = self._loop.time()
        reception = _Reception(call, asyncio.current_task(), now, now)
        body = SpooledTemporaryFile(_MEMORY)  # noqa: SIM115 - closed once answered
        self._receptions.add(reception)
        try:
            await self._collect(reception, body, limit if length is None else length)
        except asyncio.CancelledError:
            if not reception.is_ended:
                raise
        finally:
            self._receptions.discard(reception)
        if reception.is_ended:
            body.close()
            await call.done
            return False
        if length is not None and reception.size < length:
            body.close()  # the caller has left
            return False
        if length is None and reception.is_broken_off():
            body.close()
            environ[REFUSED] = HTTPStatus.BAD_REQUEST
            return True
        body.seek(0)
        environ["wsgi.input"] = body
        environ["CONTENT_LENGTH"] = str(reception.size)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return True

    async def _collect(self, reception: _Reception, body: IO[bytes], most: int) -> None:
        async for chunk in reception.call.proto:
            reception.blanks = 0 if chunk else reception.blanks + 1
            if chunk:
                body.write(chunk)
                reception.size += len(chunk)
                reception.heard = self._loop.time()
            if reception.size >= most:
                return

    def _watch(self) -> None:
        """End the receptions that are too slow; look again in a moment."""
        shortest = min(self._patience.silence_seconds, self._patience.grace_seconds)
        self._loop.call_later(min(_LOOK_SECONDS, shortest / _LOOKS), self._watch)
        now = self._loop.time()
        slow = [
            reception
            for reception in self._receptions
            if reception.is_too_slow(now, self._patience)
        ]
        for reception in slow:
            self._receptions.discard(reception)
            reception.is_ended = True
            reception.call.environ[REFUSED] = HTTPStatus.REQUEST_TIMEOUT
            self._calls.put(reception.call)
            if reception.task is not None:
                reception.task.cancel()

    def _work(self) -> None:
        while True:
            call = self._calls.get()
            status, headers, content = self._answer(call.environ)
            # The client may be gone, and at the end of the process the loop as well.
            with suppress(Exception):
                call.proto.response_bytes(status, headers, content)
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(_settle, call.done)
            del call  # a connection ends only once every reference to it is released

    def _answer(self, environ: WSGIEnvironment) -> tuple[int, Headers, bytes]:
        answer: list[tuple[int, Headers]] = []

        def start(status: str, headers: Headers, *_: Any) -> Callable[[bytes], object]:
            answer[:] = [(int(status[:3]), headers)]
            return bytes  # `write` is the legacy callable of WSGI; it is not used here

        try:
            parts = self._app(environ, start)
            try:
                content = b"".join(parts)
            finally:
                getattr(parts, "close", bool)()
        except Exception as error:  # noqa: BLE001 - a thread that ends is not replaced
            _log.error("failed", error=type(error).__name__)
            return HTTPStatus.INTERNAL_SERVER_ERROR, [], b""
        finally:
            environ["wsgi.input"].close()
        status, headers = answer[0]
        if REFUSED in environ:
            headers.append(("Connection", "close"))
        return status, headers, content


def _settle(done: "asyncio.Future[None]") -> None:
    if not done.done():
        done.set_result(None)


def _environ(scope: Scope) -> WSGIEnvironment:
    """Write a request as PEP 3333 has it."""
    host, _, port = scope.server.rpartition(":")
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        # WSGI wants the bytes of the address as Latin-1.
        "PATH_INFO": scope.path.encode("utf-8", "replace").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    size = 0
    for header, value in scope.headers.items():
        size += len(header) + len(value)
        if "_" in header:
            continue  # it would pass for the one with a hyphen, which a proxy watches over
        name = header.upper().replace("-", "_")
        if name not in _UNPREFIXED:
            name = f"HTTP_{name}"
        earlier = environ.get(name)
        separator = _SEPARATORS.get(name, ",")
        environ[name] = value if earlier is None else f"{earlier}{separator}{value}"
    if len(scope.path) + len(scope.query_string) > _ADDRESS:
        environ[REFUSED] = HTTPStatus.REQUEST_URI_TOO_LONG
    elif size > _HEADERS:
        environ[REFUSED] = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    return environ
