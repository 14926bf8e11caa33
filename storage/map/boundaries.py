"""Outlines of areas as they were imported, each between two days; shapes are bytes here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update

from storage.database.session import Session
from storage.places.areas import valid_on as area_valid_on
from storage.places.tile_keys import GeoBox
from storage.tables import area, area_boundary


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """The outline of one area; `geometry` and `drawn` are WKB in WGS-84."""

    area_code: str
    level: int
    geometry: bytes
    drawn: bytes
    west: float
    south: float
    east: float
    north: float
    label_lat: float
    label_lon: float
    source: str
    review_number: str | None = None


@dataclass(frozen=True, slots=True)
class LabelPoint:
    """Where the name and the numbers of an area stand."""

    code: str
    name: str
    lat: float
    lon: float


_FIELDS = tuple(area_boundary.c[name] for name in Boundary.__slots__)


def list_boundaries(
    session: Session, *, level: int, on: date, box: GeoBox | None = None
) -> list[Boundary]:
    """List the outlines of a level on a day, those that touch a box."""
    question = select(*_FIELDS).where(area_boundary.c.level == level, _valid_on(on))
    if box is not None:
        question = question.where(
            area_boundary.c.west <= box.east,
            area_boundary.c.east >= box.west,
            area_boundary.c.south <= box.north,
            area_boundary.c.north >= box.south,
        )
    rows = session.execute(question.order_by(area_boundary.c.area_code)).mappings()
    return [Boundary(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class DrawnBoundary:
    """The simpler outline of one area, as a map draws it; `drawn` is WKB in WGS-84."""

    code: str
    drawn: bytes
    label_lat: float
    label_lon: float
    source: str
    review_number: str | None


def list_drawn(session: Session, codes: Sequence[str], *, on: date) -> list[DrawnBoundary]:
    """List the outlines of some areas that are in force on a day."""
    column = area_boundary.c
    question = (
        select(
            column.area_code,
            column.drawn,
            column.label_lat,
            column.label_lon,
            column.source,
            column.review_number,
        )
        .where(column.area_code.in_(codes), _valid_on(on))
        .order_by(column.area_code)
    )
    return [DrawnBoundary(*row) for row in session.execute(question)]


def list_label_points(session: Session, *, level: int, on: date, box: GeoBox) -> list[LabelPoint]:
    """List the areas of a level whose label stands in a box: of the outline, else of the area."""
    joined = and_(area_boundary.c.area_code == area.c.code, _valid_on(on))
    lat = func.coalesce(area_boundary.c.label_lat, area.c.lat)
    lon = func.coalesce(area_boundary.c.label_lon, area.c.lon)
    question = (
        select(area.c.code, area.c.name, lat, lon)
        .select_from(area.outerjoin(area_boundary, joined))
        .where(
            area.c.level == level,
            area_valid_on(on),
            lat > box.south,
            lat <= box.north,
            lon >= box.west,
            lon < box.east,
        )
        .order_by(area.c.code)
    )
    return [LabelPoint(*row) for row in session.execute(question)]


@dataclass(frozen=True, slots=True)
class BoundarySet:
    """The outlines of one level from one source."""

    level: int
    source: str
    review_number: str | None
    since: date
    count: int


def list_boundary_sets(session: Session, *, on: date) -> list[BoundarySet]:
    """List which outlines are in force on a day, the largest areas first."""
    column = area_boundary.c
    by = (column.level, column.source, column.review_number, column.valid_from)
    question = select(*by, func.count()).where(_valid_on(on)).group_by(*by).order_by(*by)
    return [BoundarySet(*row) for row in session.execute(question)]


def replace_boundaries(session: Session, level: int, new: Sequence[Boundary], *, on: date) -> int:
    """Put the outlines of a level in force from a day on; what was in force ends with it."""
    codes = [boundary.area_code for boundary in new]
    column = area_boundary.c.area_code
    of_level = area_boundary.c.level == level
    session.execute(
        delete(area_boundary).where(of_level, column.in_(codes), area_boundary.c.valid_from == on)
    )
    ended = session.execute(
        update(area_boundary)
        .where(of_level, column.in_(codes), area_boundary.c.valid_to.is_(None))
        .values(valid_to=on)
    )
    session.execute(insert(area_boundary), [{**asdict(one), "valid_from": on} for one in new])
    return int(ended.rowcount)


def names_of_boundaries(session: Session, *, level: int, on: date) -> dict[str, str]:
    """Return the names of the areas of a level on a day, by code."""
    question = select(area.c.code, area.c.name).where(area.c.level == level, area_valid_on(on))
    return {row.code: row.name for row in session.execute(question)}


def _valid_on(on: date) -> ColumnElement[Any]:
    until = area_boundary.c.valid_to
    return and_(area_boundary.c.valid_from <= on, or_(until.is_(None), until > on))
