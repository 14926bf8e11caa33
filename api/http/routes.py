"""How a route is declared: its needs, its schemas, one session, one answer.

Every route of the API is made here, so none can forget its declaration, its transaction or its
idempotency key. What a route does stands in the module of its resource.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, wraps
from http import HTTPStatus
from typing import Any, Final

import marshmallow as ma
from flask import Response
from flask_smorest import Api, Blueprint

from api.http import body as wire
from api.http import errors, idempotency
from api.http import language as wording
from api.http.auth import Needs, View
from api.http.idempotency import Attempt, KeyedAnswer, Ticket
from api.http.request import Ask, Reply, Sent, ask, composition, present_request
from api.http.wsgi import WrittenAnswer
from engine.run.record import Answering
from storage.database.session import Session
from storage.errors import FormInvalid, HangjiError

PREFIX: Final = "/api/v1"
_REHEARSED: Final = "A rehearsal (`dry_run`): what would happen, under `Dry-Run: true`."
JSON_BYTES: Final = 1 << 20
_DECLARED: Final = "hangji_declared"

__all__ = ["Api", "Ask", "Gives", "Nothing", "Rehearsal", "Reply", "Resource", "Takes"]

Wrap = Callable[[View], View]


class Nothing(ma.Schema):
    """An empty object."""


class Rehearsal(ma.Schema):
    """What every write takes besides its body."""

    dry_run = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "Answer with what would happen; nothing is written."},
    )


@dataclass(frozen=True, slots=True)
class Takes:
    """What a write takes: the schema of its body, an example, and how much of it.

    `prepare` runs before the transaction: what takes long must not hold a lock. `pointer` is
    where a form checked further down stands in the body. `on_fault` leaves an incident in a
    transaction of its own when a fault of ours kept the write from going through. `refuses_twice`
    is true where a second time is refused anyway: the key need not be looked up before.
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
        """How flask-smorest is told of the body."""
        has_required = any(field.required for field in self.schema().fields.values())
        told: dict[str, Any] = {"required": has_required, "location": self.location}
        if self.example is not None:
            told["example"] = self.example
        return told


