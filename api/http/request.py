"""One request as a view sees it, and whether the route admits its caller."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

import orjson
from flask import Flask, Request, current_app, request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import ClientDisconnected

from api.composition import Composition
from api.http import auth
from api.http.auth import View
from engine.reads.reading import Reading
from engine.run.record import Answering
from engine.run.runner import Runner
from storage.audit.log import PUBLIC, add_audit
from storage.database.session import Session
from storage.errors import NotSignedIn, Stale
from storage.people.actors import Actor

_JSON: Final = "application/json"
FORM: Final = "multipart/form-data"
_LENGTH_DIGITS: Final = 19
_VERSION_DIGITS: Final = 9


class Sent(Protocol):
    """A read or a write as it was sent: by a request to the API, or by a page."""

    actor: Actor | None
    is_dry: bool
    method: str
    path: str

    @property
    def query_string(self) -> bytes:
        """The query of the address."""
        ...

    @property
    def remote_addr(self) -> str | None:
        """The address of the caller."""
        ...

    @property
    def key(self) -> str | None:
        """The key under which it is done once."""
        ...

    @property
    def client_id(self) -> str:
        """Whose key it is without a sign-in."""
        ...

    @property
    def seen_version(self) -> int | None:
        """The version the caller has seen, None for any."""
        ...

    @property
    def mimetype(self) -> str:
        """The media type of the body."""
        ...

    @property
    def form(self) -> MultiDict[str, str]:
        """The texts of a multipart body."""
        ...

    @property
    def files(self) -> MultiDict[str, FileStorage]:
        """The files of a multipart body."""
        ...

    def canonical(self) -> bytes:
        """Write a JSON body with sorted keys."""
        ...

    def whole_body(self) -> bytes:
        """Return the body as it came."""
        ...


@dataclass(slots=True)
class Typed:
    """What a page sends: the values of its form, as a body for a route of the API."""

    actor: Actor | None
    method: str
    path: str
    remote_addr: str | None
    key: str | None
    document: Any = None
    files: MultiDict[str, FileStorage] = field(default_factory=MultiDict)
    is_dry: bool = False
    query_string: bytes = b""
    seen_version: int | None = None
    form: MultiDict[str, str] = field(default_factory=MultiDict)

    @property
    def client_id(self) -> str:
        """The key of a form is drawn at random for one page: nobody else has it."""
        return self.key or ""

    @property
    def mimetype(self) -> str:
        """A body with files is a form, any other JSON."""
        return FORM if self.files else _JSON

    def canonical(self) -> bytes:
        """Write the values with sorted keys."""
        return orjson.dumps(self.document, option=orjson.OPT_SORT_KEYS)

    def whole_body(self) -> bytes:
        """Return the values as JSON."""
        return self.canonical()


class Asked(Request):
    """One HTTP request, with values computed from it once."""

    request_id: str = ""
    trace_id: str = ""
    began: float = 0.0
    """On the clock of `time.perf_counter`, in seconds."""
    actor: Actor | None = None
    is_replayed: bool = False
    is_dry: bool = False
    _body: bytes | None = None
    _document: Any = None
    _canonical: bytes | None = None
    _is_parsed: bool = False

    def whole_body(self) -> bytes:
        """Return the body; one with an announced and allowed length is read at once.

        Werkzeug would wind it through a stream that counts.
        """
        if self._body is None:
            environ, most = self.environ, self.max_content_length
            length = environ.get("CONTENT_LENGTH", "")
            is_told = (
                length.isdecimal()
                and len(length) < _LENGTH_DIGITS
                and "HTTP_TRANSFER_ENCODING" not in environ
            )
            if not is_told or most is None or int(length) > most:
                return self.get_data(cache=True)
            self._body = environ["wsgi.input"].read(int(length))
            if len(self._body) < int(length):
                raise ClientDisconnected
        return self._body

    def document(self) -> Any:
        """Parse the body, once; an empty one is an empty object.

        Raises:
            orjson.JSONDecodeError: it is no JSON.
        """
        if not self._is_parsed:
            self._document = orjson.loads(self.whole_body() or b"{}")
            self._is_parsed = True
        return self._document

    def canonical(self) -> bytes:
        """Write the body with sorted keys, once: read for hostile text, then hashed.

        Raises:
            orjson.JSONDecodeError: it is no JSON.
            orjson.JSONEncodeError: it is nested too deeply to be written.
        """
        if self._canonical is None:
            document = self._document if self._is_parsed else self.document()
            self._canonical = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
        return self._canonical

    @property
    def key(self) -> str | None:
        """The `Idempotency-Key`."""
        key: str | None = self.environ.get("HTTP_IDEMPOTENCY_KEY")
        return key

    @property
    def client_id(self) -> str:
        """The `X-Client-Id`."""
        return self.headers.get("X-Client-Id", "")

    @property
    def seen_version(self) -> int | None:
        """The version `If-Match` names.

        Raises:
            Stale: it names none.
        """
        return _seen_version(self.environ.get("HTTP_IF_MATCH", "*").strip())

    @property
    def mimetype(self) -> str:
        """The media type of the body, lower case, without parameters."""
        media_type = self.environ.get("CONTENT_TYPE")
        return _JSON if media_type == _JSON else super().mimetype


@dataclass(slots=True)
class Ask:
    """One request as a view sees it."""

    composition: Composition
    session: Session
    sent: Sent
    someone: Actor | None
    now: datetime
    query: dict[str, Any]
    body: dict[str, Any]
    prepared: Any = None
    seen_version: int | None = None
    answer: Answering | None = None
    """Makes the answer of a step, to be stored in the same write; None without a key."""

    @property
    def actor(self) -> Actor:
        """Who is signed in."""
        if self.someone is None:
            message = "Sign in first."
            raise NotSignedIn(message)
        return self.someone

    @property
    def runner(self) -> Runner:
        """The runner that executes steps of cases."""
        return self.composition.runner

    @property
    def reading(self) -> Reading:
        """What the reads of the engine need."""
        return self.composition.reading(self.session, self.someone)

    def keep_on_file(
        self, action: str, kind: str, subject: object, data: Mapping[str, Any] | None = None
    ) -> None:
        """Put an act that is no step of a case into the audit log, in its own transaction.

        Raises:
            NotSignedIn: the caller was suspended since this process read the account.
        """
        someone = self.someone
        add_audit(
            self.session,
            at=self.now,
            actor=someone.reference if someone is not None else PUBLIC,
            action=action,
            subject_kind=kind,
            subject=str(subject),
            data=data,
            account=None if someone is None else (someone.id, someone.token_version),
        )

    def agree_on(self, version: int) -> None:
        """Refuse when the caller has seen another version (If-Match).

        Raises:
            Stale: the version named is not the current one.
        """
        if self.seen_version is not None and self.seen_version != version:
            message = "Changed meanwhile; read it again."
            raise Stale(message, version=version)


@dataclass(frozen=True, slots=True)
class Reply:
    """A view's answer with headers of its own."""

    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    unkept: dict[str, Any] = field(default_factory=dict)


