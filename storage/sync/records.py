"""Records of other platforms: one row for each of their ids, in the newest version seen."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, func, insert, select, update

from storage.database.paging import by_name, page_by_id
from storage.database.session import Session
from storage.errors import NotFound
from storage.moments import Json
from storage.pages import DEFAULT_LIMIT, Page
from storage.tables import sync_record

RELATIONS: Final = ("created", "linked", "ignored", "waiting")
"""How a record stands to what is here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecord:
    """A record about to be kept; `subject_kind` is `case`, `business` or `video_patrol`."""

    source: str
    external_id: str
    version: int
    body_hash: str
    kind: str
    origin: str
    relation: str
    day: date
    body: Json
    changed_at: datetime
    subject_kind: str | None = None
    subject_id: int | None = None
    reason: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecord:
    """A record as it is kept."""

    id: int
    source: str
    external_id: str
    version: int
    body_hash: str
    kind: str
    origin: str
    subject_kind: str | None
    subject_id: int | None
    relation: str
    retired: bool
    day: date
    body: Json
    reason: Json
    changed_at: datetime
    seen_at: datetime


_RECORDS: Final[Select[Any]] = select(*(sync_record.c[name] for name in KeptRecord.__slots__))


def add_record(session: Session, new: NewRecord, *, at: datetime) -> int:
    """Keep a record for the first time; return its number here."""
    values = {**asdict(new), "retired": False, "seen_at": at}
    made = session.execute(insert(sync_record).values(values).returning(sync_record.c.id))
    return int(made.scalar_one())


def update_record(session: Session, record_id: int, **values: Any) -> None:
    """Change a record that is kept."""
    session.execute(update(sync_record).where(sync_record.c.id == record_id).values(**values))


def find_record(session: Session, source: str, external_id: str) -> KeptRecord | None:
    """Find a record by its id over there."""
    question = _RECORDS.where(
        sync_record.c.source == source, sync_record.c.external_id == external_id
    )
    row = session.execute(question).mappings().first()
    return None if row is None else KeptRecord(**row)


def versions_of(session: Session, source: str, external_ids: Collection[str]) -> dict[str, int]:
    """Read which versions of some records are kept, without those deleted over there."""
    question = select(sync_record.c.external_id, sync_record.c.version).where(
        sync_record.c.source == source,
        sync_record.c.external_id.in_(external_ids),
        sync_record.c.retired.is_(False),
    )
    return {row.external_id: row.version for row in session.execute(question)}


def get_record(session: Session, record_id: int) -> KeptRecord:
    """Get a record by its number here; NotFound otherwise."""
    row = session.execute(_RECORDS.where(sync_record.c.id == record_id)).mappings().first()
    if row is None:
        message = "没有这条对接记录。"
        raise NotFound(message, code="sync_record_not_found")
    return KeptRecord(**row)


def list_of_subject(session: Session, kind: str, subject_id: int) -> list[KeptRecord]:
    """List what other platforms hold of a case or a business."""
    question = _RECORDS.where(
        sync_record.c.subject_kind == kind, sync_record.c.subject_id == subject_id
    )
    rows = session.execute(question.order_by(sync_record.c.id)).mappings()
    return [KeptRecord(**row) for row in rows]


def list_records(
    session: Session,
    source: str,
    *,
    relation: str | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[KeptRecord]:
    """List the records of a platform, the newest first."""
    question = _RECORDS.where(sync_record.c.source == source)
    if relation is not None:
        question = question.where(sync_record.c.relation == relation)
    return page_by_id(
        session, question, sync_record.c.id, by_name(KeptRecord), cursor=cursor, limit=limit
    )


def versions_of_day(session: Session, source: str, day: date) -> dict[str, int]:
    """Read what is kept of the visits of one day, without those deleted over there."""
    question = select(sync_record.c.external_id, sync_record.c.version).where(
        sync_record.c.source == source, sync_record.c.day == day, sync_record.c.retired.is_(False)
    )
    return {row.external_id: row.version for row in session.execute(question)}


def count_records(session: Session, source: str) -> dict[str, int]:
    """Count the records of a platform by what they became here."""
    question = (
        select(sync_record.c.relation, func.count())
        .where(sync_record.c.source == source)
        .group_by(sync_record.c.relation)
    )
    return {relation: int(n) for relation, n in session.execute(question)}
