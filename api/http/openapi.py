"""The OpenAPI 3.1 description and the page that shows it, without third-party hosts."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

import marshmallow as ma
from flask import Flask, Response, jsonify, render_template
from flask_smorest import Api, Blueprint

from api.http import paths
from api.http.auth import ANYONE, roles_that
from api.http.declared import REFUSALS, VERSIONED
from api.http.routes import Resource

VERSION: Final = "1.0.0"
"""Version of the API: additions raise the minor number, breaking changes the major one."""

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_END: Final = "\\Z"

_HEADERS: Final = {
    "X-Request-Id": {
        "description": "Of this request, in the log and in refusals.",
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": "The version of the case, for If-Match.",
        "schema": {"type": "string"},
    },
    "Idempotency-Replayed": {
        "description": "true: the answer kept under this Idempotency-Key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}

_SIGNED: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")


def _webhook(name: str, summary: str) -> dict[str, Any]:
    """What a receiver has to take, as an operation of its own."""
    return {
        "post": {
            "operationId": f"receive_{name}",
            "summary": summary,
            "description": "Sent again with the same key until an answer from 200 to 299 comes.",
            "tags": ["webhooks"],
            "security": [],
            "parameters": [
                {"in": "header", "name": name, "required": True, "schema": {"type": "string"}}
                for name in _SIGNED
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "application/cloudevents+json": {
                        "schema": {"$ref": "#/components/schemas/CloudEvent"}
                    }
                },
            },
            "responses": {
                "204": {"description": "Taken."},
                "4XX": {"description": "Not taken: sent again later."},
            },
        }
    }


WEBHOOKS: Final = {
    "notification": _webhook(
        "notification", "What hangji tells a system (docs/webhooks.md): a signed CloudEvent."
    ),
    "event": _webhook(
        "event", "An event of the feed for a registered webhook (docs/feed.md), as GET /events."
    ),
}


class CloudEvent(ma.Schema):
    """What a system is told: CloudEvents 1.0 in structured mode."""

    specversion = ma.fields.String(required=True, metadata={"example": "1.0"})
    id = ma.fields.String(required=True, metadata={"description": "The same when sent again"})
    source = ma.fields.String(required=True, metadata={"example": "urn:hangji"})
    type = ma.fields.String(required=True, metadata={"example": "hangji.case_closed"})
    subject = ma.fields.String(metadata={"description": "The number of the case"})
    time = ma.fields.AwareDateTime()
    datacontenttype = ma.fields.String(metadata={"example": "application/json"})
    receiver = ma.fields.String()
    data = ma.fields.Dict(metadata={"description": "What there is to say; never who reported"})


class FieldProblem(ma.Schema):
    """One field that is missing or wrong."""

    pointer = ma.fields.String(metadata={"description": "JSON pointer", "example": "/form/answer"})
    message = ma.fields.String()


class Problem(ma.Schema):
    """RFC 9457 problem details; the shape of every error."""

    type = ma.fields.String(metadata={"example": "urn:hangji:problem:not_found"})
    title = ma.fields.String()
    status = ma.fields.Integer()
    detail = ma.fields.String()
    instance = ma.fields.String()
    code = ma.fields.String(metadata={"description": "Stable word", "example": "not_found"})
    request_id = ma.fields.String()
    trace_id = ma.fields.String(metadata={"description": "Of every log line about this request"})
    errors = ma.fields.List(ma.fields.Nested(FieldProblem))
    clause = ma.fields.String(metadata={"description": "Where a rule refuses", "example": "R26"})
    allowed_actions = ma.fields.List(ma.fields.String())
    findings = ma.fields.List(ma.fields.String())
    closed_by = ma.fields.Integer(metadata={"description": "Officer who was faster"})
    closed_at = ma.fields.AwareDateTime(metadata={"description": "When"})
    due_at = ma.fields.AwareDateTime(metadata={"description": "The deadline that passed"})
    holder = ma.fields.Integer(metadata={"description": "Officer who holds the task"})
    post = ma.fields.String(metadata={"description": "Post the task waits for"})
    version = ma.fields.Integer(metadata={"description": "The current version"})


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as a line of the page."""

    method: str
    path: str
    summary: str
    tag: str
    needs: str
    query: tuple[str, ...] = ()
    body: tuple[str, ...] = ()


class Description:
    """Describes resources when somebody first asks.

    Describing them takes longer than all else an application does to be ready.
    """

    def __init__(self, app: Flask, library: Api) -> None:
        self._app, self._library = app, library
        self._awaited: list[Blueprint] = []
        self._writing = Lock()

    def register(self, blueprint: Blueprint) -> None:
        """Serve the routes of a blueprint from now on; they are described in `written`."""
        self._app.register_blueprint(blueprint)
        self._awaited.append(blueprint)

    def written(self) -> dict[str, Any]:
        """Return the description of every route that was registered."""
        with self._writing:
            while self._awaited:
                self._describe(self._awaited.pop(0))
        whole: dict[str, Any] = self._library.spec.to_dict()
        return whole

    def _describe(self, blueprint: Blueprint) -> None:
        name, spec = blueprint.name, self._library.spec
        blueprint.register_views_in_doc(self._library, self._app, spec, name=name, parameters=None)
        spec.tag({"name": name, "description": blueprint.description})


