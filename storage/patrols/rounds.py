"""The shops of a round with what is known of them, in three statements however many there are."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, or_, select

from storage.database.session import Session
from storage.patrols.patrols import counts
from storage.people.scope import under_areas
from storage.places.positions import Position
from storage.tables import business, case_, intensity, patrol

OPEN = ("operating", "suspected_ceased")
"""Statuses of businesses a round still comes by."""

SCHOOLS = "canteen.school"


@dataclass(frozen=True, slots=True)
class Shop:
    """A business of a round: when it was last visited, and how closely it is watched."""

    id: int
    name: str
    category: str
    area_code: str
    address: str | None
    lat: float | None
    lon: float | None
    status: str
    flags: list[str]
    created_at: datetime
    last_visited_at: datetime | None
    """When somebody was in it last; a closed door is no visit."""
    state: str
    closed_doors: int
    """Visits in a row that found the door closed."""
    last_closed_at: datetime | None
    """When the door was found closed last."""

    @property
    def position(self) -> Position | None:
        """Where it stands, as far as that is known."""
        return None if self.lat is None or self.lon is None else Position(self.lat, self.lon)


def list_shops(
    session: Session, areas: Sequence[str], *, without: int | None, limit: int
) -> list[Shop]:
    """List the open businesses of some areas, closely watched and long unvisited ones first."""
    if not areas:
        return []
    last = _last_visit()
    state = func.coalesce(_state(), "normal")
    question: Select[Any] = (
        select(*_SHOP, last.label("last"), state.label("state"), _closed_doors(), _last_closed())
        .where(under_areas(business.c.area_code, areas))
        .where(business.c.status.in_(OPEN), business.c.merged_into.is_(None))
        .order_by(state == "normal", last.is_not(None), last, business.c.id)
        .limit(limit)
    )
    if without is not None:
        question = question.where(business.c.id != without)
    return [Shop(*row) for row in session.execute(question)]


def find_shop(session: Session, business_id: int) -> Shop | None:
    """Find one business with what a round knows of it."""
    state = func.coalesce(_state(), "normal")
    columns = (*_SHOP, _last_visit(), state, _closed_doors(), _last_closed())
    question: Select[Any] = select(*columns)
    row = session.execute(question.where(business.c.id == business_id)).first()
    return None if row is None else Shop(*row)


def list_found(
    session: Session, business_ids: Collection[int], *, since: datetime
) -> Mapping[int, list[str]]:
    """Return the matters that visits found at businesses since a time, by business."""
    found: dict[int, list[str]] = {}
    rows = session.execute(
        select(patrol.c.business_id, case_.c.matter)
        .join(case_, case_.c.id == patrol.c.case_id)
        .where(patrol.c.business_id.in_(business_ids), patrol.c.visited_at >= since)
        .where(case_.c.matter.is_not(None), case_.c.visible_from_rank.is_(None))
        .order_by(patrol.c.id.desc())
    )
    for business_id, code in rows:
        found.setdefault(business_id, []).append(code)
    return found


def list_schools(session: Session, areas: Collection[str]) -> list[Position]:
    """List where the school canteens of some areas stand."""
    if not areas:
        return []
    question = (
        select(business.c.lat, business.c.lon)
        .where(under_areas(business.c.area_code, areas))
        .where(business.c.category == SCHOOLS, business.c.lat.is_not(None))
        .where(business.c.lon.is_not(None))
    )
    return [Position(*row) for row in session.execute(question)]


_SHOP = (
    business.c.id,
    business.c.name,
    business.c.category,
    business.c.area_code,
    business.c.address,
    business.c.lat,
    business.c.lon,
    business.c.status,
    business.c.flags,
    business.c.created_at,
)


def _last_visit() -> ScalarSelect[datetime | None]:
    visits = select(func.max(patrol.c.visited_at)).where(
        patrol.c.business_id == business.c.id, patrol.c.result != "closed_door", counts(patrol)
    )
    return visits.scalar_subquery()


def _last_closed() -> ScalarSelect[datetime | None]:
    visits = select(func.max(patrol.c.visited_at)).where(
        patrol.c.business_id == business.c.id, patrol.c.result == "closed_door", counts(patrol)
    )
    return visits.scalar_subquery()


def _state() -> ScalarSelect[str]:
    changes = select(intensity.c.state).where(intensity.c.business_id == business.c.id)
    return changes.order_by(intensity.c.id.desc()).limit(1).scalar_subquery()


def _closed_doors() -> ScalarSelect[int]:
    earlier = patrol.alias("earlier")
    # Of this shop alone: left to itself the inner query would join all shops there are.
    opened = (
        select(func.max(earlier.c.visited_at))
        .where(earlier.c.business_id == patrol.c.business_id, earlier.c.result != "closed_door")
        .where(counts(earlier))
        .correlate(patrol)
        .scalar_subquery()
    )
    closed = select(func.count()).where(
        patrol.c.business_id == business.c.id,
        patrol.c.result == "closed_door",
        counts(patrol),
        or_(opened.is_(None), patrol.c.visited_at > opened),
    )
    return closed.scalar_subquery()
