"""Cases and the processes that run in them: locking, reading, searching; writing is in `steps`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, bindparam, func, insert, or_, select

from storage.errors import NotFound
from storage.events import first_hash
from storage.moments import Json
from storage.numbers import case_number
from storage.pages import DEFAULT_LIMIT, Page, clamped, page_of, read_cursor
from storage.people import Actor
from storage.scope import under_area, visible_cases
from storage.session import Session
from storage.tables import case_, running_process, task
from storage.tasks import TASK_FIELDS, Task


@dataclass(frozen=True, slots=True)
class Case:
    """One case as it stands."""

    id: int
    number: str
    version: int
    status: str
    phase: str
    outcome: str | None
    kind: str
    title: str
    matter: str | None
    area_code: str
    source: str
    channel: str | None
    business_id: int | None
    priority: str
    deadline_profile: str
    description: str
    location: Json
    collector_officer: int | None
    collector_post: str | None
    floor_rank: int | None
    owner_post: str | None
    owner_officer: int | None
    owner_rank: int | None
    owner_area: str | None
    supervised: bool
    public_result: str | None
    opened_at: datetime
    closed_at: datetime | None
    last_seq: int
    head_hash: str
    public_code_hash: str | None


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """One diagram running in a case: what is still alive of it, and its data."""

    id: int
    case_id: int
    process_id: str
    digest: str
    marking: bytes
    data: str
    state: str
    asked_by: Json
    next_due: datetime | None
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Locked:
    """What one step reads, as rows: nobody else changes them until the transaction ends."""

    case: dict[str, Any]
    running: dict[str, Any]
    task: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """What a search asks for; `area` is a code and stands for its whole subtree."""

    status: str | None = None
    phase: str | None = None
    matter: str | None = None
    area: str | None = None
    business_id: int | None = None
    source: str | None = None
    kind: str | None = None
    owner_post: str | None = None
    supervised: bool | None = None
    opened_from: datetime | None = None
    opened_before: datetime | None = None
    q: str | None = None


CASE_FIELDS = tuple(case_.c[one.name] for one in fields(Case))
_PROCESS_FIELDS = tuple(running_process.c[one.name] for one in fields(RunningProcess))
_CASE_NAMES = tuple(one.name for one in fields(Case))
_PROCESS_NAMES = tuple(one.name for one in fields(RunningProcess))
_TASK_NAMES = tuple(one.name for one in fields(Task))
_CASE_WIDTH = len(CASE_FIELDS)
_STEP_WIDTH = _CASE_WIDTH + len(_PROCESS_FIELDS)

# All three rows are locked, not only the case: PostgreSQL reads the newest version of a locked
# row after waiting, but keeps the old picture of every other row it joined.
_LOCK_TASK: Select[Any] = (
    select(*CASE_FIELDS, *_PROCESS_FIELDS, *TASK_FIELDS)
    .select_from(case_)
    .join(running_process, running_process.c.case_id == case_.c.id)
    .join(task, task.c.running_id == running_process.c.id)
    .where(
        running_process.c.id == bindparam("running_id"),
        task.c.running_id == bindparam("running_id"),
        task.c.token == bindparam("token"),
    )
    .with_for_update()
)
_LOCK_PROCESS: Select[Any] = (
    select(*CASE_FIELDS, *_PROCESS_FIELDS)
    .select_from(case_)
    .join(running_process, running_process.c.case_id == case_.c.id)
    .where(running_process.c.id == bindparam("running_id"))
    .with_for_update()
)
_CASE: Select[Any] = select(*CASE_FIELDS).where(case_.c.id == bindparam("case_id"))
_LOCK_CASE = _CASE.with_for_update()
_PROCESSES: Select[Any] = (
    select(*_PROCESS_FIELDS)
    .where(running_process.c.case_id == bindparam("case_id"))
    .order_by(running_process.c.id)
)
_PROCESS: Select[Any] = select(*_PROCESS_FIELDS).where(running_process.c.id == bindparam("id"))


def blank_row(session: Session, *, at: datetime) -> dict[str, Any]:
    """Take id and number of a new case and give its row at version 0, for its start to fill."""
    case_id = _next_id(session, "case_", "case__id_seq")
    number = case_number(case_id, at)
    return {
        **dict.fromkeys(_CASE_NAMES),
        "id": case_id,
        "number": number,
        "version": 0,
        "status": "open",
        "phase": "collect",
        "title": "",
        "description": "",
        "priority": "normal",
        "deadline_profile": "standard",
        "supervised": False,
        "opened_at": at,
        "last_seq": 0,
        "head_hash": first_hash(number),
    }


def add_case(session: Session, row: Mapping[str, Any]) -> None:
    """Open the case of a filled `blank_row`; its first step follows in the same transaction."""
    session.execute(_ADD_CASE, dict(row))


def blank_process(
    session: Session,
    *,
    case_id: int,
    process_id: str,
    digest: str,
    at: datetime,
    asked_by: Json = None,
) -> dict[str, Any]:
    """Take the id of a process about to run in a case and give its row, nothing alive in it."""
    return {
        "id": _next_id(session, "running_process", "running_process_id_seq"),
        "case_id": case_id,
        "process_id": process_id,
        "digest": digest,
        "marking": b"",
        "data": "{}",
        "state": "running",
        "asked_by": asked_by,
        "next_due": None,
        "started_at": at,
        "ended_at": None,
    }


def add_process(session: Session, row: Mapping[str, Any]) -> None:
    """Add the process of a `blank_process`; its first step follows in the same transaction."""
    session.execute(_ADD_PROCESS, dict(row))


def lock_case_for_step(
    session: Session, running_id: int, token: int | str | None = None
) -> Locked | None:
    """Lock a case with one of its processes, and one task of it, for one step.

    The task may be closed: the caller says who closed it. None when there is nothing like it.
    """
    if token is None:
        row = session.execute(_LOCK_PROCESS, {"running_id": running_id}).first()
    else:
        names = {"running_id": running_id, "token": str(token)}
        row = session.execute(_LOCK_TASK, names).first()
    if row is None:
        return None
    return Locked(
        dict(zip(_CASE_NAMES, row[:_CASE_WIDTH], strict=True)),
        dict(zip(_PROCESS_NAMES, row[_CASE_WIDTH:_STEP_WIDTH], strict=True)),
        None if token is None else dict(zip(_TASK_NAMES, row[_STEP_WIDTH:], strict=True)),
    )


def lock_case(session: Session, case_id: int) -> dict[str, Any]:
    """Lock a case alone and give its row, for an entry in its file or a further process."""
    row = session.execute(_LOCK_CASE, {"case_id": case_id}).first()
    if row is None:
        raise _nothing("case")
    return dict(zip(_CASE_NAMES, row, strict=True))


def get_case(session: Session, case_id: int) -> Case:
    """Get a case by id, for code that has already checked who asks."""
    row = session.execute(_CASE, {"case_id": case_id}).first()
    if row is None:
        raise _nothing("case")
    return Case(*row)


def get_visible_case(session: Session, number: str, *, actor: Actor) -> Case:
    """Get a case by its number; what the actor may not see is not there."""
    question = select(*CASE_FIELDS).where(case_.c.number == number, visible_cases(actor))
    row = session.execute(question).first()
    if row is None:
        raise _nothing("case")
    return Case(*row)


def find_case_by_number(session: Session, number: str) -> Case | None:
    """Find a case by its number, for code that checks who asks by other means."""
    row = session.execute(select(*CASE_FIELDS).where(case_.c.number == number)).first()
    return None if row is None else Case(*row)


def list_cases(
    session: Session,
    *,
    actor: Actor,
    having: CaseFilter | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Case]:
    """List the cases an actor may see, newest first."""
    limit = clamped(limit)
    question = (
        select(*CASE_FIELDS)
        .where(visible_cases(actor), *_conditions(having or CaseFilter()))
        .order_by(case_.c.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        question = question.where(case_.c.id < read_cursor(cursor, [int])[0])
    return page_of([Case(*row) for row in session.execute(question)], limit, lambda one: [one.id])


def count_cases(session: Session, *, actor: Actor, having: CaseFilter | None = None) -> int:
    """Count the cases an actor may see; only when somebody asks for the number."""
    question = select(func.count()).where(
        visible_cases(actor), *_conditions(having or CaseFilter())
    )
    return int(session.execute(question.select_from(case_)).scalar_one())


def list_processes(session: Session, case_id: int) -> list[RunningProcess]:
    """List the processes of a case, the first one first."""
    return [RunningProcess(*row) for row in session.execute(_PROCESSES, {"case_id": case_id})]


def get_process(session: Session, running_id: int) -> RunningProcess:
    """Get a running process by id."""
    row = session.execute(_PROCESS, {"id": running_id}).first()
    if row is None:
        raise _nothing("process")
    return RunningProcess(*row)


_ADD_CASE = insert(case_)
_ADD_PROCESS = insert(running_process)


def _next_id(session: Session, table: str, sequence: str) -> int:
    if session.dialect.name == "sqlite":
        statement = "update sqlite_sequence set seq = seq + 1 where name = ? returning seq"
        return int(session.exec_driver_sql(statement, (table,)).scalar_one())
    return int(session.exec_driver_sql("select nextval(%s)", (sequence,)).scalar_one())


def _conditions(having: CaseFilter) -> Sequence[Any]:
    conditions: list[Any] = [
        case_.c[name] == value
        for name in (
            "status",
            "phase",
            "matter",
            "business_id",
            "source",
            "kind",
            "owner_post",
            "supervised",
        )
        if (value := getattr(having, name)) is not None
    ]
    if having.area is not None:
        conditions.append(under_area(case_.c.area_code, having.area))
    if having.opened_from is not None:
        conditions.append(case_.c.opened_at >= having.opened_from)
    if having.opened_before is not None:
        conditions.append(case_.c.opened_at < having.opened_before)
    if having.q:
        conditions.append(
            or_(
                case_.c.number == having.q,
                case_.c.title.icontains(having.q, autoescape=True),
                case_.c.description.icontains(having.q, autoescape=True),
            )
        )
    return conditions


def _nothing(what: Literal["case", "process"]) -> NotFound:
    name = {"case": "案件", "process": "流程"}[what]
    return NotFound(f"没有这个{name}，或者您无权查看。", code=f"{what}_not_found")