def describe(app: Flask) -> Description:
    """Set up the description; resources are registered on the returned object."""
    app.config.update(
        API_TITLE="hangji 夯基",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {
                "description": (
                    "Food-safety governance of a city as cases that follow diagrams. Every refusal"
                    " is a problem document. Besides those named with each operation the server"
                    " answers, before it knows the operation: 404 and 405 (no such address or"
                    " method), 408 (too slow), 414 and 431 (address or headers too long)."
                ),
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "security": [{"bearer": []}],
            "servers": [{"url": "/", "description": "This installation"}],
        },
    )
    library = Api()
    library.ERROR_SCHEMA = Problem
    library.init_app(app)
    paths.describe(library)
    library.spec.components.schema("CloudEvent", schema=CloudEvent)
    library.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    return Description(app, library)


def document(described: Description) -> dict[str, Any]:
    """Return the whole description, with errors under the media type of problem documents."""
    whole: dict[str, Any] = described.written()
    for response in whole["components"]["responses"].values():
        content = response.get("content", {})
        if "application/json" in content:
            content["application/problem+json"] = content.pop("application/json")
    whole["webhooks"] = WEBHOOKS
    # Of flask-smorest, which puts it there unasked; pages of ours have cursors.
    whole["components"]["schemas"].pop("PaginationMetadata", None)
    whole["components"]["schemas"] = _in_ecma(whole["components"]["schemas"])
    whole["components"]["headers"] = _HEADERS
    for item in whole["paths"].values():
        for method, operation in item.items():
            if method not in _METHODS:
                continue
            _name_refusals(operation)
            _name_headers(method, operation)
            if "x-role-that" in operation:
                # Routes are declared before the city pack with the roles is loaded.
                needs = roles_that(operation["x-role-that"])
                operation["x-roles"] = sorted(needs.admitted)
    return whole


def _in_ecma(schema: Any) -> Any:
    """Write patterns as other languages read them, without Python's own sign for the end."""
    if isinstance(schema, list):
        return [_in_ecma(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    written = {name: _in_ecma(value) for name, value in schema.items()}
    if isinstance(written.get("pattern"), str):
        written["pattern"] = _anchored(written["pattern"])
    return written


def _anchored(pattern: str) -> str:
    """Match from the beginning, as Python's `match` does of its own accord."""
    end = "$" if pattern.endswith((_END, "$")) else ""
    return f"^{pattern.removeprefix('^').removesuffix(_END).removesuffix('$')}{end}"


def _name_headers(method: str, operation: dict[str, Any]) -> None:
    """Show the headers of answers: the version for If-Match, and what a repeated key is told."""
    names = ["X-Request-Id"]
    if operation.pop(VERSIONED, False):
        names.append("ETag")
    if method != "get":
        names.append("Idempotency-Replayed")
    for status, answer in operation["responses"].items():
        if str(status).startswith("2") and "$ref" not in answer:
            answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _name_refusals(operation: dict[str, Any]) -> None:
    """List every status a route refuses with, instead of one `default` response."""
    if REFUSALS not in operation:
        return
    refused = operation.pop(REFUSALS)
    responses = operation["responses"]
    problem = responses.pop("default")
    named = {str(int(status)): answer for status, answer in responses.items()}
    named |= {str(int(status)): problem for status in refused}
    operation["responses"] = dict(sorted(named.items()))


def add_pages(described: Description) -> Resource:
    """Serve the description as JSON and as a page."""
    pages = Resource("description", "This description.")

    def openapi() -> Response:
        return jsonify(document(described))

    def page() -> str:
        whole = document(described)
        return render_template("docs.html", info=whole["info"], groups=_groups(whole))

    for rule, view in (("/openapi.json", openapi), ("/docs", page)):
        pages.plain(rule, view, needs=ANYONE)
    return pages


def operations(whole: dict[str, Any]) -> Iterator[Operation]:
    """Every operation of a description, in its order."""
    for path, item in whole["paths"].items():
        for method in _METHODS:
            if method in item:
                yield _operation(method, path, item[method], whole["components"]["schemas"])


def _operation(
    method: str, path: str, described: dict[str, Any], schemas: dict[str, Any]
) -> Operation:
    roles = ", ".join(described.get("x-roles", ())) or described.get("x-right", "")
    signed_in = described.get("security") != []
    asked = [
        parameter["name"]
        for parameter in described.get("parameters", ())
        if parameter["in"] == "query"
    ]
    return Operation(
        method=method.upper(),
        path=path,
        summary=described.get("summary", ""),
        tag=described["tags"][0],
        needs=roles or ("signed in" if signed_in else "anyone"),
        query=tuple(name for name in asked if name != "dry_run"),
        body=tuple(_fields(described, schemas)),
    )


def _fields(described: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    for content in described.get("requestBody", {}).get("content", {}).values():
        schema = schemas[content["schema"]["$ref"].rsplit("/", 1)[-1]]
        for name in schema.get("properties", ()):
            yield name if name in schema.get("required", ()) else f"{name}?"


def _groups(whole: dict[str, Any]) -> dict[str, list[Operation]]:
    groups: dict[str, list[Operation]] = {}
    for operation in operations(whole):
        groups.setdefault(operation.tag, []).append(operation)
    return groups
