"""Cases and the processes that run in them: locking, reading, searching; writing is in `steps`."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import product
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, insert, or_, select, true, union

from storage.cases.columns import BLANK_CASE, Equalities
from storage.cases.events import first_hash
from storage.cases.phases import opening_phase
from storage.cases.search import look_up_words, ways_to_find
from storage.cases.tasks import TASK_FIELDS, Task, no_task, read_task_key
from storage.database.session import Session
from storage.database.statements import rows_of
from storage.errors import NotFound
from storage.moments import Json
from storage.numbers import case_number
from storage.pages import DEFAULT_LIMIT, Page, clamped, page_of, read_cursor
from storage.people.actors import Actor
from storage.people.scope import (
    cases_of_area,
    left_behind_at,
    not_about_itself,
    owned_by,
    visible_case,
    visible_tasks,
    ways_to_cases,
)
from storage.places.links import list_links
from storage.tables import case_, officer, running_process, task


class Case(NamedTuple):
    """One case as it stands; the columns are declared in `tables.casework`."""

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
    visible_from_rank: int | None
    """Below it a case is seen by who has to do with it only, not by its area (R21)."""
    is_listed: bool
    """Whether it stands in lists, counts and exports; no reader finds one that does not."""


class RunningProcess(NamedTuple):
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


class LockedCase(NamedTuple):
    """The rows one step reads, locked until the transaction ends."""

    case: Case
    process: RunningProcess
    task: Task | None
    actor_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProcess:
    """A diagram about to run in a case; marking and data come with its first step."""

    id: int
    case_id: int
    process_id: str
    digest: str
    started_at: datetime
    asked_by: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """The criteria of a search; `area` is a code and includes its whole subtree.

    A field named like a column is compared with it.
    """

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
    text: str | None = None
    """Search text; see `storage.cases.search`."""


CASE_FIELDS = tuple(case_.c[name] for name in Case._fields)
_PROCESS_FIELDS = tuple(running_process.c[name] for name in RunningProcess._fields)
_CASE_WIDTH = len(CASE_FIELDS)
_STEP_WIDTH = _CASE_WIDTH + len(_PROCESS_FIELDS)

# All three rows are locked, not only the case: PostgreSQL reads the newest version of a locked
# row after waiting, but keeps the old picture of every other row it joined.
# With it comes the token version of who acts: what was read for a cache may be out of date.
_VERSION_OF_ACTOR = (
    select(officer.c.token_version)
    .where(officer.c.id == bindparam("actor_id"), officer.c.active)
    .scalar_subquery()
)
_LOCK_TASK: Select[Any] = (
    select(*CASE_FIELDS, *_PROCESS_FIELDS, _VERSION_OF_ACTOR, *TASK_FIELDS)
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
_TASK_WITH_CASE: Select[Any] = (
    select(*CASE_FIELDS, *TASK_FIELDS).select_from(case_).join(task, task.c.case_id == case_.c.id)
)
_PROCESSES: Select[Any] = (
    select(*_PROCESS_FIELDS)
    .where(running_process.c.case_id == bindparam("case_id"))
    .order_by(running_process.c.id)
)
_PROCESS: Select[Any] = select(*_PROCESS_FIELDS).where(running_process.c.id == bindparam("id"))
_QUERY_SALT: Select[Any] = select(case_.c.query_salt).where(case_.c.number == bindparam("number"))
_SALT_BYTES: Final = 16


def next_ids(session: Session) -> tuple[int, int]:
    """Take the ids of a new case and of its first process, before either is written."""
    if session.dialect.name == "sqlite":
        return _next_id(session, "case_"), _next_id(session, "running_process")
    row = session.exec_driver_sql(
        "select nextval('case__id_seq'), nextval('running_process_id_seq')"
    ).one()
    return int(row[0]), int(row[1])


def next_running_id(session: Session) -> int:
    """Take the id of a further process in a case."""
    if session.dialect.name == "sqlite":
        return _next_id(session, "running_process")
    return int(session.exec_driver_sql("select nextval('running_process_id_seq')").scalar_one())


def blank_case(case_id: int, *, at: datetime) -> dict[str, Any]:
    """Return the default columns of a case that opens."""
    number = case_number(case_id, at)
    known = {"id": case_id, "number": number, "opened_at": at, "head_hash": first_hash(number)}
    return {**BLANK_CASE, "phase": opening_phase(), **known}


def add_case(session: Session, columns: Mapping[str, Any]) -> Case:
    """Open a case, `blank_case` filled in; its first step follows in the same transaction."""
    row = Case(**columns)
    apart = {"query_salt": secrets.token_hex(_SALT_BYTES), "words": look_up_words(session, columns)}
    session.execute(_ADD_CASE, {**row._asdict(), **apart})
    return row


def add_process(session: Session, new: NewProcess) -> RunningProcess:
    """Add a process to a case, with nothing alive in it yet; its first step follows."""
    values = {field.name: getattr(new, field.name) for field in fields(NewProcess)}
    row = RunningProcess(
        **values, marking=b"", data="{}", state="running", next_due=None, ended_at=None
    )
    session.execute(_ADD_PROCESS, row._asdict())
    return row


def lock_case_for_step(
    session: Session, *, running_id: int, token: str | None = None, actor_id: int = 0
) -> LockedCase:
    """Lock a case with one of its processes, and one task of it, for one step.

    The task may be closed: the caller passes who closed it. NotFound when there is none. With
    `actor_id` the token version of that officer comes along, None when they are switched off.
    """
    if token is None:
        rows = rows_of(session, _LOCK_PROCESS, {"running_id": running_id})
    else:
        asked = {"running_id": running_id, "token": token, "actor_id": actor_id}
        rows = rows_of(session, _LOCK_TASK, asked)
    if not rows:
        raise _nothing("task" if token else "process")
    row = rows[0]
    return LockedCase(
        Case._make(row[:_CASE_WIDTH]),
        RunningProcess._make(row[_CASE_WIDTH:_STEP_WIDTH]),
        Task._make(row[_STEP_WIDTH + 1 :]) if token is not None else None,
        row[_STEP_WIDTH] if token is not None else None,
    )


def lock_case(session: Session, case_id: int) -> Case:
    """Lock a case alone, for an entry in its file or a link."""
    row = session.execute(_LOCK_CASE, {"case_id": case_id}).first()
    if row is None:
        raise _nothing("case")
    return Case(*row)


def get_case(session: Session, case_id: int) -> Case:
    """Get a case by id, for code that has already checked the caller."""
    row = session.execute(_CASE, {"case_id": case_id}).first()
    if row is None:
        raise _nothing("case")
    return Case(*row)


def get_visible_case(session: Session, number: str, *, actor: Actor) -> Case:
    """Get a case by its number; what the actor may not see is not there."""
    question = select(*CASE_FIELDS).where(case_.c.number == number, visible_case(actor))
    row = session.execute(question).first()
    if row is None:
        raise _nothing("case")
    return Case(*row)


def find_left_behind(session: Session, number: str, *, actor: Actor) -> tuple[int, datetime] | None:
    """Find a case that was the actor's in a post they have left: its id, and when they left."""
    left = left_behind_at(actor)
    question = select(case_.c.id, left).where(
        case_.c.number == number, case_.c.is_listed, not_about_itself(actor)
    )
    row = session.execute(question).first()
    return None if row is None or row[1] is None else (row[0], row[1])


