"""The OpenAPI 3.1 description and the page that shows it without any foreign host."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import marshmallow as ma
from flask import Flask, Response, jsonify, render_template
from flask_smorest import Api  # type: ignore[import-untyped]  # ships no types

from api.auth import ANYONE
from api.resources import Resource

_METHODS: Final = ("get", "post", "put", "patch", "delete")


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
    errors = ma.fields.List(ma.fields.Nested(FieldProblem))
    clause = ma.fields.String(metadata={"description": "Where a rule refuses", "example": "R26"})
    allowed_actions = ma.fields.List(ma.fields.String())
    findings = ma.fields.List(ma.fields.String())


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the page."""

    method: str
    path: str
    summary: str
    tag: str
    needs: str
    parameters: tuple[str, ...]


def describe(app: Flask, version: str) -> Api:
    """Prepare the description; resources are registered on what comes back."""
    app.config.update(
        API_TITLE="hangji 夯基",
        API_VERSION=version,
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {
                "description": "Food-safety governance of a city as cases that follow diagrams.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "security": [{"bearer": []}],
        },
    )
    api = _Described(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    return api


class _Described(Api):  # type: ignore[misc]  # flask-smorest ships no types
    """flask-smorest, with our errors instead of its own."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """Leave errors to `api.errors`."""

    def _register_responses(self) -> None:
        super()._register_responses()
        # Errors are problem documents: the media type says so.
        for response in self.spec.components.responses_lazy.values():
            content = response.get("content", {})
            if "application/json" in content:
                content["application/problem+json"] = content.pop("application/json")


def add_pages(api: Api) -> Resource:
    """Serve the description as JSON and as a page."""
    pages = Resource("description", "This description.")

    def openapi() -> Response:
        return jsonify(api.spec.to_dict())

    def page() -> str:
        document = api.spec.to_dict()
        return render_template("docs.html", info=document["info"], groups=_groups(document))

    for rule, view in (("/openapi.json", openapi), ("/docs", page)):
        pages.plain(rule, view, needs=ANYONE)
    return pages


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    """Every operation of a description, in its order."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield _operation(method, path, item, item[method])


def _operation(method: str, path: str, item: dict[str, Any], one: dict[str, Any]) -> Operation:
    parameters = [*item.get("parameters", ()), *one.get("parameters", ())]
    roles = ", ".join(one.get("x-roles", ())) or one.get("x-right", "")
    signed_in = one.get("security") != []
    return Operation(
        method=method.upper(),
        path=path,
        summary=one.get("summary", ""),
        tag=one["tags"][0],
        needs=roles or ("signed in" if signed_in else "anyone"),
        parameters=tuple(f"{p['name']} ({p['in']})" for p in parameters if "name" in p),
    )


def _groups(document: dict[str, Any]) -> dict[str, list[Operation]]:
    groups: dict[str, list[Operation]] = {}
    for one in operations(document):
        groups.setdefault(one.tag, []).append(one)
    return groups
