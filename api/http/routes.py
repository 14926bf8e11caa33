"""Registration of routes: rule, requirements, schemas, description.

Every route of the API is made here, so none can lack its declaration, its transaction or its
idempotency key. Its resource module implements a route; `api.http.declared` executes it.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Final

import marshmallow as ma
from flask import Response
from flask_smorest import Blueprint

from api.http import body as wire
from api.http import errors, idempotency
from api.http import language as wording
from api.http.auth import Needs, View
from api.http.declared import (
    JSON_BYTES,
    NOTHING_TAKEN,
    REFUSALS,
    VERSIONED,
    Gives,
    Nothing,
    Read,
    Takes,
    Write,
    keep_declared,
    leave_incident,
    noting,
    perform,
    refusals,
    ticket_for,
)
from api.http.idempotency import Attempt, KeyedAnswer, Ticket
from api.http.request import Ask, Reply, ask, composition, present_request
from api.http.wsgi import WrittenAnswer
from engine.errors import DrawnFault
from storage.database.session import Session
from storage.errors import HangjiError

PREFIX: Final = "/api/v1"
_REHEARSED: Final = "A rehearsal (`dry_run`): what would happen, under `Dry-Run: true`."

__all__ = [
    "JSON_BYTES",
    "Ask",
    "Gives",
    "Nothing",
    "Rehearsal",
    "Reply",
    "Resource",
    "Takes",
]

Wrap = Callable[[View], View]


class Rehearsal(ma.Schema):
    """Query parameters of every write."""

    dry_run = ma.fields.Boolean(
        load_default=False,
        metadata={"description": "Answer with what would happen; nothing is written."},
    )


class Resource:
    """The routes of one resource."""

    def __init__(self, name: str, description: str, *, prefix: str = PREFIX) -> None:
        self.blueprint = Blueprint(name, name, url_prefix=prefix, description=description)

    def get(
        self,
        rule: str,
        *,
        needs: Needs,
        gives: Gives,
        query: type[ma.Schema] = Nothing,
        audits: str | None = None,
        notes: Callable[[Any], Callable[[Ask], None] | None] | None = None,
    ) -> Wrap:
        """Declare a route that reads, in one snapshot of the database.

        `audits` is the act its audit entry names, for what must not be read unnoticed; `notes`
        writes about what was read, in a transaction of its own.
        """

        def declare(view: View) -> View:
            asks = wire.Query(query)
            declared = Read(view, needs, gives, asks, audits, notes)

            @wraps(view)
            def read(**path: Any) -> Response:
                asked = asks.read()
                given = declared.perform(present_request(), asked, path)
                if isinstance(given, Response):
                    return given
                return _response(given, caching="private, no-cache")

            keep_declared(read, declared)
            self._route(rule, "GET", read, needs=needs, gives=gives, query=query)
            return view

        return declare

    def post(
        self,
        rule: str,
        *,
        needs: Needs,
        gives: Gives,
        takes: Takes = NOTHING_TAKEN,
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

            keep_declared(write, declared)
            self._route(rule, method, write, needs=needs, gives=gives, takes=takes)
            return view

        return declare

    def post_each(self, rule: str, *, needs: Needs, takes: Takes, gives: Gives, items: str) -> Wrap:
        """Declare a bulk write: one transaction, one result or problem per item."""

        def declare(view: View) -> View:
            asks, tells = wire.Query(Rehearsal), wire.Body(takes.schema, takes.location)

            @wraps(view)
            def write() -> Response:
                asked, told, sent = asks.read(), tells.read(), present_request()
                is_dry = asked["dry_run"]
                ticket = None if is_dry else ticket_for(sent, gives, takes)
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
                        note = noting(error, takes.on_fault)
                        if note is None or is_dry:
                            raise
                        failed = leave_incident(error, note, sent, item, {})
                        answers.append(_failed(item, failed))
                whole = KeyedAnswer(HTTPStatus.OK, {"items": answers})
                return _response(perform(lambda *_: whole, ticket, is_dry=is_dry))

            self._route(rule, "POST", write, needs=needs, gives=gives, takes=takes)
            return view

        return declare

    def put(self, rule: str, **declaration: Any) -> Wrap:
        """Declare a write that replaces something; otherwise as `post`."""
        return self.post(rule, method="PUT", **declaration)

    def plain(self, rule: str, view: View, *, needs: Needs) -> None:
        """Declare a route without database access or description: pages, operations."""
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
        # flask-smorest is passed the schemas of a route, for the description; reading and
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
        refused = refusals(needs, rule, takes, has_query=query is not Nothing)
        shown: dict[str, Any] = {REFUSALS: refused, VERSIONED: gives.is_versioned}
        told = self.blueprint.doc(
            operationId=f"{self.blueprint.name}_{view.__name__}", **_documentation(needs), **shown
        )(told)
        view.__dict__["_apidoc"] = told.__dict__["_apidoc"]
        view.__dict__["hangji_needs"] = needs
        view.__dict__["hangji_limit"] = JSON_BYTES if takes is None else takes.limit
        self.blueprint.route(rule, methods=[method], parameters=_headers(needs, method))(view)


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
        given = perform(work, ticket, is_dry=is_dry)
    except HangjiError as error:
        # What a drawing gets wrong is an answer; once it is not rehearsed, an incident as well.
        is_told = is_dry and isinstance(error, DrawnFault)
        if errors.is_fault(error) and not is_told:
            raise
        return _failed(item, error)
    return {"id": ident, "status": 200, "result": given.body}


def _failed(item: dict[str, Any], error: HangjiError) -> dict[str, Any]:
    problem = errors.problem_of(error)
    return {"id": str(item.get("id", ""))[:80], "status": problem["status"], "problem": problem}


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
