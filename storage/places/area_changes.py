"""Changes of the area tree that were applied, and the areas they end and add."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Select, exists, func, insert, select, update

from storage.database.paging import by_place, page_by_id
from storage.database.session import Session
from storage.moments import Json
from storage.pages import Page
from storage.places.areas import prefix_end
from storage.tables import area, area_change, officer

ChangeKind = Literal["rename", "move", "split", "merge"]


@dataclass(frozen=True, slots=True)
class AreaChange:
    """A change that was applied: from which codes to which, since when, and what it re-coded."""

    id: int
    kind: ChangeKind
    from_codes: list[str]
    to_codes: list[str]
    effective_on: date
    document: str | None
    effects: dict[str, int]
    applied_by: int | None
    name: str | None
    applied_at: datetime


_CHANGES: Select[Any] = select(
    area_change.c.id,
    area_change.c.kind,
    area_change.c.from_codes,
    area_change.c.to_codes,
    area_change.c.effective_on,
    area_change.c.document,
    area_change.c.effects,
    area_change.c.applied_by,
    officer.c.display_name,
    area_change.c.applied_at,
).outerjoin(officer, officer.c.id == area_change.c.applied_by)


def list_area_changes(
    session: Session, *, cursor: str | None = None, limit: int = 50
) -> Page[AreaChange]:
    """List the changes, the newest first."""
    return page_by_id(
        session, _CHANGES, area_change.c.id, by_place(AreaChange), cursor=cursor, limit=limit
    )


def add_area_change(session: Session, values: dict[str, Json]) -> int:
    """Put a change on file; return its id."""
    made = session.execute(insert(area_change).values(**values).returning(area_change.c.id))
    return int(made.scalar_one())


def note_effects(session: Session, change_id: int, effects: dict[str, int]) -> None:
    """Write down what a change re-coded."""
    session.execute(
        update(area_change).where(area_change.c.id == change_id).values(effects=effects)
    )


def end_subtrees(session: Session, codes: Iterable[str], *, on: date) -> int:
    """End areas and everything below them on a day; return how many ended."""
    ended = 0
    for code in codes:
        question = update(area).where(area.c.code >= code, area.c.code < prefix_end(code))
        question = question.where(area.c.valid_to.is_(None)).values(valid_to=on)
        ended += int(session.execute(question).rowcount)
    return ended


def was_ever(session: Session, code: str) -> bool:
    """Return whether there is or was an area of this code: codes are never used again."""
    return bool(session.execute(select(exists().where(area.c.code == code))).scalar())


def latest_start(session: Session, code: str) -> date | None:
    """Return since when the youngest entry of an area and all below it holds."""
    question = select(func.max(area.c.valid_from)).where(
        area.c.code >= code, area.c.code < prefix_end(code), area.c.valid_to.is_(None)
    )
    return session.execute(question).scalar()
