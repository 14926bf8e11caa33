"""Operations that wait or run as rows: claiming, progress, cancelling; running them is `engine`.

A runner holds a claim for the length of a lease. Every later write of that runner names
the claim: when the lease ended and somebody else took over, nothing of the first one is written.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, delete, func, insert, literal, or_, select, update

from storage.database.paging import by_place, page_by_id
from storage.database.session import Session
from storage.errors import NotFound
from storage.moments import Json, MomentColumn
from storage.pages import DEFAULT_LIMIT, Page
from storage.people.actors import Actor
from storage.tables import operation, operation_note

UNFINISHED: Final = ("waiting", "running")


@dataclass(frozen=True, slots=True)
class NewOperation:
    """Long work to be done; `open_to` are roles that may see it besides who starts it."""

    kind: str
    title: dict[str, str]
    arguments: dict[str, Json]
    open_to: Collection[str] = ()
    started_by: int | None = None
    content: bytes | None = None
    trace_id: str | None = None


@dataclass(frozen=True, slots=True)
class LongOperation:
    """One piece of long work as it is now."""

    id: int
    kind: str
    title: dict[str, str]
    state: str
    attempts: int
    done: int
    total: int | None
    result: Json
    error_code: str | None
    message: str | None
    cancel_asked_at: datetime | None
    started_by: int | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Whether it has ended, one way or another."""
        return self.state not in UNFINISHED


@dataclass(frozen=True, slots=True)
class Taken:
    """An operation as passed to its runner."""

    id: int
    kind: str
    arguments: dict[str, Json]
    content: bytes | None
    checkpoint: Json
    done: int
    total: int | None
    attempts: int
    started_by: int | None
    trace_id: str | None


