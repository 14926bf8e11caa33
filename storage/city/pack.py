"""Bringing a city pack into the database: its areas, units, posts, lists and sample people.

A pack is a folder like `city/putian`; this module holds nothing about one city (R74).
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage.city.files import pack_rows
from storage.city.rules import installed
from storage.city.video import load_quotas
from storage.database.session import Session
from storage.moments import CHINA
from storage.people import staffing
from storage.people.actors import find_officer
from storage.people.posts import find_staffings, post_id
from storage.people.roles import ROLES
from storage.places import areas, calendar
from storage.places.areas import Area
from storage.places.levels import AreaLevel, rank
from storage.places.matters import Matter, put_matters
from storage.places.units import Jurisdiction, Unit, find_unit, put_jurisdiction, put_unit
from storage.registry import businesses
from storage.registry.businesses import NewBusiness
from storage.staffing.centers import put_center, put_pairing

_CHUNK = 5000
_CENTER_COLUMNS = ("unit", "area", "level", "name")


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows a load added or changed; all zero when nothing was new."""

    areas: int = 0
    units: int = 0
    jurisdictions: int = 0
    matters: int = 0
    calendar_days: int = 0
    officers: int = 0
    businesses: int = 0


def load_city(session: Session, folder: Path, *, at: datetime) -> Loaded:
    """Bring in areas, units with their posts, jurisdictions, matters and the calendar.

    Loading the same folder again changes nothing.
    """
    on = at.astimezone(CHINA).date()
    rows = list(_rows(folder / "jurisdictions.csv"))
    changed_areas = areas.put_areas(session, _areas(folder / "areas.csv"), on=on)
    units = sum(put_unit(session, unit) for unit in _units(rows))
    for unit in _units(rows):
        staffing.add_post(session, _role_of(unit), unit.code, title=unit.name)
    add_city_posts(session, at=at)
    jurisdictions = sum(
        put_jurisdiction(session, jurisdiction) for jurisdiction in _jurisdictions(rows)
    )
    load_centers(session, folder)
    load_quotas(session, at=at)
    return Loaded(
        areas=changed_areas,
        units=units,
        jurisdictions=jurisdictions,
        matters=put_matters(session, _matters(folder / "matters.csv")),
        calendar_days=calendar.seed(session),
    )


def load_centers(session: Session, folder: Path) -> int:
    """Bring in platform centres and pair units with them; a pack without the file has none."""
    path, changed = folder / "platform_centers.csv", 0
    for row in pack_rows(path, _CENTER_COLUMNS) if path.is_file() else ():
        code = areas.significant_code(row.required("area"))
        level = row.choice("level", ("city", "county", "town"))
        changed += put_center(session, code, level, row.required("name"))
        if find_unit(session, row.required("unit")) is not None:
            changed += put_pairing(session, row.text("unit"), code)
    return changed


def add_city_posts(session: Session, *, at: datetime) -> list[str]:
    """Give every city the posts of the roles that each city has; return those that are new."""
    wanted = [
        (role.id, city.code)
        for city in areas.list_areas(session, on=at.astimezone(CHINA).date(), level=AreaLevel.CITY)
        for role in ROLES.values()
        if role.per_city
    ]
    known = find_staffings(session, [post_id(*one) for one in wanted], at=at)
    new = [one for one in wanted if post_id(*one) not in known]
    return [staffing.add_post(session, *one).id for one in new]


def load_sample(session: Session, folder: Path, *, password_hash: str, at: datetime) -> Loaded:
    """Bring in the sample of a pack: grids, units, generated people and businesses.

    One password hash serves every account of the sample. Loading it again changes nothing.
    """
    on = at.astimezone(CHINA).date()
    changed_areas = areas.put_areas(session, _areas(folder / "areas.csv"), on=on)
    known = {
        business.name: business.id
        for business in businesses.list_businesses(session, limit=200).items
    }
    fresh = [new for new in _businesses(folder / "businesses.csv") if new.name not in known]
    for new in fresh:
        known[new.name] = businesses.add_business(session, new, at=at)
    officers = 0
    for row in _rows(folder / "officers.csv"):
        if find_officer(session, row["username"]) is None:
            _add_officer(session, row, known, password_hash=password_hash, at=at)
            officers += 1
    return Loaded(areas=changed_areas, businesses=len(fresh), officers=officers)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _areas(path: Path) -> Iterator[Area]:
    for row in _rows(path):
        parent = areas.significant_code(row["parent"]) if row["parent"] else None
        code = areas.significant_code(row["code"])
        yield Area(
            code,
            row["name"],
            AreaLevel[row["level"].upper()],
            parent,
            None,
            installed().areas_as_of,
            None,
        )


def _units(rows: Iterable[dict[str, str]]) -> list[Unit]:
    units: dict[str, Unit] = {}
    for row in rows:
        found = (
            Unit(row["station_code"], row["station"], "station", rank("station")),
            Unit(
                row["jurisdiction_code"],
                row["jurisdiction"],
                row["jurisdiction_kind"],
                rank("county"),
            ),
            Unit(
                row["enforcement_unit_code"],
                row["enforcement_unit"],
                "enforcement",
                rank("enforcement", unit_kind=row["enforcement_level"]),
            ),
        )
        units |= {unit.code: unit for unit in found}
    return list(units.values())


def _role_of(unit: Unit) -> str:
    return {"zone_committee": "county"}.get(unit.kind, unit.kind)


def _jurisdictions(rows: Iterable[dict[str, str]]) -> Iterator[Jurisdiction]:
    for row in rows:
        yield Jurisdiction(
            areas.significant_code(row["town_code"]),
            row["station_code"],
            row["jurisdiction_code"],
            row["enforcement_unit_code"],
            is_pilot=row["pilot"] == "true",
        )


def _matters(path: Path) -> Iterator[Matter]:
    for place, row in enumerate(_rows(path), start=1):
        yield Matter(
            code=row["code"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            applies_to=row["applies_to"],
            accepting_party=row["accepting_party"],
            accepting_level=row["accepting_level"],
            priority=row["priority"],
            law=row["law"] or None,
            photo_required=row["photo_required"] == "yes",
            deadline_profile=row["deadline_profile"],
            guide=row["guide"] or None,
            repeat_rule=row["repeat_rule"] or None,
            note=row["note"] or None,
            sort=place,
        )


def _businesses(path: Path) -> Iterator[NewBusiness]:
    for row in _rows(path):
        yield NewBusiness(
            name=row["name"],
            credit_code=row["credit_code"] or None,
            category=row["category"],
            area_code=row["area_code"],
            address=row["address"],
            scope=row["scope"],
            person_in_charge=row["person_in_charge"],
            phone=row["phone"],
            lat=float(row["lat"]),
            lon=float(row["lon"]),
            status=row["status"],
            flags=row["flags"].split(";") if row["flags"] else [],
        )


def _add_officer(
    session: Session,
    row: dict[str, str],
    businesses_by_name: dict[str, int],
    *,
    password_hash: str,
    at: datetime,
) -> None:
    business_id = businesses_by_name[row["business"]] if row["business"] else None
    officer_id = staffing.add_officer(
        session,
        username=row["username"],
        name=row["name"],
        password_hash=password_hash,
        at=at,
        business_id=business_id,
        rights=row["rights"].split(";") if row["rights"] else [],
    )
    wanted = row["posts"].split(";") if row["posts"] else []
    if business_id is not None:
        wanted.append(f"business:{business_id}")
    for wanted_id in wanted:
        role, place = wanted_id.split(":", 1)
        post = staffing.add_post(session, role, place)
        staffing.hold(session, post.id, officer_id, since=at)
