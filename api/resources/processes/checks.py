"""Checks of diagrams before they are published, by `engine.check` and `handlers.policy`."""

from pathlib import PurePosixPath
from typing import Any, Final

import marshmallow as ma

from api import deploying
from api.http import auth
from api.http.request import Sent, composition
from api.http.routes import Ask, Gives, Resource, Takes
from engine.check import check_bundle
from engine.findings import Finding

routes = Resource("process_checks", "Checking what analysts draw.")

_BYTES: Final = 16 << 20
_FILES: Final = 100
_SHOWN: Final = 200
_DRAWERS: Final = auth.roles("analyst", "publisher", "supervisor", "admin_system")


class Files(ma.Schema):
    """Diagrams (*.bpmn), tables (*.dmn) and forms (*.json) by name: as JSON, or as uploads."""

    takes_files = True

    files = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.Length(1, 200)),
        values=ma.fields.Raw(metadata={"type": "string"}),
        required=True,
        validate=ma.validate.Length(1, _FILES),
    )


class Sentence(ma.Schema):
    """The same in both languages."""

    zh = ma.fields.String()
    en = ma.fields.String()


class FindingShown(ma.Schema):
    """One fault: where it is, what is wrong, what to draw instead."""

    severity = ma.fields.String(metadata={"example": "error"})
    rule = ma.fields.String(metadata={"example": "element_refused"})
    file = ma.fields.String()
    element = ma.fields.String()
    message = ma.fields.Nested(Sentence)
    way_out = ma.fields.Nested(Sentence)
    trace = ma.fields.List(ma.fields.String(), metadata={"description": "A path to the fault"})
    clause = ma.fields.String(allow_none=True)


class Findings(ma.Schema):
    """Errors first; without an error and with `to_accept` empty the files may be published."""

    is_publishable = ma.fields.Boolean()
    to_accept = ma.fields.List(
        ma.fields.String(),
        metadata={
            "description": "Rules of warnings that a named person accepts with `hangji deploy`",
            "example": ["unproved"],
        },
    )
    findings = ma.fields.List(
        ma.fields.Nested(FindingShown), metadata={"description": f"The first {_SHOWN}"}
    )
    left_out = ma.fields.Integer(metadata={"description": "Further findings", "example": 0})


def _check(_: Sent, body: dict[str, Any]) -> list[Finding]:
    files = {name: _bytes(content) for name, content in body["files"].items()}
    drawn = {PurePosixPath(name).stem for name in files if name.endswith(".bpmn")}
    # Of what was not sent, nothing is missing.
    composed = composition()
    table = composed.functions.table()
    functions = {name: table[name] for name in drawn & table.keys()}
    declared = composed.functions.declared()
    return check_bundle(files, policies=composed.policies, functions=functions, declared=declared)


@routes.post(
    "/processes/check",
    needs=_DRAWERS,
    takes=Takes(
        Files, example={"files": {"a.bpmn": "<definitions/>"}}, prepare=_check, limit=_BYTES
    ),
    gives=Gives(Findings),
)
def check(ask: Ask) -> dict[str, Any]:
    """Report everything that is wrong with the files; nothing is stored."""
    findings: list[Finding] = ask.prepared
    return {
        "is_publishable": not deploying.blocking(findings),
        "to_accept": sorted({finding.rule for finding in findings if finding.is_to_accept}),
        "findings": findings[:_SHOWN],
        "left_out": max(0, len(findings) - _SHOWN),
    }


def _bytes(content: object) -> bytes:
    return content if isinstance(content, bytes) else str(content).encode("utf-8", "replace")
