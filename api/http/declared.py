"""The declaration of a route, and how it is executed: one session, one response.

A declared write or read is done the same way for a request to the API and for a page.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from http import HTTPStatus
from typing import Any, Final

import marshmallow as ma
from flask import Response

from api.http import body as wire
from api.http import errors, idempotency
from api.http.auth import Needs, View
from api.http.idempotency import Attempt, KeyedAnswer, Ticket
from api.http.request import Ask, Reply, Sent, ask, composition
from engine.background import incidents
from engine.errors import DrawnFault
from engine.run.record import Answering
from storage.database.session import Session
from storage.errors import FormInvalid, HangjiError

JSON_BYTES: Final = 1 << 20
_DECLARED: Final = "hangji_declared"


REFUSALS: Final = "x-refusals"
"""Under this name an operation carries its statuses until the description is written."""


VERSIONED: Final = "x-versioned"
"""Whether an operation answers with an ETag; as above."""


class Nothing(ma.Schema):
    """An empty object."""


@dataclass(frozen=True, slots=True)
class Takes:
    """The body of a write: its schema, an example, and its maximum size.

    `prepare` runs before the transaction: slow work must not hold a lock. `pointer` is the place in
    the body of a form that is validated later. `on_fault` records an incident in a transaction of
    its own when an internal error stopped the write; without it only the fault of a diagram is
    recorded. `refuses_twice` is true where a repetition is refused anyway: the key need not be
    looked up before.
    """

    schema: type[ma.Schema] = Nothing
    example: Any = None
    pointer: str = ""
    prepare: Callable[[Sent, dict[str, Any]], Any] | None = None
    on_fault: Callable[..., None] | None = None
    refuses_twice: bool = False
    location: str = "json"
    limit: int = JSON_BYTES

    def documentation(self) -> dict[str, Any]:
        """Return the arguments that describe the body to flask-smorest."""
        has_required = any(field.required for field in self.schema().fields.values())
        example: dict[str, Any] = {"required": has_required, "location": self.location}
        if self.example is not None:
            example["example"] = self.example
        return example


NOTHING_TAKEN: Final = Takes()
"""For a write without a body."""


@dataclass(frozen=True, slots=True)
class Gives:
    """The response of a route.

    `is_secret` answers are never kept under an Idempotency-Key, they are given again, and never
    rehearsed: only a recorded act may show them; `finish` adds to a repeated answer what the first
    held `unkept`; `is_versioned` answers carry the version of their case as ETag, for If-Match;
    `shape` makes what the schema describes of what the view returns, as it is to be written.
    """

    schema: type[ma.Schema] | None = None
    status: int = HTTPStatus.OK
    content_type: str | None = None
    is_secret: bool = False
    is_versioned: bool = False
    shape: Callable[[Any], Any] | None = None
    finish: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """A declared write, done the same way for a request to the API and for the form of a page."""

    view: View
    method: str
    needs: Needs
    takes: Takes
    gives: Gives
    tells: wire.Body

    def perform(self, sent: Sent, told: dict[str, Any], path: dict[str, Any]) -> KeyedAnswer:
        """Do it in one transaction, once per key; `told` is the validated body."""
        takes, gives, is_dry = self.takes, self.gives, sent.is_dry
        query = {"dry_run": is_dry}
        _require_rehearsable(gives, is_dry=is_dry)
        # The ticket comes first: it hashes the upload and rewinds it.
        ticket = None if is_dry else ticket_for(sent, gives, takes)
        prepared = takes.prepare(sent, told) if takes.prepare is not None else None

        def work(session: Session, attempt: Attempt | None) -> KeyedAnswer:
            answer = None if attempt is None else _storing(attempt, gives)
            try:
                given = self.view(ask(session, sent, query, told, prepared, answer), **path)
            except FormInvalid as refused:
                _point(refused, takes.pointer)
                raise
            return (attempt and attempt.answer) or _answer(given, gives)

        try:
            given = perform(work, ticket, is_dry=is_dry)
        except Exception as error:
            note = noting(error, takes.on_fault)
            if note is None or is_dry:
                raise
            raise leave_incident(error, note, sent, told, path) from error
        return _finished(given, gives)


@dataclass(frozen=True, slots=True)
class Read:
    """A declared read, done the same way for a request to the API and for a page."""

    view: View
    needs: Needs
    gives: Gives
    asks: wire.Query
    audits: str | None = None
    """The act to put into the audit log, about what the address names, before a byte leaves."""
    notes: Callable[[Any], Callable[[Ask], None] | None] | None = None
    """Returns what to write about what was read, before a byte leaves; None writes nothing."""

    def perform(
        self, sent: Sent, query: dict[str, Any], path: dict[str, Any]
    ) -> KeyedAnswer | Response:
        """Read in one transaction; a file is returned as a response."""

        def look() -> Any:
            with composition().database.reading() as session:
                return self.view(ask(session, sent, query, {}, None), **path)

        given = errors.look_again(look)
        if self.audits is not None:
            self._put_on_file(self.audits, sent, query, path)
        note = None if self.notes is None else self.notes(given)
        if note is not None:
            with composition().database.transaction() as session:
                note(ask(session, sent, query, {}, None))
        return given if isinstance(given, Response) else _answer(given, self.gives)

    def _put_on_file(
        self, action: str, sent: Sent, query: dict[str, Any], path: dict[str, Any]
    ) -> None:
        """Recorded before a byte is sent: without its entry nothing is sent."""
        kind, subject = next(iter(path.items()))
        with composition().database.transaction() as session:
            ask(session, sent, query, {}, None).keep_on_file(action, kind, subject, query)


def keep_declared(view: View, declared: Read | Write) -> None:
    """Attach its declaration to the view of a route."""
    view.__dict__[_DECLARED] = declared


def declared_of(view: View) -> Read | Write:
    """Return the declaration of the view of a route."""
    declared: Read | Write = view.__dict__[_DECLARED]
    return declared


def _require_rehearsable(gives: Gives, *, is_dry: bool) -> None:
    if is_dry and gives.is_secret:
        message = "这项操作不能预演：只有记录在案的查看才能显示其内容。"
        raise FormInvalid(message, code="not_rehearsed")


def ticket_for(sent: Sent, gives: Gives, takes: Takes) -> Ticket | None:
    """Read the key of a write as its route declares, None when it carries none."""
    return idempotency.ticket_of(
        sent,
        secrets=composition().settings.secret_keys,
        now=composition().clock.now(),
        keeps_answer=not gives.is_secret,
        refuses_twice=takes.refuses_twice,
    )


def perform(work: idempotency.Work, ticket: Ticket | None, *, is_dry: bool) -> KeyedAnswer:
    """Do a write once per key, or rehearse it."""
    database = composition().database
    if is_dry:
        return idempotency.rehearse(database, work)
    return idempotency.perform(database, work, ticket)


def _finished(given: KeyedAnswer, gives: Gives) -> KeyedAnswer:
    if gives.finish is None or "Dry-Run" in given.headers:
        return given
    # A first answer has these fields from the act: nothing may fail after the act.
    body = gives.finish(given.body) if given.is_replayed else {**given.body, **given.unkept}
    return replace(given, body=body)


def noting(error: Exception, on_fault: Callable[..., None] | None) -> Callable[..., None] | None:
    """Return the function that records the incident of an error, None for an error without one."""
    if not errors.is_fault(error):
        return None
    return on_fault or (_note_drawn if isinstance(error, DrawnFault) else None)


def _note_drawn(request: Ask, error: DrawnFault, **_: Any) -> None:
    incidents.note_drawn(request.session, error, now=request.now)


def leave_incident(
    error: Exception,
    note: Callable[..., None],
    sent: Sent,
    told: dict[str, Any],
    path: dict[str, Any],
) -> HangjiError:
    """Record an incident for a fault; return the error for the caller.

    A fault of a diagram is returned as it is, an internal error without its message.
    """
    errors.tell_the_log(error)
    # The fault is logged already; a failure to record it must not hide it.
    with suppress(HangjiError):
        composition().database.run(
            lambda session: note(ask(session, sent, {}, told, None), error, **path)
        )
    if isinstance(error, DrawnFault):
        return error
    message = "这一步没有走成，案件保持原样，已通知督办人员。"
    return errors.StepFailed(message)


def _point(refused: FormInvalid, pointer: str) -> None:
    """Prefix the pointers of a refused form with its place in the body."""
    if pointer:
        refused.errors = [(f"{pointer}{one}", message) for one, message in refused.errors]


def _storing(attempt: Attempt, gives: Gives) -> Answering:
    """Return the function a step calls to store its answer in its own transaction."""
    return lambda done: attempt.store(_answer(done, gives))


def _answer(given: Any, gives: Gives) -> KeyedAnswer:
    reply = given if isinstance(given, Reply) else Reply(given)
    body = reply.body
    if gives.shape is not None:
        dumped = gives.shape(body)
    else:
        dumped = body if gives.schema is None else _made(gives.schema).dump(body)
    etag = {"ETag": f'"{dumped["version"]}"'} if gives.is_versioned else {}
    headers = {**etag, **reply.headers}
    return KeyedAnswer(reply.status or gives.status, dumped, headers, unkept=reply.unkept)


@cache
def _made(schema: type[ma.Schema]) -> ma.Schema:
    return schema()


def refusals(needs: Needs, rule: str, takes: Takes | None, *, has_query: bool) -> list[int]:
    """List the statuses a route may refuse with, by what it declares; for the description.

    The server adds its own, before a route is known: 408, 414, 431.
    """
    # Every route reads a token and an If-Match where they are sent.
    found = {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.PRECONDITION_FAILED,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }
    if needs.signed_in:
        found.add(HTTPStatus.FORBIDDEN)
    else:
        # Callers who are not signed in are counted by address.
        found.add(HTTPStatus.TOO_MANY_REQUESTS)
    if "<" in rule:
        found |= {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}
    if has_query:
        found.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    if takes is not None:
        found |= _of_a_write(takes)
    return sorted(found)


def _of_a_write(takes: Takes) -> set[HTTPStatus]:
    found = {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.CONFLICT,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
    if takes.schema is not Nothing:
        found.add(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    if takes.location == "files":
        found.add(HTTPStatus.TOO_MANY_REQUESTS)
    return found
