"""Outlines of areas from a file."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import marshmallow as ma

from api.http.auth import roles_that
from api.http.request import Sent
from api.http.routes import Ask, Gives, Resource, Takes
from handlers.map.boundaries import BoundarySource, import_boundaries
from handlers.map.boundary_files import MOST_BYTES, Outline, read_outlines
from storage.errors import FormInvalid
from storage.imports.kinds import require_keeper
from storage.moments import in_china

routes = Resource("map_boundaries", "Outlines of areas.")

_ENVELOPE: Final = 64 << 10
_NAME_AT_MOST: Final = 200


class BoundaryUpload(ma.Schema):
    """A file of one level (GeoJSON, or a Shapefile as zip) and texts beside it.

    `source` says who drew it, `review_number` is the 审图号, `crs` is needed when the file names
    none (wgs84, cgcs2000, gcj02, bd09, EPSG:N), `on` is the first day, today otherwise.
    """

    class Meta:
        """What else is in the body is looked at by name."""

        unknown = ma.EXCLUDE

    file = ma.fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class BoundariesImported(ma.Schema):
    """What is in force now."""

    level = ma.fields.String(metadata={"example": "village"})
    areas = ma.fields.Integer(metadata={"example": 979})
    ended = ma.fields.Integer(metadata={"description": "Former outlines that end with the day"})


@dataclass(frozen=True, slots=True)
class _Upload:
    """A file that was read, before anything is compared with the areas."""

    outlines: list[Outline]
    name: str
    source: str
    review_number: str | None
    on: date | None


def _received(sent: Sent, body: dict[str, Any]) -> _Upload:
    """Read the upload before the transaction."""
    name = str(body["file"].filename or "outlines")[:_NAME_AT_MOST]
    source = sent.form.get("source", "").strip()[:_NAME_AT_MOST]
    if not source:
        raise FormInvalid.at("source", "请写明边界的来源。")
    on = _day(sent.form.get("on") or "")
    outlines = read_outlines(body["file"].read(), name=name, crs=sent.form.get("crs") or None)
    return _Upload(outlines, name, source, sent.form.get("review_number") or None, on)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise FormInvalid.at("on", "日期要写成 2026-01-31。") from error


@routes.post(
    "/map/boundaries",
    needs=roles_that("imports"),
    takes=Takes(BoundaryUpload, prepare=_received, location="files", limit=MOST_BYTES + _ENVELOPE),
    gives=Gives(BoundariesImported),
)
def bring_in(ask: Ask) -> dict[str, Any]:
    """Put the outlines of one level in force, all of them or none."""
    require_keeper(ask.actor, "areas")
    upload: _Upload = ask.prepared
    since = upload.on or in_china(ask.now).date()
    source = BoundarySource(upload.source, since, upload.review_number)
    done = import_boundaries(ask.session, upload.outlines, source)
    data = {**done, "source": upload.source}
    ask.keep_on_file("boundaries_imported", "map", upload.name, data)
    return done
