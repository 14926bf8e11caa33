"""What supervisors ask of the holders of cases, and until when (督办); the words are on file."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import orjson
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from storage.cases.inboxes.lists import ListedTask
from storage.database.session import Session
from storage.pages import Page, clamped, page_of, read_cursor
from storage.people.actors import Actor
from storage.people.scope import visible_case
from storage.tables import case_, case_event, demand

State = Literal["given", "waiting", "late", "answered", "ended"]
STATES: Final[tuple[State, ...]] = ("waiting", "late", "answered", "ended", "given")
"""All that one gave; of those: not answered yet, not answered by the day, answered, ended."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A supervision with a day for its answer; at most one of a case stands."""

    id: int
    case_id: int
    asked_by: int
    """The officer who asked last; the answer goes there."""
    asked_seq: int
    """The entry of the file that holds what is asked."""
    asked_at: datetime
    due_at: datetime
    times: int
    """How often it was asked, once more with every new day."""
    answered_seq: int | None
    answered_at: datetime | None
    reminded_at: datetime | None
    ended_at: datetime | None

    def state(self, now: datetime) -> State:
        """Where it stands at a moment."""
        if self.ended_at is not None:
            return "ended"
        if self.answered_at is not None:
            return "answered"
        return "late" if self.due_at <= now else "waiting"


@dataclass(frozen=True, slots=True)
class ListedDemand:
    """A demand with what a list shows of its case."""

    demand: Demand
    number: str
    title: str
    matter: str | None
    status: str
    area_code: str


_FIELDS = tuple(demand.c[name] for name in Demand.__dataclass_fields__)
_STANDS = demand.c.ended_at.is_(None)
_OPEN = and_(_STANDS, case_.c.status == "open")
_UNANSWERED = and_(_OPEN, demand.c.answered_at.is_(None))


def find_standing(session: Session, case_id: int) -> Demand | None:
    """Find the demand of a case that has not ended."""
    return next(iter(list_standing(session, [case_id]).values()), None)


def list_standing(session: Session, case_ids: Collection[int]) -> dict[int, Demand]:
    """List the demands of some cases that have not ended, by case."""
    if not case_ids:
        return {}
    question = select(*_FIELDS).where(demand.c.case_id.in_(sorted(case_ids)), _STANDS)
    return {row.case_id: Demand(*row) for row in session.execute(question)}


def list_standing_of(session: Session, listed: Iterable[ListedTask]) -> dict[int, Demand]:
    """List what is asked of the cases of some tasks; none supervised, nothing is looked up."""
    return list_standing(session, {each.task.case_id for each in listed if each.supervised})


def add_demand(
    session: Session, case_id: int, *, asked_by: int, seq: int, at: datetime, due_at: datetime
) -> None:
    """Keep what was asked of a case for which none stands; its case is locked."""
    session.execute(
        insert(demand).values(
            case_id=case_id, asked_by=asked_by, asked_seq=seq, asked_at=at, due_at=due_at, times=1
        )
    )


def ask_again(
    session: Session, ident: int, *, asked_by: int, seq: int, at: datetime, due_at: datetime
) -> None:
    """Move a demand to a new day; nothing counts as answered any more."""
    changed = {
        "asked_by": asked_by,
        "asked_seq": seq,
        "asked_at": at,
        "due_at": due_at,
        "times": demand.c.times + 1,
        "answered_seq": None,
        "answered_at": None,
        "reminded_at": None,
    }
    session.execute(update(demand).where(demand.c.id == ident).values(**changed))


def mark_answered(session: Session, ident: int, *, seq: int, at: datetime) -> None:
    """Keep which entry answers a demand; a later answer takes the place of an earlier one."""
    values = {"answered_seq": seq, "answered_at": at}
    session.execute(update(demand).where(demand.c.id == ident).values(**values))


def mark_reminded(session: Session, ident: int, *, at: datetime) -> None:
    """Keep that its day has passed without an answer, and that this was said."""
    session.execute(update(demand).where(demand.c.id == ident).values(reminded_at=at))


def mark_ended(session: Session, ident: int, *, at: datetime) -> None:
    """Keep that a demand ended."""
    session.execute(update(demand).where(demand.c.id == ident).values(ended_at=at))


_LATE = and_(_STANDS, demand.c.answered_at.is_(None), demand.c.reminded_at.is_(None))
_FIRST_LATE: Select[Any] = select(func.min(demand.c.due_at)).where(_LATE)
_LIST_LATE = (
    select(demand.c.id, demand.c.case_id)
    .where(_LATE, demand.c.due_at <= bindparam("now"))
    .order_by(demand.c.due_at)
    .limit(bindparam("most"))
)


def find_next_late(session: Session) -> datetime | None:
    """When the next demand becomes late that nobody was reminded of; one look at an index."""
    at: datetime | None = session.execute(_FIRST_LATE).scalar_one()
    return at


def list_late(session: Session, *, now: datetime, limit: int = 100) -> list[tuple[int, int]]:
    """List demands past their day that nobody was reminded of: each with its case."""
    names = {"now": now, "most": limit}
    return [(row.id, row.case_id) for row in session.execute(_LIST_LATE, names)]


def list_given(
    session: Session,
    *,
    actor: Actor,
    state: State,
    now: datetime,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ListedDemand]:
    """List what the actor asked of cases they may see, the latest first."""
    limit = clamped(limit)
    question = (
        select(
            *_FIELDS,
            case_.c.number,
            case_.c.title,
            case_.c.matter,
            case_.c.status,
            case_.c.area_code,
        )
        .join(case_, case_.c.id == demand.c.case_id)
        .where(demand.c.asked_by == actor.id, visible_case(actor), _in_state(state, now))
        .order_by(demand.c.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        question = question.where(demand.c.id < read_cursor(cursor, [int])[0])
    rows = [_listed(row) for row in session.execute(question)]
    return page_of(rows, limit, lambda listed: [listed.demand.id])


def count_given(session: Session, *, actor: Actor, now: datetime) -> dict[State, int]:
    """Count each list of `list_given`, in one statement."""
    counts = [func.count().filter(_in_state(state, now)) for state in STATES]
    question = (
        select(*counts)
        .select_from(demand)
        .join(case_, case_.c.id == demand.c.case_id)
        .where(demand.c.asked_by == actor.id, visible_case(actor))
    )
    row = session.execute(question).one()
    return dict(zip(STATES, map(int, row), strict=True))


def list_words(
    session: Session, entries: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], dict[str, Any]]:
    """What some entries of case files say, by case and number."""
    keys: Sequence[tuple[int, int]] = sorted(set(entries))
    if not keys:
        return {}
    question = select(case_event.c.case_id, case_event.c.seq, case_event.c.data).where(
        tuple_(case_event.c.case_id, case_event.c.seq).in_(keys)
    )
    return {
        (case_id, seq): dict(orjson.loads(data)) for case_id, seq, data in session.execute(question)
    }


def _in_state(state: State, now: datetime) -> ColumnElement[bool]:
    """The filter of a list; what belongs to a closed case has ended with it."""
    if state == "waiting":
        return and_(_UNANSWERED, demand.c.due_at > now)
    if state == "late":
        return and_(_UNANSWERED, demand.c.due_at <= now)
    if state == "answered":
        return and_(_OPEN, demand.c.answered_at.is_not(None))
    if state == "ended":
        return or_(demand.c.ended_at.is_not(None), case_.c.status == "closed")
    return demand.c.id > 0


def _listed(row: Sequence[Any]) -> ListedDemand:
    width = len(_FIELDS)
    return ListedDemand(Demand(*row[:width]), *row[width:])
