"""Names for the codes of a case: posts, areas, officers, businesses, in one statement."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, Text, and_, cast, literal_column, select, union_all

from storage.database.session import Session
from storage.places.areas import valid_on
from storage.places.positions import Position
from storage.tables import area, business, officer, post


@dataclass(frozen=True, slots=True)
class CaseNames:
    """Names by code; an unknown code is left out."""

    posts: dict[str, str] = field(default_factory=dict)
    areas: dict[str, str] = field(default_factory=dict)
    officers: dict[int, str] = field(default_factory=dict)
    businesses: dict[int, str] = field(default_factory=dict)
    spots: dict[int, Position] = field(default_factory=dict)
    """Where businesses are, of those whose position is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The codes to look up; areas as they are on a day."""

    on: date
    posts: Collection[str] = ()
    areas: Collection[str] = ()
    officers: Collection[int] = ()
    businesses: Collection[int] = ()
    spots: Collection[int] = ()
    """Businesses whose position is looked up."""


def look_up(session: Session, codes: Codes) -> CaseNames:
    """Look up all codes at once; no code, no statement."""
    names = CaseNames()
    parts = list(_parts(codes))
    if not parts:
        return names
    whole = parts[0] if len(parts) == 1 else union_all(*parts)
    for kind, code, name in session.execute(whole):
        if kind == "post":
            names.posts[code] = name
        elif kind == "area":
            names.areas[code] = name
        elif kind == "officer":
            names.officers[int(code)] = name
        elif kind == "spot":
            lat, lon = name.split(",")
            names.spots[int(code)] = Position(float(lat), float(lon))
        else:
            names.businesses[int(code)] = name
    return names


def _parts(codes: Codes) -> Iterator[Select[Any]]:
    if codes.posts:
        question = _named("post", post.c.id, post.c.title)
        yield question.where(post.c.id.in_(sorted(codes.posts)))
    if codes.areas:
        yield _named("area", area.c.code, area.c.name).where(
            area.c.code.in_(sorted(codes.areas)),
            valid_on(codes.on),
        )
    if codes.officers:
        question = _named("officer", officer.c.id, officer.c.display_name)
        yield question.where(officer.c.id.in_(sorted(codes.officers)))
    if codes.businesses:
        question = _named("business", business.c.id, business.c.name)
        yield question.where(business.c.id.in_(sorted(codes.businesses)))
    if codes.spots:
        place = cast(business.c.lat, Text) + "," + cast(business.c.lon, Text)
        is_known = and_(business.c.lat.is_not(None), business.c.lon.is_not(None))
        question = _named("spot", business.c.id, place)
        yield question.where(business.c.id.in_(sorted(codes.spots)), is_known)


def _named(kind: str, code: Any, name: Any) -> Select[Any]:
    columns: tuple[Any, ...] = (literal_column(f"'{kind}'"), cast(code, Text), cast(name, Text))
    return select(*columns)
