"""Units of market supervision and which of them answers for a town; posts are in `people`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, insert, or_, select, update

from storage.database.session import Session
from storage.errors import NotFound
from storage.places.levels import town_of
from storage.tables import org_unit, town_jurisdiction


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: a station, a bureau of county level, a brigade, the city's offices."""

    code: str
    name: str
    kind: str
    rank: int


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The unit responsible for a town (R17, R22); it does not follow the area tree."""

    town_code: str
    station_code: str
    jurisdiction_code: str
    enforcement_code: str
    is_pilot: bool

    @property
    def units(self) -> frozenset[str]:
        """The codes of the units responsible for the town."""
        return frozenset({self.station_code, self.jurisdiction_code, self.enforcement_code})


UNIT_COLUMNS: Final[Mapping[str, ColumnElement[str]]] = {
    "station": town_jurisdiction.c.station_code,
    "county": town_jurisdiction.c.jurisdiction_code,
    "enforcement": town_jurisdiction.c.enforcement_code,
}
"""The units responsible for a town, by the place of their roles."""

_UNIT = (org_unit.c.code, org_unit.c.name, org_unit.c.kind, org_unit.c.rank)
_TOWN: Select[Any] = select(
    town_jurisdiction.c.town_code,
    town_jurisdiction.c.station_code,
    town_jurisdiction.c.jurisdiction_code,
    town_jurisdiction.c.enforcement_code,
    town_jurisdiction.c.pilot,
)


def get_jurisdiction(session: Session, area_code: str) -> Jurisdiction:
    """Get the unit responsible for the town of an area; NotFound when there is none."""
    town = town_of(area_code)
    row = session.execute(_TOWN.where(town_jurisdiction.c.town_code == town)).first()
    if row is None:
        message = f"乡镇 {town} 还没有对应的市场监管所。"
        raise NotFound(message, code="jurisdiction_not_found")
    return _jurisdiction(row)


def list_jurisdictions(session: Session) -> list[Jurisdiction]:
    """List the unit responsible for every town, in order of code."""
    rows = session.execute(_TOWN.order_by(town_jurisdiction.c.town_code)).all()
    return [_jurisdiction(row) for row in rows]


def towns_of(session: Session, unit_code: str) -> list[str]:
    """List the towns a unit is responsible for, in order of code."""
    return [each.town_code for each in list_jurisdictions(session) if unit_code in each.units]


def in_unit_of(column: ColumnElement[Any], towns: ColumnElement[bool]) -> ColumnElement[bool]:
    """Filter by a column of places: a unit responsible for one of these towns."""
    return or_(*(column.in_(select(unit).where(towns)) for unit in UNIT_COLUMNS.values()))


def find_unit(session: Session, code: str) -> Unit | None:
    """Find a unit by its code."""
    row = session.execute(select(*_UNIT).where(org_unit.c.code == code)).first()
    return None if row is None else Unit(*row)


def list_units(session: Session, *, kind: str | None = None) -> list[Unit]:
    """List the units, in order of code."""
    question = select(*_UNIT).order_by(org_unit.c.code)
    if kind is not None:
        question = question.where(org_unit.c.kind == kind)
    return [Unit(*row) for row in session.execute(question)]


def put_unit(session: Session, unit: Unit) -> bool:
    """Add or update a unit; return whether anything changed."""
    known = find_unit(session, unit.code)
    if known == unit:
        return False
    values = {"code": unit.code, "name": unit.name, "kind": unit.kind, "rank": unit.rank}
    if known is None:
        session.execute(insert(org_unit).values(**values))
    else:
        session.execute(update(org_unit).where(org_unit.c.code == unit.code).values(**values))
    return True


def put_jurisdiction(session: Session, jurisdiction: Jurisdiction) -> bool:
    """Add or update the unit responsible for a town; return whether anything changed."""
    where = town_jurisdiction.c.town_code == jurisdiction.town_code
    row = session.execute(_TOWN.where(where)).first()
    if row is not None and _jurisdiction(row) == jurisdiction:
        return False
    values = {
        "town_code": jurisdiction.town_code,
        "station_code": jurisdiction.station_code,
        "jurisdiction_code": jurisdiction.jurisdiction_code,
        "enforcement_code": jurisdiction.enforcement_code,
        "pilot": jurisdiction.is_pilot,
    }
    if row is None:
        session.execute(insert(town_jurisdiction).values(**values))
    else:
        session.execute(update(town_jurisdiction).where(where).values(**values))
    return True


def _jurisdiction(row: Row[Any]) -> Jurisdiction:
    return Jurisdiction(
        row.town_code,
        row.station_code,
        row.jurisdiction_code,
        row.enforcement_code,
        is_pilot=row.pilot,
    )