def get_visible_task(session: Session, key: str, *, actor: Actor) -> tuple[Task, Case]:
    """Get a task with its whole case by public id; what the actor may not see is not there."""
    running_id, token = read_task_key(key)
    question = _TASK_WITH_CASE.where(
        task.c.running_id == running_id, task.c.token == token, visible_tasks(actor)
    )
    row = session.execute(question).first()
    if row is None:
        raise no_task()
    return Task(*row[_CASE_WIDTH:]), Case(*row[:_CASE_WIDTH])


def find_case_by_number(session: Session, number: str) -> Case | None:
    """Find a case by its number, for code that checks the caller by other means."""
    row = session.execute(select(*CASE_FIELDS).where(case_.c.number == number)).first()
    return None if row is None else Case(*row)


def find_query_salt(session: Session, number: str) -> str | None:
    """Find what the query code of a case is derived from beside its number.

    None for a number that is not there, and for a case older than salts.
    """
    return session.execute(_QUERY_SALT, {"number": number}).scalar_one_or_none()


def list_cases(
    session: Session,
    *,
    actor: Actor,
    having: CaseFilter | None = None,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Case]:
    """List the cases an actor may see, newest first."""
    limit, having = clamped(limit), having or CaseFilter()
    conditions = [*_conditions(session, having)]
    if cursor is not None:
        conditions.append(case_.c.id < read_cursor(cursor, [int])[0])
    ids = union(
        *(
            select(case_.c.id)
            .where(way, find, *conditions)
            .order_by(case_.c.id.desc())
            .limit(limit + 1)
            .subquery()
            .select()
            for way, find in product(ways_to_cases(actor), _finds(session, having))
        )
    )
    question = (
        select(*CASE_FIELDS).where(case_.c.id.in_(ids)).order_by(case_.c.id.desc()).limit(limit + 1)
    )
    return page_of([Case(*row) for row in session.execute(question)], limit, lambda case: [case.id])


def count_cases(session: Session, *, actor: Actor, having: CaseFilter | None = None) -> int:
    """Count the cases visible to an actor; only when the number is requested."""
    having = having or CaseFilter()
    conditions = _conditions(session, having)
    ids = union(
        *(
            select(case_.c.id).where(way, find, *conditions)
            for way, find in product(ways_to_cases(actor), _finds(session, having))
        )
    )
    return int(session.execute(select(func.count()).select_from(ids.subquery())).scalar_one())


def count_cases_below(
    session: Session, *, actor: Actor, having: CaseFilter, length: int
) -> dict[str, int]:
    """Count the cases visible to an actor by the first digits of the code they are filed under."""
    conditions = _conditions(session, having)
    code = func.substr(case_.c.area_code, 1, length).label("code")
    ids = union(
        *(
            select(case_.c.id, code).where(way, find, *conditions)
            for way, find in product(ways_to_cases(actor), _finds(session, having))
        )
    ).subquery()
    rows = session.execute(select(ids.c.code, func.count()).group_by(ids.c.code))
    return {row[0]: int(row[1]) for row in rows}


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


def _next_id(session: Session, table: str) -> int:
    return int(
        session.exec_driver_sql(
            "update sqlite_sequence set seq = seq + 1 where name = ? returning seq", (table,)
        ).scalar_one()
    )


_EQUALITIES = Equalities(CaseFilter, case_)


def _finds(session: Session, having: CaseFilter) -> list[ColumnElement[bool]]:
    return ways_to_find(session, having.text) if having.text else [true()]


def _conditions(session: Session, having: CaseFilter) -> Sequence[Any]:
    conditions: list[Any] = [*_EQUALITIES.of(having)]
    if having.owner_post is not None:
        conditions.append(owned_by([having.owner_post]))
    if having.area is not None:
        conditions.append(cases_of_area(list_links(session), having.area))
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


def _nothing(what: Literal["case", "process", "task"]) -> NotFound:
    name = {"case": "案件", "process": "流程", "task": "环节"}[what]
    return NotFound(f"没有这个{name}，或者您无权查看。", code=f"{what}_not_found")