def present_request() -> Asked:
    """Return the current request itself: the proxy looks it up at each attribute."""
    found: Asked = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - as Flask's manual has it
    return found


def composition() -> Composition:
    """Return the composition of the application that answers this request."""
    present: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - as `present_request`
    made: Composition = present.extensions["hangji"]
    return made


def enter(asked: Asked, view: View) -> None:
    """Identify the caller and check that this route admits them; runs before every view."""
    needs = auth.declared(view)
    if needs is None or not needs.reads_token:
        return
    made = composition()
    token = auth.bearer(asked.environ.get("HTTP_AUTHORIZATION"))
    if token is not None:
        officer_id, version = made.tokens.read(token, now=made.clock.now())
        asked.actor = made.actors.get(officer_id, version)
    needs.check(asked.actor)


def ask(
    session: Session,
    sent: Sent,
    query: dict[str, Any],
    body: dict[str, Any],
    prepared: Any,
    answer: Answering | None = None,
) -> Ask:
    """Put what was sent together for a view."""
    made = composition()
    return Ask(
        composition=made,
        session=session,
        sent=sent,
        someone=sent.actor,
        now=made.clock.now(),
        query=query,
        body=body,
        prepared=prepared,
        seen_version=sent.seen_version,
        answer=answer,
    )


def _seen_version(text: str) -> int | None:
    if text == "*":
        return None
    digits = text.removeprefix("W/").strip('"')
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _VERSION_DIGITS):
        message = "If-Match names no version of this."
        raise Stale(message)
    return int(digits)
