"""Entries of the audit log: written with the act, sealed into one chain a little later.

An act adds its entry in its own transaction and without a number, so that no act ever waits for
another one. The scheduler numbers and links what has been committed: a number follows the order of
sealing, and nothing between two sealed entries can be taken out or put in unnoticed.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, insert, literal, select, update

from storage.database.paging import by_place, page_by_id
from storage.database.session import Session
from storage.errors import NotSignedIn
from storage.moments import Json, canonical, to_text
from storage.pages import DEFAULT_LIMIT, Page
from storage.tables import audit_event, officer

COMMAND_LINE: Final = "command line"
PUBLIC: Final = "public"
SCHEDULER: Final = "scheduler"
FIRST: Final = hashlib.sha256(b"hangji:audit").hexdigest()
"""The hash that the first entry of the log is chained to."""

SEALED_AT_ONCE: Final = 1000
# Any number; a sealing transaction holds this lock until its commit, so there is one chain.
_SEALING: Final = 4_701_209


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One entry; `seq`, `previous` and `hash` are None until it is sealed."""

    id: int
    seq: int | None
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject: str
    data: dict[str, Json]
    previous: str | None
    hash: str | None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries; None is any. `since` is included, `until` is not."""

    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    action: str | None = None
    subject_kind: str | None = None
    subject: str | None = None


_FIELDS = (
    audit_event.c.id,
    audit_event.c.seq,
    audit_event.c.at,
    audit_event.c.actor,
    audit_event.c.action,
    audit_event.c.subject_kind,
    audit_event.c.subject,
    audit_event.c.data,
    audit_event.c.previous,
    audit_event.c.hash,
)
_UNSEALED: Select[Any] = (
    select(*_FIELDS)
    .where(audit_event.c.seq.is_(None))
    .order_by(audit_event.c.id)
    .limit(bindparam("most"))
)
_LAST: Select[Any] = (
    select(audit_event.c.seq, audit_event.c.hash)
    .where(audit_event.c.seq.is_not(None))
    .order_by(audit_event.c.seq.desc())
    .limit(1)
)


def add_audit(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject_kind: str,
    subject: str,
    data: Mapping[str, Json] | None = None,
    account: tuple[int, int] | None = None,
) -> None:
    """Put an act on file in the transaction of the act itself.

    With `account`, an id and a token version, it is put on file in the same statement only if
    that account still signs in with that version.

    Raises:
        NotSignedIn: the account was suspended, or its tokens voided, since it was read.
    """
    values = {
        "at": at,
        "actor": actor,
        "action": action,
        "subject_kind": subject_kind,
        "subject": subject,
        "data": dict(data or {}),
    }
    if account is None:
        session.execute(insert(audit_event).values(**values))
        return
    chosen = select(*(literal(values[name], audit_event.c[name].type) for name in values)).where(
        officer.c.id == account[0], officer.c.token_version == account[1], officer.c.active
    )
    # The id is asked for: drivers do not all count the rows of an insert from a select.
    made = session.execute(
        insert(audit_event).from_select(list(values), chosen).returning(audit_event.c.id)
    )
    if made.first() is None:
        message = "The token is not valid; sign in again."
        raise NotSignedIn(message, code="token_invalid")


def seal(session: Session, *, limit: int = SEALED_AT_ONCE) -> int:
    """Number and link what was committed since the last time; return how many entries."""
    if session.dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_SEALING)))
    waiting = [AuditEvent(*row) for row in session.execute(_UNSEALED, {"most": limit})]
    if not waiting:
        return 0
    last = session.execute(_LAST).first()
    seq, previous = (0, FIRST) if last is None else (int(last.seq), str(last.hash))
    rows = []
    for event in waiting:
        seq += 1
        hash_ = entry_hash(previous, _entry(event, seq))
        rows.append({"row": event.id, "seq": seq, "previous": previous, "hash": hash_})
        previous = hash_
    session.execute(
        update(audit_event)
        .where(audit_event.c.id == bindparam("row"))
        .values(seq=bindparam("seq"), previous=bindparam("previous"), hash=bindparam("hash")),
        rows,
    )
    return len(rows)


def entry_hash(previous: str, entry: Mapping[str, Json]) -> str:
    """Return sha256(previous hash + canonical JSON of the entry without its two hashes)."""
    return hashlib.sha256((previous + canonical(entry)).encode()).hexdigest()


def as_entry(event: AuditEvent) -> dict[str, Json]:
    """Return an entry as it is exported: what is hashed, and its two hashes."""
    return {**_entry(event, event.seq), "previous": event.previous, "hash": event.hash}


def last_act_at(session: Session, action: str) -> datetime | None:
    """Return when an act was last done; None when it never was."""
    acts = list_audit(session, AuditFilter(action=action), limit=1).items
    return acts[0].at if acts else None


def list_audit(
    session: Session,
    wanted: AuditFilter,
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[AuditEvent]:
    """List entries, newest first."""
    return page_by_id(
        session,
        _matching(wanted),
        audit_event.c.id,
        by_place(AuditEvent),
        cursor=cursor,
        limit=limit,
    )


def count_audit(session: Session, wanted: AuditFilter) -> int:
    """Count entries."""
    question = _matching(wanted).with_only_columns(func.count())
    return int(session.execute(question).scalar_one())


def list_sealed(session: Session, *, since: datetime, until: datetime) -> list[AuditEvent]:
    """List the sealed entries of a period, as one unbroken run of the chain.

    Entries are sealed in order of commit, so a few of the neighbouring minutes may be between
    the first and the last of the period; they are part of the run.
    """
    of_period = select(func.min(audit_event.c.seq), func.max(audit_event.c.seq)).where(
        audit_event.c.at >= since, audit_event.c.at < until, audit_event.c.seq.is_not(None)
    )
    first, last = session.execute(of_period).one()
    if first is None:
        return []
    run: Select[Any] = select(*_FIELDS).where(audit_event.c.seq.between(first, last))
    return [AuditEvent(*row) for row in session.execute(run.order_by(audit_event.c.seq))]


def count_unsealed(session: Session) -> int:
    """Count the entries that wait to be sealed."""
    question = select(func.count()).where(audit_event.c.seq.is_(None))
    return int(session.execute(question.select_from(audit_event)).scalar_one())


def find_break(entries: Iterable[Mapping[str, Any]]) -> tuple[int, str] | None:
    """Find the first exported entry that does not follow from the one before, and say how.

    Nothing is known of what stood before the first one but its `previous`.
    """
    previous: str | None = None
    seq: int | None = None
    for entry in entries:
        number = int(entry["seq"])
        if seq is not None and number != seq + 1:
            return number, "the entries are not numbered one after the other"
        if previous is not None and entry["previous"] != previous:
            return number, "the entry does not follow from the one before"
        content = {name: value for name, value in entry.items() if name not in _HASHES}
        if entry_hash(entry["previous"], content) != entry["hash"]:
            return number, "the entry does not match its own hash"
        seq, previous = number, entry["hash"]
    return None


_HASHES: Final = frozenset({"previous", "hash"})


def _entry(event: AuditEvent, seq: int | None) -> dict[str, Json]:
    return {
        "seq": seq,
        "at": to_text(event.at),
        "actor": event.actor,
        "action": event.action,
        "subject_kind": event.subject_kind,
        "subject": event.subject,
        "data": event.data,
    }


def _matching(wanted: AuditFilter) -> Select[Any]:
    question: Select[Any] = select(*_FIELDS)
    if wanted.since is not None:
        question = question.where(audit_event.c.at >= wanted.since)
    if wanted.until is not None:
        question = question.where(audit_event.c.at < wanted.until)
    for name in ("actor", "action", "subject_kind", "subject"):
        value = getattr(wanted, name)
        if value is not None:
            question = question.where(audit_event.c[name] == value)
    return question
