"""Batches of imports and their rows: what was in a file, and what came of each row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Integer, Row, and_, cast, delete, func, insert, not_, or_, select, update

from storage.database.paging import by_place, page_by_id
from storage.database.session import Session
from storage.errors import NotFound
from storage.imports.outcomes import Judged, Outcome, ParsedRow
from storage.imports.people import NO_PASSWORD
from storage.imports.rows import FileHead
from storage.moments import Json
from storage.pages import DEFAULT_LIMIT, Page
from storage.tables import import_batch, import_row, officer

OUTCOMES: Final[tuple[Outcome, ...]] = ("added", "changed", "same", "refused", "review")
STATES: Final = ("draft", "checked", "applying", "applied", "undoing", "undone")
WRITTEN: Final = ("added", "changed")


@dataclass(frozen=True, slots=True)
class NewBatch:
    """A file about to be imported."""

    kind: str
    file_name: str
    source: str | None
    sha256: str
    content: bytes
    mapping: Mapping[str, str]
    started_by: int | None
    is_full: bool = False
    """A list of businesses names all of its source, in the counties it names at all."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One import, without its file and rows."""

    id: int
    kind: str
    file_name: str
    source: str | None
    is_full: bool
    sha256: str
    mapping: dict[str, str]
    heads: list[dict[str, Any]]
    state: str
    problems: list[str]
    warnings: list[str]
    counts: dict[str, int]
    started_by: int | None
    operation_id: int | None
    applied_to: int
    created_at: datetime
    checked_at: datetime | None
    applied_at: datetime | None
    undone_at: datetime | None

    @property
    def rows(self) -> int:
        """The number of rows of the file."""
        return sum(self.counts.get(outcome, 0) for outcome in OUTCOMES)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One row with what came of it."""

    judged: Judged
    undone: str | None


_SHOWN = tuple(import_batch.c[name] for name in Batch.__slots__)


def add_batch(session: Session, new: NewBatch, *, at: datetime) -> int:
    """Add a batch and return its id."""
    made = session.execute(
        insert(import_batch)
        .values(
            **asdict(new),
            heads=[],
            state="draft",
            problems=[],
            warnings=[],
            counts={},
            applied_to=-1,
            created_at=at,
        )
        .returning(import_batch.c.id)
    )
    return int(made.scalar_one())


def get_batch(session: Session, batch_id: int, *, is_locked: bool = False) -> Batch:
    """Get a batch by its id; NotFound otherwise."""
    question = select(*_SHOWN).where(import_batch.c.id == batch_id)
    row = session.execute(question.with_for_update() if is_locked else question).first()
    if row is None:
        message = "没有这次导入。"
        raise NotFound(message, code="import_not_found")
    return Batch(*row)


def content_of(session: Session, batch_id: int) -> bytes:
    """Return the file of a batch; NotFound once it was applied."""
    found = session.execute(
        select(import_batch.c.content).where(import_batch.c.id == batch_id)
    ).scalar()
    if found is None:
        message = "这次导入的文件已不再保存，请重新上传。"
        raise NotFound(message, code="import_file_gone")
    return bytes(found)


def list_batches(
    session: Session,
    kinds: Iterable[str],
    *,
    state: str | None = None,
    cursor: str | None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Batch]:
    """List batches of some kinds, newest first; of one state, None for any."""
    question = select(*_SHOWN).where(import_batch.c.kind.in_(list(kinds)))
    if state is not None:
        question = question.where(import_batch.c.state == state)
    return page_by_id(
        session, question, import_batch.c.id, by_place(Batch), cursor=cursor, limit=limit
    )


def count_batches(session: Session, kinds: Iterable[str], state: str) -> int:
    """Count the batches of some kinds in one state."""
    question = select(func.count()).where(
        import_batch.c.kind.in_(list(kinds)), import_batch.c.state == state
    )
    return int(session.execute(question).scalar_one())


def find_earlier(session: Session, batch: Batch) -> Batch | None:
    """Find an applied batch of the same file, source and mapping."""
    question = (
        select(*_SHOWN)
        .where(
            import_batch.c.sha256 == batch.sha256,
            import_batch.c.kind == batch.kind,
            import_batch.c.state == "applied",
            import_batch.c.id != batch.id,
        )
        .order_by(import_batch.c.id.desc())
    )
    found = (Batch(*row) for row in session.execute(question))
    return next((each for each in found if _told_alike(each, batch)), None)


def _told_alike(one: Batch, other: Batch) -> bool:
    parts = ("mapping", "source", "is_full")
    return all(getattr(one, part) == getattr(other, part) for part in parts)


def update_batch(session: Session, batch_id: int, **values: Json) -> None:
    """Write columns of a batch."""
    session.execute(update(import_batch).where(import_batch.c.id == batch_id).values(**values))


def store_heads(session: Session, batch_id: int, heads: Iterable[FileHead]) -> None:
    """Write what columns the file has."""
    update_batch(session, batch_id, heads=[asdict(head) for head in heads])


def add_rows(session: Session, batch_id: int, rows: Iterable[Judged]) -> None:
    """Add rows as they were judged."""
    values = [
        {
            "batch_id": batch_id,
            "place": row.entry.place,
            "number": row.entry.number,
            "value": row.entry.value,
            **_came_of(row),
        }
        for row in rows
    ]
    if values:
        session.execute(insert(import_row), values)


def store_outcomes(session: Session, batch_id: int, rows: Iterable[Judged]) -> None:
    """Write again what came of rows that are there."""
    for row in rows:
        session.execute(
            update(import_row)
            .where(import_row.c.batch_id == batch_id, import_row.c.place == row.entry.place)
            .values(**_came_of(row))
        )


def list_rows(
    session: Session,
    batch_id: int,
    *,
    outcomes: Sequence[str] = OUTCOMES,
    after: int = -1,
    limit: int = 1_000,
) -> list[BatchRow]:
    """List rows with some outcomes in the order of writing."""
    question = (
        select(import_row)
        .where(import_row.c.batch_id == batch_id, import_row.c.outcome.in_(outcomes))
        .where(import_row.c.place > after)
        .order_by(import_row.c.place)
    )
    return [_row(row) for row in session.execute(question.limit(limit))]


def list_to_apply(session: Session, batch_id: int, *, after: int, limit: int) -> list[Judged]:
    """List the rows to be written, or to be judged again; repetitions are left out."""
    is_repetition = and_(import_row.c.outcome == "same", import_row.c.subject.is_(None))
    question = (
        select(import_row)
        .where(import_row.c.batch_id == batch_id, import_row.c.outcome != "refused")
        .where(not_(is_repetition), import_row.c.place > after)
        .order_by(import_row.c.place)
        .limit(limit)
    )
    return [_row(row).judged for row in session.execute(question)]


def list_to_undo(session: Session, batch_id: int, *, applied_to: int, limit: int) -> list[BatchRow]:
    """List written rows, and those that asked a question, not undone yet, the last one first."""
    asked = and_(import_row.c.outcome == "review", import_row.c.subject.is_not(None))
    question = (
        select(import_row)
        .where(import_row.c.batch_id == batch_id, or_(import_row.c.outcome.in_(WRITTEN), asked))
        .where(import_row.c.place <= applied_to, import_row.c.undone.is_(None))
        .order_by(import_row.c.place.desc())
        .limit(limit)
    )
    return [_row(row) for row in session.execute(question)]


def list_places(session: Session, batch_id: int, places: Iterable[int]) -> set[int]:
    """List which of some places have a row already."""
    question = select(import_row.c.place).where(import_row.c.batch_id == batch_id)
    return set(session.execute(question).scalars()) & set(places)


def list_kept(session: Session, batch_id: int, *, after: int = -1, limit: int) -> list[BatchRow]:
    """List the rows that undoing left as they are."""
    question = (
        select(import_row)
        .where(import_row.c.batch_id == batch_id, import_row.c.undone == "kept")
        .where(import_row.c.place > after)
        .order_by(import_row.c.place)
        .limit(limit)
    )
    return [_row(row) for row in session.execute(question)]


def list_warned(session: Session, batch_id: int, *, limit: int) -> list[str]:
    """List the warnings of rows, in the order of the file."""
    question = (
        select(import_row.c.warning)
        .where(import_row.c.batch_id == batch_id, import_row.c.warning.is_not(None))
        .order_by(import_row.c.number)
        .limit(limit)
    )
    texts = session.execute(question).scalars()
    return [line for text in texts for line in str(text).split("\n")]


def mark_undone(session: Session, batch_id: int, place: int, why_kept: str | None) -> None:
    """Write that a row was taken back, or why it was not."""
    values: dict[str, Any] = {"undone": "undone"}
    if why_kept is not None:
        values = {"undone": "kept", "warning": why_kept}
    session.execute(
        update(import_row)
        .where(import_row.c.batch_id == batch_id, import_row.c.place == place)
        .values(**values)
    )


def count_rows(session: Session, batch_id: int) -> dict[str, int]:
    """Count the rows of a batch by outcome, and by what undoing did to them."""
    counts: dict[str, int] = {}
    for column in (import_row.c.outcome, import_row.c.undone):
        question = select(column, func.count()).where(
            import_row.c.batch_id == batch_id, column.is_not(None)
        )
        found = session.execute(question.group_by(column)).all()
        counts |= {str(word): int(count) for word, count in found}
    warned = select(func.count()).where(
        import_row.c.batch_id == batch_id, import_row.c.warning.is_not(None)
    )
    return {**counts, "warnings": int(session.execute(warned).scalar_one())}


def count_unclear(session: Session, batch_id: int) -> int:
    """Count the rows that are about no subject: refused, or about two at once."""
    about_none = and_(import_row.c.outcome == "review", import_row.c.subject.is_(None))
    question = select(func.count()).where(
        import_row.c.batch_id == batch_id, or_(import_row.c.outcome == "refused", about_none)
    )
    return int(session.execute(question).scalar_one())


def list_repeated(session: Session, batch_id: int) -> dict[str, list[tuple[int, int]]]:
    """List subjects that several rows are about, each with the places and numbers of its rows."""
    several = (
        select(import_row.c.subject)
        .where(import_row.c.batch_id == batch_id, import_row.c.subject.is_not(None))
        .where(import_row.c.outcome.not_in(("refused", "review")))
        .group_by(import_row.c.subject)
        .having(func.count() > 1)
    )
    question = (
        select(import_row.c.subject, import_row.c.place, import_row.c.number)
        .where(import_row.c.batch_id == batch_id, import_row.c.subject.in_(several))
        .order_by(import_row.c.number)
    )
    found: dict[str, list[tuple[int, int]]] = {}
    for subject, place, number in session.execute(question):
        found.setdefault(subject, []).append((place, number))
    return found


def refuse_rows(session: Session, batch_id: int, places: Sequence[int], message: str) -> None:
    """Refuse rows that were judged before."""
    session.execute(
        update(import_row)
        .where(import_row.c.batch_id == batch_id, import_row.c.place.in_(places))
        .values(outcome="refused", message=message)
    )


def forget_rows(session: Session, batch_id: int) -> None:
    """Remove the rows of a batch that is checked again."""
    session.execute(delete(import_row).where(import_row.c.batch_id == batch_id))


def _came_of(row: Judged) -> dict[str, Any]:
    return {
        "outcome": row.outcome,
        "subject": row.subject,
        "before": row.before,
        "after": row.after,
        "message": row.message,
        "warning": row.warning,
    }


def _row(row: Row[Any]) -> BatchRow:
    judged = Judged(
        ParsedRow(row.place, row.number, row.value),
        row.outcome,
        row.subject,
        row.before,
        row.after,
        row.message,
        row.warning,
    )
    return BatchRow(judged, row.undone)


class Unopened(NamedTuple):
    """An account that waits for its first password."""

    id: int
    username: str
    token_version: int


def list_unopened(session: Session, batch_id: int, *, most: int) -> list[Unopened]:
    """List accounts of a batch that have no password yet."""
    added = select(cast(import_row.c.subject, Integer)).where(
        import_row.c.batch_id == batch_id,
        import_row.c.outcome == "added",
        import_row.c.subject.is_not(None),
        import_row.c.undone.is_(None),
    )
    question = (
        select(officer.c.id, officer.c.username, officer.c.token_version)
        .where(officer.c.id.in_(added), officer.c.password_hash == NO_PASSWORD, officer.c.active)
        .order_by(officer.c.id)
        .limit(most)
    )
    return [Unopened(*row) for row in session.execute(question)]
