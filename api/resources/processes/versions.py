"""Published definitions: which there are, their versions and files."""

from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.fields import Moment
from engine.check.changes import list_changes
from engine.reads.forms import list_published
from storage.errors import NotFound
from storage.processes import definitions
from storage.processes.definitions import Version

routes = Resource("processes", "Diagrams, decision tables and forms as published.")


class VersionShown(ma.Schema):
    """One version of a process."""

    process = ma.fields.String(attribute="process_id", metadata={"example": "grid_report"})
    version = ma.fields.Integer()
    digest = ma.fields.String()
    state = ma.fields.String(metadata={"description": "draft, review, published or retired"})
    author = ma.fields.String(allow_none=True)
    publisher = ma.fields.String(allow_none=True)
    created_at = Moment()
    published_at = Moment(allow_none=True)
    effective_from = Moment(allow_none=True)


class Versions(ma.Schema):
    """Page of the versions of a process."""

    items = ma.fields.List(ma.fields.Nested(VersionShown))
    next = ma.fields.String(allow_none=True)


class Published(VersionShown):
    """The version of a process that new cases take, and whether the caller may start one."""

    label = ma.fields.String(metadata={"example": "网格巡查事件"})
    may_start = ma.fields.Boolean(metadata={"description": "By `POST /processes/{id}/cases`"})


class AllPublished(ma.Schema):
    """Published processes."""

    items = ma.fields.List(ma.fields.Nested(Published))
    next = ma.fields.String(allow_none=True)


class VersionFiles(VersionShown):
    """One version with everything published under its digest."""

    files = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())
    running = ma.fields.Integer(metadata={"description": "Cases that run on it"})


class ChangeShown(ma.Schema):
    """One thing that is different, in words."""

    file = ma.fields.String(metadata={"example": "deadlines.dmn"})
    element = ma.fields.String(metadata={"example": "standard_station_handle"})
    zh = ma.fields.String(attribute="message.zh")
    en = ma.fields.String(attribute="message.en")


class Changes(ma.Schema):
    """Page of what a version changes."""

    items = ma.fields.List(ma.fields.Nested(ChangeShown))
    next = ma.fields.String(allow_none=True)


@routes.get("/processes", needs=SIGNED_IN, gives=Gives(AllPublished))
def search(ask: Ask) -> dict[str, Any]:
    """List the version of every process that new cases take now, and which one may start."""
    items = [
        {**_shown(version), "label": label, "may_start": may_start}
        for version, label, may_start in list_published(ask.reading)
    ]
    return {"items": items, "next": None}


@routes.get("/processes/<code:process>/versions", needs=SIGNED_IN, gives=Gives(Versions))
def versions(ask: Ask, process: str) -> dict[str, Any]:
    """List all versions of a process, newest first."""
    versions = definitions.list_versions(ask.session, process)
    if not versions:
        message = "没有这个流程。"
        raise NotFound(message, code="definition_not_found")
    return {"items": versions, "next": None}


@routes.get(
    "/processes/<code:process>/versions/<version:version>",
    needs=SIGNED_IN,
    gives=Gives(VersionFiles),
)
def read(ask: Ask, process: str, version: int) -> dict[str, Any]:
    """Show one version with its files."""
    version_, files = definitions.get_version(ask.session, process, version)
    running = definitions.count_running(ask.session, version_.digest)
    return {**_shown(version_), "files": files, "running": running}


@routes.get(
    "/processes/<code:process>/versions/<version:version>/changes",
    needs=SIGNED_IN,
    gives=Gives(Changes),
)
def changes(ask: Ask, process: str, version: int) -> dict[str, Any]:
    """List in words what a version changes of the one before it."""
    _, files = definitions.get_version(ask.session, process, version)
    before: dict[str, str] = {}
    if version > 1:
        _, before = definitions.get_version(ask.session, process, version - 1)
    return {"items": list_changes(before, files), "next": None}


def _shown(version: Version) -> dict[str, Any]:
    return {name: getattr(version, name) for name in Version.__slots__}