@dataclass(frozen=True, slots=True)
class Gives:
    """What a route answers.

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
        """Do it in one transaction, once per key; `told` is its body, checked."""
        takes, gives, is_dry = self.takes, self.gives, sent.is_dry
        query = {"dry_run": is_dry}
        _require_rehearsable(gives, is_dry=is_dry)
        # First the ticket: it reads the upload to know it again, and winds it back.
        ticket = None if is_dry else _ticket(sent, gives, takes)
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
            given = _perform(work, ticket, is_dry=is_dry)
        except Exception as error:
            if takes.on_fault is None or is_dry or not errors.is_fault(error):
                raise
            raise _on_file(error, takes.on_fault, sent, told, path) from error
        return _finished(given, gives)


@dataclass(frozen=True, slots=True)
class Read:
    """A declared read, done the same way for a request to the API and for a page."""

    view: View
    needs: Needs
    gives: Gives
    asks: wire.Query

    def perform(
        self, sent: Sent, query: dict[str, Any], path: dict[str, Any]
    ) -> KeyedAnswer | Response:
        """Look, in one transaction; a file comes as a response."""

        def look() -> Any:
            with composition().database.reading() as session:
                return self.view(ask(session, sent, query, {}, None), **path)

        given = errors.look_again(look)
        return given if isinstance(given, Response) else _answer(given, self.gives)


def declared_of(view: View) -> "Read | Write":
    """Return what the view of a route was declared as."""
    declared: Read | Write = view.__dict__[_DECLARED]
    return declared


class Resource:
    """The routes of one resource."""

    def __init__(self, name: str, description: str, *, prefix: str = PREFIX) -> None:
        self.blueprint = Blueprint(name, name, url_prefix=prefix, description=description)

    def get(
        self, rule: str, *, needs: Needs, gives: Gives, query: type[ma.Schema] = Nothing
    ) -> Wrap:
        """Declare a route that reads, in one picture of the database."""

        def declare(view: View) -> View:
            asks = wire.Query(query)
            declared = Read(view, needs, gives, asks)

            @wraps(view)
            def read(**path: Any) -> Response:
                asked = asks.read()
                given = declared.perform(present_request(), asked, path)
                if isinstance(given, Response):
                    return given
                return _response(given, caching="private, no-cache")

            read.__dict__[_DECLARED] = declared
            self._route(rule, "GET", read, needs=needs, gives=gives, query=query)
            return view

        return declare

    def post(
        self,
        rule: str,
        *,
        needs: Needs,
        gives: Gives,
        takes: Takes = Takes(),
        method: str = "POST",
    ) -> Wrap:
        """Declare a route that writes, in one transaction, once per Idempotency-Key."""

        def declare(view: View) -> View:
            asks, tells = wire.Query(Rehearsal), wire.Body(takes.schema, takes.location)
            declared = Write(view, method, needs, takes, gives, tells)

            @wraps(view)
            def write(**path: Any) -> Response:
                asked, told, sent = asks.read(), tells.read(), present_request()
                sent.is_dry = asked["dry_run"]
                return _response(declared.perform(sent, told, path))

            write.__dict__[_DECLARED] = declared
            self._route(rule, method, write, needs=needs, gives=gives, takes=takes)
            return view

        return declare

    def post_each(self, rule: str, *, needs: Needs, takes: Takes, gives: Gives, items: str) -> Wrap:
        """Declare a write that is many: one transaction, one result or problem per item."""

        def declare(view: View) -> View:
            asks, tells = wire.Query(Rehearsal), wire.Body(takes.schema, takes.location)

            @wraps(view)
            def write() -> Response:
                asked, told, sent = asks.read(), tells.read(), present_request()
                is_dry = asked["dry_run"]
                ticket = None if is_dry else _ticket(sent, gives, takes)
                earlier = idempotency.recall(composition().database, ticket)
                if earlier is not None:
                    return _response(earlier)
                answers = []
                for at, item in enumerate(told[items]):
                    one = ticket and ticket._replace(key=f"{ticket.key}#{at}")
                    work = _work_on(view, told, item)
                    try:
                        answers.append(_one_of_many(work, one, item, is_dry=is_dry))
                    except Exception as error:
                        if takes.on_fault is None or is_dry or not errors.is_fault(error):
                            raise
                        failed = _on_file(error, takes.on_fault, sent, item, {})
                        answers.append(_failed(item, failed))
                whole = KeyedAnswer(HTTPStatus.OK, {"items": answers})
                return _response(_perform(lambda *_: whole, ticket, is_dry=is_dry))

            self._route(rule, "POST", write, needs=needs, gives=gives, takes=takes)
            return view

        return declare

    def put(self, rule: str, **declaration: Any) -> Wrap:
        """Declare a write that replaces something; otherwise as `post`."""
        return self.post(rule, method="PUT", **declaration)

    def plain(self, rule: str, view: View, *, needs: Needs) -> None:
        """Declare a route that asks no database and is not described: pages, operations."""
        view.__dict__["hangji_needs"] = needs
        self.blueprint.record(
            lambda state: state.add_url_rule(rule, endpoint=view.__name__, view_func=view)
        )

    def _route(
        self,
        rule: str,
        method: str,
        view: View,
        *,
        needs: Needs,
        gives: Gives,
        query: type[ma.Schema] = Rehearsal,
        takes: Takes | None = None,
    ) -> None:
        # flask-smorest is told what a route takes and gives, for the description; reading and
        # writing themselves are ours, with schemas that are made once.
        told = view
        if takes is not None:
            told = self.blueprint.arguments(takes.schema, **takes.documentation())(told)
        told = self.blueprint.arguments(query, location="query")(told)
        told = self.blueprint.response(gives.status, gives.schema, content_type=gives.content_type)(
            told
        )
        if takes is not None and gives.status != HTTPStatus.OK and not gives.is_secret:
            told = self.blueprint.alt_response(
                HTTPStatus.OK, schema=gives.schema, description=_REHEARSED, success=True
            )(told)
        told = self.blueprint.doc(**_documentation(needs))(told)
        view.__dict__["_apidoc"] = told.__dict__["_apidoc"]
        view.__dict__["hangji_needs"] = needs
        view.__dict__["hangji_limit"] = JSON_BYTES if takes is None else takes.limit
        self.blueprint.route(rule, methods=[method], parameters=_headers(needs, method))(view)


def _require_rehearsable(gives: Gives, *, is_dry: bool) -> None:
    if is_dry and gives.is_secret:
        message = "这项操作不能预演：只有记录在案的查看才能显示其内容。"
        raise FormInvalid(message, code="not_rehearsed")


def _ticket(sent: Sent, gives: Gives, takes: Takes) -> Ticket | None:
    return idempotency.ticket_of(
        sent,
        secret=composition().settings.secret_key,
        now=composition().clock.now(),
        keeps_answer=not gives.is_secret,
        refuses_twice=takes.refuses_twice,
    )


def _perform(work: idempotency.Work, ticket: Ticket | None, *, is_dry: bool) -> KeyedAnswer:
    database = composition().database
    if is_dry:
        return idempotency.rehearse(database, work)
    return idempotency.perform(database, work, ticket)


def _finished(given: KeyedAnswer, gives: Gives) -> KeyedAnswer:
    if gives.finish is None or "Dry-Run" in given.headers:
        return given
    # A first answer has it from the act itself: after the act nothing may fail any more.
    body = gives.finish(given.body) if given.is_replayed else {**given.body, **given.unkept}
    return replace(given, body=body)


def _on_file(
    error: Exception,
    note: Callable[..., None],
    sent: Sent,
    told: dict[str, Any],
    path: dict[str, Any],
) -> errors.StepFailed:
    errors.tell_the_log(error)
    # What cannot be noted is in the log; it must not hide the fault itself.
    with suppress(HangjiError):
        composition().database.run(
            lambda session: note(ask(session, sent, {}, told, None), error, **path)
        )
    message = "这一步没有走成，案件保持原样，已通知督办人员。"
    return errors.StepFailed(message)


def _work_on(view: View, told: dict[str, Any], item: dict[str, Any]) -> idempotency.Work:
    sent = present_request()

    def work(session: Session, _: Attempt | None) -> KeyedAnswer:
        try:
            asked = ask(session, sent, {}, told, None)
            return KeyedAnswer(HTTPStatus.OK, view(asked, dict(item)))
        except ma.ValidationError as error:
            raise wire.form_invalid(error) from error

    return work


def _one_of_many(
    work: idempotency.Work, ticket: Ticket | None, item: dict[str, Any], *, is_dry: bool
) -> dict[str, Any]:
    ident = str(item.get("id", ""))[:80]
    try:
        given = _perform(work, ticket, is_dry=is_dry)
    except HangjiError as error:
        if errors.is_fault(error):
            raise
        return _failed(item, error)
    return {"id": ident, "status": 200, "result": given.body}


def _failed(item: dict[str, Any], error: HangjiError) -> dict[str, Any]:
    problem = errors.problem_of(error)
    return {"id": str(item.get("id", ""))[:80], "status": problem["status"], "problem": problem}


def _point(refused: FormInvalid, pointer: str) -> None:
    """Say where in the body the fields of a refused form stand."""
    if pointer:
        refused.errors = [(f"{pointer}{one}", message) for one, message in refused.errors]


def _storing(attempt: Attempt, gives: Gives) -> Answering:
    """Return what a step calls to have its answer stored with it."""
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


def _response(answer: KeyedAnswer, *, caching: str = "no-store") -> Response:
    headers = {"Cache-Control": caching, **answer.headers}
    if answer.is_replayed:
        headers["Idempotency-Replayed"] = "true"
    asked = present_request()
    asked.is_replayed, asked.is_dry = answer.is_replayed, "Dry-Run" in headers
    return WrittenAnswer(
        b"" if answer.status == HTTPStatus.NO_CONTENT else wording.dumps(answer.body),
        status=answer.status,
        headers=headers,
        content_type="application/json",
    )


def _documentation(needs: Needs) -> dict[str, Any]:
    told: dict[str, Any] = {"security": [{"bearer": []}] if needs.signed_in else []}
    if needs.roles:
        told["x-roles"] = sorted(needs.roles)
    if needs.role_that:
        told["x-role-that"] = needs.role_that
    if needs.right:
        told["x-right"] = needs.right
    return told


def _headers(needs: Needs, method: str) -> list[dict[str, Any]]:
    """The headers a write takes."""
    if method == "GET":
        return []
    told = {
        "Idempotency-Key": "The same key, body and caller get the first answer again.",
        "If-Match": "The version one has seen; another one is 412.",
    }
    if not needs.signed_in:
        told["X-Client-Id"] = "At least 128 random bits: whose key it is without a sign-in."
    return [
        {"in": "header", "name": name, "schema": {"type": "string"}, "description": says}
        for name, says in told.items()
    ]
