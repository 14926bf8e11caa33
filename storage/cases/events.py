"""The case file: append-only entries chained by hash; what an entry means is not decided here."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import bindparam, func, select

from storage.database.session import Session
from storage.moments import Json, canonical, to_text
from storage.people.personal import Salt, Value, conceal_again, holds_any, list_values, put_back
from storage.tables import case_, case_event

MOVED = "the entries are not numbered one after the other"
ALTERED = "the entry does not match its own hash"
UNLINKED = "the entry does not follow from the one before"
CUT = "the file does not end where the case says"

ADDED_BY_REPORTER = "case_added_by_reporter"
ADDED_BY_COLLECTOR = "case_added_by_collector"
ADDITIONS = frozenset({ADDED_BY_REPORTER, ADDED_BY_COLLECTOR})
"""Entries by which whoever reported a case adds to it while it is open."""


class NewEvent(NamedTuple):
    """An entry about to be written; number and hash come with the write."""

    kind: str
    at: datetime
    actor: str
    data: Mapping[str, Any]
    capacity: str | None = None


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One entry of a case file."""

    seq: int
    at: datetime
    actor: str
    capacity: str | None
    kind: str
    data: dict[str, Json]
    previous: str
    hash: str
    personal: tuple[Salt, ...] = ()
    """Paths in `data` of values of which the chain covers only a digest."""


def run_of(element: str) -> str:
    """The run of a diagram an element of a file stands in, empty for the diagram of the case.

    `rectify.order_rectification` stands in `rectify`.
    """
    return element.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Fault:
    """A break of a chain: its place and kind."""

    seq: int
    reason: str


class Head(NamedTuple):
    """The end of a case file; a copy kept elsewhere reveals that entries were cut off."""

    number: str
    last_seq: int
    head_hash: str


def first_hash(number: str) -> str:
    """Return the hash before the first entry of a case: a chain cannot move to another case."""
    return hashlib.sha256(f"hangji:{number}".encode()).hexdigest()


def entry_hash(previous: str, entry: Mapping[str, Json]) -> str:
    """Return sha256(previous hash + canonical JSON of seq, at, actor, capacity, kind, data)."""
    return hashlib.sha256((previous + canonical(entry)).encode()).hexdigest()


def chain(
    events: Sequence[NewEvent], *, last_seq: int, head_hash: str
) -> tuple[list[dict[str, Json]], int, str]:
    """Number and link new entries; return rows with `data` as text, and the chain's new end."""
    rows: list[dict[str, Json]] = []
    for event in events:
        last_seq += 1
        data = canonical(event.data)
        entry = {
            "seq": last_seq,
            "at": to_text(event.at),
            "actor": event.actor,
            "capacity": event.capacity,
            "kind": event.kind,
            # The text that is stored is the text that is hashed.
            "data": orjson.Fragment(data),
        }
        hash_ = entry_hash(head_hash, entry)
        rows.append({**entry, "data": data, "previous": head_hash, "hash": hash_})
        head_hash = hash_
    return rows, last_seq, head_hash


def verify(number: str, events: Iterable[CaseEvent]) -> Fault | None:
    """Recompute a whole case file; None when it is as it was written, deleted values aside."""
    head = first_hash(number)
    for seq, event in enumerate(events, start=1):
        if event.seq != seq:
            return Fault(seq, MOVED)
        if event.previous != head:
            return Fault(seq, UNLINKED)
        entry = {
            "seq": event.seq,
            "at": to_text(event.at),
            "actor": event.actor,
            "capacity": event.capacity,
            "kind": event.kind,
            "data": conceal_again(event.data, event.personal) if event.personal else event.data,
        }
        if entry_hash(head, entry) != event.hash:
            return Fault(seq, ALTERED)
        head = event.hash
    return None


_LIST = (
    select(
        case_event.c.seq,
        case_event.c.at,
        case_event.c.actor,
        case_event.c.capacity,
        case_event.c.kind,
        case_event.c.data,
        case_event.c.previous,
        case_event.c.hash,
    )
    .where(case_event.c.case_id == bindparam("case_id"), case_event.c.seq > bindparam("after"))
    .order_by(case_event.c.seq)
    .limit(bindparam("most"))
)


