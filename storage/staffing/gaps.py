"""Gaps: places with too few people now. One row for each, so that a report costs its gaps only.

Every change of staffing looks its own places over again in its own transaction; the nightly check
looks over all of them, for what began or ended by date.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.audit.log import AuditFilter, list_audit
from storage.database.session import Session
from storage.moments import in_china, in_force
from storage.pages import Page, clamped, page_of, read_cursor
from storage.people.actors import Actor
from storage.people.scope import under_area, under_areas
from storage.places.areas import valid_on
from storage.staffing.rules import SUPERVISORS, StaffingRule
from storage.staffing.supervisions import counts
from storage.tables import area, holding, officer, post, staffing_gap, supervision

CHECKED: Final = "staffing_checked"
"""The act of looking over every place, on the audit log."""

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Gap:
    """A place that has too few people, by how many, since when and why."""

    kind: str
    place: str
    name: str
    missing: int
    since: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class GapFilter:
    """Which gaps; None is any."""

    area: str | None = None
    kind: str | None = None


def list_gaps(
    session: Session,
    wanted: GapFilter,
    *,
    actor: Actor,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Gap]:
    """List the gaps of an actor's areas in order of place, in one statement."""
    limit = clamped(limit)
    question = _GAPS.where(*_conditions(wanted, actor))
    if cursor is not None:
        place, kind = read_cursor(cursor, [str, str])
        later = and_(staffing_gap.c.place == place, staffing_gap.c.kind > kind)
        question = question.where(or_(staffing_gap.c.place > place, later))
    rows = session.execute(question.limit(limit + 1))
    return page_of([Gap(*row) for row in rows], limit, lambda gap: [gap.place, gap.kind])


def count_gaps(
    session: Session, wanted: GapFilter, *, actor: Actor, digits: int
) -> dict[tuple[str, str], int]:
    """Count the gaps of an actor's areas by kind and the first digits of their place."""
    part = func.substr(staffing_gap.c.place, 1, digits)
    question = select(staffing_gap.c.kind, part, func.count()).where(*_conditions(wanted, actor))
    rows = session.execute(question.group_by(staffing_gap.c.kind, part))
    return {(kind, place): count for kind, place, count in rows}


def count_gaps_in(session: Session, kind: str, area_code: str) -> int:
    """Count the gaps of a kind in an area, whoever looks."""
    question = select(func.count()).select_from(staffing_gap)
    inside = under_area(staffing_gap.c.place, area_code)
    return int(session.execute(question.where(staffing_gap.c.kind == kind, inside)).scalar_one())


def find_gap(session: Session, kind: str, place: str) -> Gap | None:
    """Find the gap of a place, None when it has the people it needs."""
    row = session.execute(
        _GAPS.where(staffing_gap.c.kind == kind, staffing_gap.c.place == place)
    ).first()
    return None if row is None else Gap(*row)


def last_checked_at(session: Session) -> datetime | None:
    """Return when every place was last looked over; None before the first time."""
    acts = list_audit(session, AuditFilter(action=CHECKED), limit=1).items
    return acts[0].at if acts else None


def check_places(
    session: Session,
    rule: StaffingRule,
    *,
    at: datetime,
    places: Collection[str] | None = None,
    reason: str | None = None,
) -> int:
    """Compare places, or all of the rule's level, with the rule; return how many rows changed."""
    missing = dict(_missing(session, rule, at=at, places=places))
    known = {row.place: row.missing for row in session.execute(_known(rule, places))}
    gone = sorted(known.keys() - missing.keys())
    for start in range(0, len(gone), _CHUNK):
        session.execute(_of(rule, delete(staffing_gap), gone[start : start + _CHUNK]))
    fresh = sorted(missing.keys() - known.keys())
    if fresh:
        same = {"kind": rule.kind, "since": at, "reason": reason}
        told = [{**same, "place": place, "missing": missing[place]} for place in fresh]
        put = sqlite_insert if session.dialect.name == "sqlite" else postgresql_insert
        # Whoever looks at the same moment, or changes the place, may have added it already.
        session.execute(put(staffing_gap).on_conflict_do_nothing(), told)
    changed = [place for place in known.keys() & missing.keys() if known[place] != missing[place]]
    for place in changed:
        values_ = {"missing": missing[place], **({"reason": reason} if reason else {})}
        session.execute(_of(rule, update(staffing_gap).values(**values_), [place]))
    return len(gone) + len(fresh) + len(changed)


_GAPS: Select[Any] = (
    select(
        staffing_gap.c.kind,
        staffing_gap.c.place,
        func.coalesce(area.c.name, staffing_gap.c.place),
        staffing_gap.c.missing,
        staffing_gap.c.since,
        staffing_gap.c.reason,
    )
    .outerjoin(area, and_(area.c.code == staffing_gap.c.place, area.c.valid_to.is_(None)))
    .order_by(staffing_gap.c.place, staffing_gap.c.kind)
)


def _conditions(wanted: GapFilter, actor: Actor) -> list[ColumnElement[bool]]:
    place = staffing_gap.c.place
    found = [under_areas(place, actor.prefixes)]
    if wanted.area is not None:
        found.append(under_area(place, wanted.area))
    if wanted.kind is not None:
        found.append(staffing_gap.c.kind == wanted.kind)
    return found


def _known(rule: StaffingRule, places: Collection[str] | None) -> Select[Any]:
    question = select(staffing_gap.c.place, staffing_gap.c.missing)
    question = question.where(staffing_gap.c.kind == rule.kind)
    return question if places is None else question.where(staffing_gap.c.place.in_(sorted(places)))


def _of(rule: StaffingRule, statement: Any, places: Iterable[str]) -> Any:
    return statement.where(
        staffing_gap.c.kind == rule.kind, staffing_gap.c.place.in_(sorted(places))
    )


def _missing(
    session: Session, rule: StaffingRule, *, at: datetime, places: Collection[str] | None
) -> Iterable[tuple[str, int]]:
    is_of_villages = rule.kind == SUPERVISORS
    present = _supervisors(at, places) if is_of_villages else _holders(rule.role, at, places)
    found = func.coalesce(present.c.people, 0)
    question = (
        select(area.c.code, rule.minimum - found)
        .outerjoin(present, present.c.place == area.c.code)
        .where(area.c.level == int(rule.level), valid_on(in_china(at).date()), found < rule.minimum)
    )
    if places is not None:
        question = question.where(area.c.code.in_(sorted(places)))
    return ((place, int(count)) for place, count in session.execute(question))


def _supervisors(at: datetime, places: Collection[str] | None) -> Any:
    question = (
        select(supervision.c.village.label("place"), func.count().label("people"))
        .join(officer, officer.c.id == supervision.c.officer_id)
        .where(in_force(supervision, at), counts(at))
        .group_by(supervision.c.village)
    )
    return _within(question, supervision.c.village, places)


def _holders(role: str, at: datetime, places: Collection[str] | None) -> Any:
    question = (
        select(post.c.place.label("place"), func.count().label("people"))
        .join(holding, and_(holding.c.post_id == post.c.id, in_force(holding, at)))
        .join(officer, and_(officer.c.id == holding.c.officer_id, officer.c.active))
        .where(post.c.role == role)
        .group_by(post.c.place)
    )
    return _within(question, post.c.place, places)


def _within(
    question: Select[Any], column: ColumnElement[str], places: Collection[str] | None
) -> Any:
    # In the part that counts: otherwise one place would cost as much as all of them.
    if places is not None:
        question = question.where(column.in_(sorted(places)))
    return question.subquery()