@dataclass(frozen=True, slots=True)
class OperationNote:
    """One line of the log."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class OperationProgress:
    """Progress of a runner; `checkpoint` is where it resumes after a kill, None for no change."""

    done: int
    total: int | None
    checkpoint: Json = None
    notes: tuple[tuple[datetime, str], ...] = ()


_SHOWN = tuple(operation.c[name] for name in LongOperation.__slots__)
_TAKEN = tuple(operation.c[name] for name in Taken.__slots__)


def add_operation(session: Session, new: NewOperation, *, at: datetime) -> int:
    """Add an operation; return its id."""
    made: int = session.execute(
        insert(operation)
        .values(
            kind=new.kind,
            title=new.title,
            arguments=new.arguments,
            content=new.content,
            # With spaces around each, so that one is found as a whole word.
            open_to=" ".join(["", *sorted(new.open_to), ""]),
            state="waiting",
            attempts=0,
            done=0,
            started_by=new.started_by,
            created_at=at,
            trace_id=new.trace_id,
        )
        .returning(operation.c.id)
    ).scalar_one()
    return made


def get_operation(
    session: Session, operation_id: int, *, actor: Actor | None = None
) -> LongOperation:
    """Read one operation, of those an actor may see; None stands for the machine itself.

    Raises:
        NotFound: there is none, or it is not visible to the actor.
    """
    question = _visible(select(*_SHOWN), actor).where(operation.c.id == operation_id)
    row = session.execute(question).first()
    if row is None:
        message = "没有这项任务，或您无权查看。"
        raise NotFound(message, code="operation_not_found")
    return LongOperation(*row)


def is_unfinished(session: Session, operation_id: int) -> bool:
    """Whether an operation waits or runs; one that was forgotten does not."""
    state = session.execute(
        select(operation.c.state).where(operation.c.id == operation_id)
    ).scalar()
    return state in UNFINISHED


def list_operations(
    session: Session,
    *,
    actor: Actor | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[LongOperation]:
    """List the operations an actor may see, newest first; None stands for the machine itself."""
    return page_by_id(
        session,
        _visible(select(*_SHOWN), actor),
        operation.c.id,
        by_place(LongOperation),
        cursor=cursor,
        limit=limit,
    )


def list_notes(session: Session, operation_id: int, *, limit: int = 500) -> list[OperationNote]:
    """List the last lines of the log, oldest first."""
    newest = (
        select(operation_note.c.at, operation_note.c.text)
        .where(operation_note.c.operation_id == operation_id)
        .order_by(operation_note.c.id.desc())
        .limit(limit)
    )
    return [OperationNote(*row) for row in session.execute(newest)][::-1]


def list_runnable(session: Session, *, now: datetime, limit: int = 20) -> list[int]:
    """List what nobody runs, oldest first: new ones, and those whose runner is silent."""
    question = (
        select(operation.c.id)
        .where(
            operation.c.state.in_(UNFINISHED),
            or_(operation.c.lease_until.is_(None), operation.c.lease_until <= now),
        )
        .order_by(operation.c.id)
        .limit(limit)
    )
    return list(session.execute(question).scalars())


def count_open(session: Session) -> int:
    """Count the operations that wait or run."""
    question = select(func.count()).where(operation.c.state.in_(UNFINISHED))
    return int(session.execute(question).scalar_one())


def offer(session: Session, operation_id: int, *, until: datetime) -> None:
    """Note that a new one was handed out, so that it is not handed out again at once."""
    session.execute(
        update(operation)
        .where(operation.c.id == operation_id, operation.c.state.in_(UNFINISHED))
        .values(lease_until=until, claim=None)
    )


def take(
    session: Session, operation_id: int, *, claim: str, now: datetime, until: datetime
) -> Taken | None:
    """Claim one; None when it is over or somebody runs it."""
    row = session.execute(
        update(operation)
        .where(
            operation.c.id == operation_id,
            operation.c.state.in_(UNFINISHED),
            or_(
                operation.c.claim.is_(None),
                operation.c.lease_until.is_(None),
                operation.c.lease_until <= now,
            ),
        )
        .values(
            state="running",
            claim=claim,
            lease_until=until,
            attempts=operation.c.attempts + 1,
            started_at=func.coalesce(operation.c.started_at, literal(now, MomentColumn())),
        )
        .returning(*_TAKEN)
    ).first()
    return None if row is None else Taken(*row)


def save(
    session: Session, operation_id: int, progress: OperationProgress, *, claim: str, until: datetime
) -> bool | None:
    """Store the progress; return whether to cancel, None when the claim is lost."""
    values: dict[str, Any] = {
        "done": progress.done,
        "total": progress.total,
        "lease_until": until,
    }
    if progress.checkpoint is not None:
        # What has got further is not the one that kills its runner.
        values |= {"checkpoint": progress.checkpoint, "attempts": 1}
    row = session.execute(
        update(operation)
        .where(*_held(operation_id, claim))
        .values(**values)
        .returning(operation.c.cancel_asked_at)
    ).first()
    if row is None:
        return None
    _add_notes(session, operation_id, progress.notes)
    return row[0] is not None


def end(
    session: Session,
    operation_id: int,
    state: str,
    *,
    claim: str,
    at: datetime,
    result: Json = None,
    error_code: str | None = None,
    message: str | None = None,
) -> bool:
    """Note how it ended, and forget what it was given; False when the claim is lost."""
    ended = session.execute(
        update(operation)
        .where(*_held(operation_id, claim))
        .values(
            state=state,
            ended_at=at,
            result=result,
            error_code=error_code,
            message=message,
            content=None,
            claim=None,
            lease_until=None,
        )
    )
    return bool(ended.rowcount)


def hand_back(session: Session, operation_id: int, *, claim: str) -> None:
    """Let another runner go on at once; no attempt is counted for it."""
    session.execute(
        update(operation)
        .where(*_held(operation_id, claim))
        .values(claim=None, lease_until=None, attempts=operation.c.attempts - 1)
    )


def cancel(session: Session, operation_id: int, *, at: datetime) -> bool:
    """Ask for the end of one: a waiting one ends here, a running one at its next part.

    False when it is over already.
    """
    ended = session.execute(
        update(operation)
        .where(operation.c.id == operation_id, operation.c.state == "waiting")
        .values(state="cancelled", ended_at=at, cancel_asked_at=at, content=None)
    )
    if ended.rowcount:
        return True
    first = func.coalesce(operation.c.cancel_asked_at, literal(at, MomentColumn()))
    asked = session.execute(
        update(operation)
        .where(operation.c.id == operation_id, operation.c.state == "running")
        .values(cancel_asked_at=first)
    )
    return bool(asked.rowcount)


def forget_before(session: Session, at: datetime) -> int:
    """Delete operations that ended before a moment, with their logs; return their number."""
    old = select(operation.c.id).where(operation.c.ended_at < at)
    session.execute(delete(operation_note).where(operation_note.c.operation_id.in_(old)))
    gone = session.execute(delete(operation).where(operation.c.ended_at < at))
    return int(gone.rowcount)


def _held(operation_id: int, claim: str) -> tuple[Any, ...]:
    return (
        operation.c.id == operation_id,
        operation.c.claim == claim,
        operation.c.state == "running",
    )


def _visible(question: Select[Any], actor: Actor | None) -> Select[Any]:
    if actor is None:
        return question
    named = [operation.c.open_to.contains(f" {role} ", autoescape=True) for role in actor.roles]
    return question.where(or_(operation.c.started_by == actor.id, *named))


def _add_notes(
    session: Session, operation_id: int, notes: Collection[tuple[datetime, str]]
) -> None:
    if notes:
        rows = [{"operation_id": operation_id, "at": at, "text": text} for at, text in notes]
        session.execute(insert(operation_note), rows)
