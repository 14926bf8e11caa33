"""Video patrols: added once, counted by unit and period; who may see which."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Row,
    RowMapping,
    Select,
    String,
    and_,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from storage.database.session import Session
from storage.pages import DEFAULT_LIMIT, Page, clamped, page_of, read_cursor
from storage.people.actors import Actor
from storage.tables import business, case_, video_patrol, video_patrol_item
from storage.video.scope import visible_video_patrol

KEY: Final = "video_patrol:"
"""The case of a problem has this start key and the number of its patrol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVideoPatrol:
    """A business that was watched; `counts` unless it was entered too late."""

    business_id: int
    unit: str
    period_key: str
    day: date
    watched_at: datetime
    watched_until: datetime | None
    recorded_at: datetime
    is_late: bool
    counts: bool
    entered_by: int | None
    source: str
    external_id: str | None
    camera_id: int | None
    problem: str | None
    remark: str | None
    photos: Sequence[str]


@dataclass(frozen=True, slots=True)
class VideoPatrol:
    """A video patrol with its business, its answers, and the case that came of it."""

    id: int
    business_id: int
    unit: str
    period_key: str
    day: date
    watched_at: datetime
    recorded_at: datetime
    is_late: bool
    counts: bool
    source: str
    external_id: str | None
    camera_id: int | None
    problem: str | None
    remark: str | None
    photos: list[str]
    business_name: str
    area_code: str
    case_number: str | None
    items: Mapping[str, str]
    item_snapshots: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class VideoPatrolFilter:
    """Which video patrols; what is None does not narrow."""

    business: int | None = None
    unit: str | None = None
    first: datetime | None = None
    until: datetime | None = None
    period_key: str | None = None


_COLUMNS: Final[Mapping[str, Any]] = {
    **video_patrol.c,
    "business_name": business.c.name,
    "area_code": business.c.area_code,
    "case_number": case_.c.number,
}
_OF_ITEMS: Final = {"items", "item_snapshots"}
_OWN: Final = tuple(field.name for field in fields(VideoPatrol) if field.name not in _OF_ITEMS)
_PATROLS: Final[Select[Any]] = (
    select(*(_COLUMNS[name].label(name) for name in _OWN))
    .join(business, business.c.id == video_patrol.c.business_id)
    .join(
        case_,
        case_.c.start_key == literal(KEY) + cast(video_patrol.c.id, String),
        isouter=True,
    )
)


def key_of(patrol_id: int) -> str:
    """Return the start key of the case of a problem."""
    return f"{KEY}{patrol_id}"


def add_patrol(
    session: Session, new: NewVideoPatrol, items: Mapping[str, str], snapshots: Mapping[str, str]
) -> int:
    """Add a video patrol, its answers and the uploads that show them; return its id."""
    values = {**asdict(new), "photos": list(new.photos)}
    made = session.execute(insert(video_patrol).values(values).returning(video_patrol.c.id))
    patrol_id = int(made.scalar_one())
    rows = [
        {
            "patrol_id": patrol_id,
            "item": item,
            "answer": items[item],
            "snapshot": snapshots.get(item),
        }
        for item in sorted(items)
    ]
    session.execute(insert(video_patrol_item), rows)
    return patrol_id


def find_same(
    session: Session, business_id: int, unit: str, day: date, external_id: str | None
) -> VideoPatrol | None:
    """Find what is on file of a business, unit and day, or under a number of the other platform."""
    same = and_(
        video_patrol.c.business_id == business_id,
        video_patrol.c.unit == unit,
        video_patrol.c.day == day,
    )
    if external_id is not None:
        same = or_(same, video_patrol.c.external_id == external_id)
    row = session.execute(_PATROLS.where(same).order_by(video_patrol.c.id)).mappings().first()
    return None if row is None else VideoPatrol(**row, items={}, item_snapshots={})


def keep_external_id(session: Session, patrol_id: int, external_id: str) -> None:
    """Link a patrol with its record on the other platform."""
    session.execute(
        update(video_patrol).where(video_patrol.c.id == patrol_id).values(external_id=external_id)
    )


def count_distinct(
    session: Session, unit: str, period_key: str, *, before: datetime | None = None
) -> int:
    """Count the different businesses a unit watched; with `before` those on file by then."""
    question = select(func.count(video_patrol.c.business_id.distinct())).where(
        video_patrol.c.unit == unit,
        video_patrol.c.period_key == period_key,
        video_patrol.c.counts.is_(True),
    )
    if before is not None:
        question = question.where(video_patrol.c.recorded_at < before)
    return int(session.execute(question).scalar_one())


def list_watched(session: Session, unit: str, period_key: str) -> set[int]:
    """Return the businesses a unit watched in a period."""
    question = select(video_patrol.c.business_id).where(
        video_patrol.c.unit == unit, video_patrol.c.period_key == period_key
    )
    return set(session.execute(question).scalars())


def count_by_day(session: Session, unit: str, *, first: date, after: date) -> dict[date, int]:
    """Count the entries of a unit on each day it watched."""
    question = (
        select(video_patrol.c.day, func.count())
        .where(video_patrol.c.unit == unit, video_patrol.c.day >= first, video_patrol.c.day < after)
        .group_by(video_patrol.c.day)
    )
    return {row[0]: int(row[1]) for row in session.execute(question)}


def list_patrols(
    session: Session,
    wanted: VideoPatrolFilter,
    *,
    actor: Actor,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[VideoPatrol]:
    """List the video patrols an actor may see, the newest first."""
    limit = clamped(limit)
    question = _PATROLS.where(visible_video_patrol(session, actor), *_narrowed(wanted))
    if cursor is not None:
        question = question.where(video_patrol.c.id < read_cursor(cursor, [int])[0])
    ordered = question.order_by(video_patrol.c.id.desc()).limit(limit + 1)
    rows = session.execute(ordered).mappings().all()
    answers = _answers(session, [row["id"] for row in rows])
    found = [_patrol(row, answers.get(row["id"], ())) for row in rows]
    return page_of(found, limit, lambda patrol: [patrol.id])


def _narrowed(wanted: VideoPatrolFilter) -> list[ColumnElement[bool]]:
    named = {"business": "business_id", "unit": "unit", "period_key": "period_key"}
    conditions = [
        video_patrol.c[column] == getattr(wanted, name)
        for name, column in named.items()
        if getattr(wanted, name) is not None
    ]
    if wanted.first is not None:
        conditions.append(video_patrol.c.watched_at >= wanted.first)
    if wanted.until is not None:
        conditions.append(video_patrol.c.watched_at < wanted.until)
    return conditions


def _patrol(row: RowMapping, answers: Sequence[Row[Any]]) -> VideoPatrol:
    shown = {one.item: one.snapshot for one in answers if one.snapshot is not None}
    return VideoPatrol(**row, items={one.item: one.answer for one in answers}, item_snapshots=shown)


def _answers(session: Session, patrols: Sequence[int]) -> dict[int, list[Row[Any]]]:
    question = select(video_patrol_item).where(video_patrol_item.c.patrol_id.in_(patrols))
    answers: dict[int, list[Row[Any]]] = {}
    for row in session.execute(question):
        answers.setdefault(row.patrol_id, []).append(row)
    return answers
