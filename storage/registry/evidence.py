"""Where the fields of a business come from, and every change of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select

from storage.database.session import Session
from storage.tables import business_change, business_source, contact_read


@dataclass(frozen=True, slots=True)
class BusinessSource:
    """What one source says of a business."""

    kind: str
    external_id: str
    payload: dict[str, Any]
    seen_on: date
    batch_id: int | None
    business_id: int


@dataclass(frozen=True, slots=True)
class BusinessChange:
    """One field of a business as it was and as it became."""

    business_id: int
    at: datetime
    field: str
    before: Any
    after: Any
    actor: str
    batch_id: int | None = None
    version: int | None = None
    """Of the business, as the change left it; None for changes older than that record."""
    case_id: int | None = None
    document: str | None = None
    """The document a business rests or opens again by."""


_SOURCE = tuple(business_source.c[name] for name in BusinessSource.__slots__)
_CHANGE = tuple(business_change.c[name] for name in BusinessChange.__slots__)


def list_sources(session: Session, business_id: int) -> list[BusinessSource]:
    """List what each source says of a business."""
    question = select(*_SOURCE).where(business_source.c.business_id == business_id)
    rows = session.execute(question.order_by(business_source.c.kind, business_source.c.id))
    return [BusinessSource(*row) for row in rows]


def put_sources(session: Session, sources: Sequence[BusinessSource]) -> None:
    """Store what sources say now; what each said before is replaced."""
    if not sources:
        return
    keys = {(source.kind, source.external_id) for source in sources}
    kinds = {kind for kind, _ in keys}
    for kind in kinds:
        ids = [external for of, external in keys if of == kind]
        session.execute(
            delete(business_source).where(
                business_source.c.kind == kind, business_source.c.external_id.in_(ids)
            )
        )
    values: list[Mapping[str, Any]] = [
        {name: getattr(source, name) for name in BusinessSource.__slots__} for source in sources
    ]
    session.execute(insert(business_source), values)


def find_sources(
    session: Session, keys: Collection[tuple[str, str]]
) -> dict[tuple[str, str], BusinessSource]:
    """Find what sources said so far, by kind and external id."""
    found: dict[tuple[str, str], BusinessSource] = {}
    for kind in {kind for kind, _ in keys}:
        ids = [external for of, external in keys if of == kind]
        question = select(*_SOURCE).where(
            business_source.c.kind == kind, business_source.c.external_id.in_(ids)
        )
        for row in session.execute(question):
            source = BusinessSource(*row)
            found[source.kind, source.external_id] = source
    return found


def take_back_sources(
    session: Session, business_id: int, batch_id: int, former: BusinessSource | None
) -> None:
    """Remove what a batch said of a business, and let the source say what it said before."""
    session.execute(
        delete(business_source).where(
            business_source.c.business_id == business_id, business_source.c.batch_id == batch_id
        )
    )
    if former is not None:
        put_sources(session, [former])


def add_changes(session: Session, changes: Sequence[BusinessChange]) -> None:
    """Add changes; they are never altered."""
    values: list[Mapping[str, Any]] = [
        {name: getattr(change, name) for name in BusinessChange.__slots__} for change in changes
    ]
    if values:
        session.execute(insert(business_change), values)


def list_changes(session: Session, business_id: int, *, limit: int = 200) -> list[BusinessChange]:
    """List the changes of a business, newest first."""
    question = select(*_CHANGE).where(business_change.c.business_id == business_id)
    rows = session.execute(question.order_by(business_change.c.id.desc()).limit(limit))
    return [BusinessChange(*row) for row in rows]


def list_touched(session: Session, business_id: int, *, since: int) -> set[str]:
    """List the fields changed after a version of a business."""
    question = select(business_change.c.field).where(
        business_change.c.business_id == business_id, business_change.c.version > since
    )
    return set(session.execute(question).scalars())


def forget_evidence(session: Session, business_id: int) -> None:
    """Remove sources and changes of a business that is removed itself."""
    for table in (business_source, business_change, contact_read):
        session.execute(delete(table).where(table.c.business_id == business_id))