def list_events(
    session: Session, case_id: int, *, after: int = 0, limit: int | None = None
) -> list[CaseEvent]:
    """List the entries of a case in order, those after number `after`."""
    rows = session.execute(
        _LIST, {"case_id": case_id, "after": after, "most": limit or 1_000_000}
    ).all()
    has_personal = any(holds_any(row.data) for row in rows)
    values: dict[int, list[Value]] = {}
    for value in list_values(session, case_id, after=after) if has_personal else ():
        values.setdefault(value.seq, []).append(value)
    entries = []
    for seq, at, actor, capacity, kind, text, previous, hash_ in rows:
        data = orjson.loads(text)
        salts = put_back(data, values.get(seq, ()))
        entries.append(CaseEvent(seq, at, actor, capacity, kind, data, previous, hash_, salts))
    return entries


class Completion(NamedTuple):
    """A completed task of a case: its place in the diagram, what was filled in, who answers."""

    case_id: int
    element: str
    form: dict[str, Any]
    owner_post: str | None


def list_completions(session: Session, case_ids: Iterable[int]) -> list[Completion]:
    """List what was filled in of some cases, in order; personal values stay out."""
    question = (
        select(case_event.c.case_id, case_event.c.data, case_.c.owner_post)
        .join(case_, case_.c.id == case_event.c.case_id)
        .where(case_event.c.case_id.in_(set(case_ids)), case_event.c.kind == "task_completed")
        .order_by(case_event.c.case_id, case_event.c.seq)
    )
    rows = ((key, orjson.loads(text), owner) for key, text, owner in session.execute(question))
    return [
        Completion(key, str(data.get("element", "")), dict(data.get("form") or {}), owner)
        for key, data, owner in rows
    ]


def list_additions(session: Session, case_id: int) -> list[CaseEvent]:
    """List what whoever reported the case has added to it since, oldest first."""
    return [entry for entry in list_events(session, case_id) if entry.kind in ADDITIONS]


def count_chases(session: Session, tasks: Sequence[tuple[int, datetime]]) -> list[int]:
    """How often each case was chased by hand since a moment, such as the opening of a task."""
    question = select(case_event.c.case_id, case_event.c.at).where(
        case_event.c.case_id.in_({case_id for case_id, _ in tasks}),
        case_event.c.kind == "case_chased",
    )
    chases = [(row[0], row[1]) for row in session.execute(question)] if tasks else []
    return [sum(of == case_id and at >= since for of, at in chases) for case_id, since in tasks]


def last_chased(session: Session, case_ids: Sequence[int]) -> dict[int, datetime]:
    """When somebody last chased each of these cases by hand; the others are left out."""
    question = (
        select(case_event.c.case_id, func.max(case_event.c.at))
        .where(case_event.c.case_id.in_(case_ids), case_event.c.kind == "case_chased")
        .group_by(case_event.c.case_id)
    )
    return {row[0]: row[1] for row in session.execute(question)}


def list_files(session: Session, *, after: int, limit: int) -> list[tuple[int, Head]]:
    """List cases and where their files end, those after an id."""
    question = (
        select(case_.c.id, case_.c.number, case_.c.last_seq, case_.c.head_hash)
        .where(case_.c.id > after)
        .order_by(case_.c.id)
        .limit(limit)
    )
    return [(row[0], Head(*row[1:])) for row in session.execute(question)]


def count_files(session: Session) -> int:
    """Count the case files."""
    return int(session.execute(select(func.count()).select_from(case_)).scalar_one())


def list_heads(session: Session, *, since: datetime | None = None) -> list[Head]:
    """List where every case file ends, by number; `since`: those with an entry from then on."""
    heads = select(case_.c.number, case_.c.last_seq, case_.c.head_hash).order_by(case_.c.number)
    if since is not None:
        last = (case_event.c.case_id == case_.c.id) & (case_event.c.seq == case_.c.last_seq)
        heads = heads.join(case_event, last).where(case_event.c.at >= since)
    return [Head(*row) for row in session.execute(heads)]


def list_closed_heads(session: Session, *, before: datetime) -> list[tuple[int, Head]]:
    """List cases closed before a moment, the oldest first: its id, and where its file ends."""
    closed = case_.c.status == "closed", case_.c.closed_at < before
    heads = select(case_.c.id, case_.c.number, case_.c.last_seq, case_.c.head_hash).where(*closed)
    rows = session.execute(heads.order_by(case_.c.closed_at, case_.c.id))
    return [(case_id, Head(*row)) for case_id, *row in rows]
