"""The SQL of one step: one data-modifying statement on PostgreSQL, a few on SQLite.

On PostgreSQL every part of the statement runs even when the version check found nothing, so
every part is joined to `u`, the checked update, and the statement fails by dividing by its rows: a
lost race writes nothing at all (notes/performance.md section 1). Every value is a parameter of its
own: reading rows out of JSON cost the server more than writing them, and a task looked up by a
joined token was looked for among all open tasks. SQLite has no data-modifying parts; there the
same writes follow the checked update one by one, inside the same transaction.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql.base import PGDialect

from storage.cases.columns import OPENED_TASK
from storage.database.session import Session
from storage.database.statements import run_last
from storage.moments import Json
from storage.tables import (
    awaited_message,
    case_,
    case_event,
    case_personal,
    feed_event,
    idempotency,
    message,
    outbox,
    running_process,
    task,
    timer,
)

Rows: TypeAlias = list[dict[str, Json]]

_DIALECT = PGDialect()  # type: ignore[no-untyped-call] # the toolkit leaves it untyped


@dataclass(frozen=True, slots=True)
class _Insert:
    """Rows that are new: `fixed` is the same in each, `names` are its own columns."""

    table: Table
    names: tuple[str, ...]
    fixed: Mapping[str, str] = field(default_factory=dict)
    conflict: str = ""

    def columns(self) -> str:
        """Every column, the fixed ones first."""
        return ", ".join((*self.fixed, *self.names))


_CASE, _RUNNING = "{case}", "{running}"
"""In `fixed`: the id of the case and of the process, as passed to either database."""

_INSERTS = {
    "opened": _Insert(
        task,
        tuple(OPENED_TASK),
        {"running_id": _RUNNING, "case_id": _CASE, "state": "'open'"},
    ),
    "armed": _Insert(
        timer,
        ("element", "due_at", "kind"),
        {"running_id": _RUNNING, "case_id": _CASE, "lease_until": "null", "attempts": "0"},
        "on conflict (running_id, element) do update set due_at = excluded.due_at,"
        " kind = excluded.kind, lease_until = null, attempts = 0",
    ),
    "awaiting": _Insert(
        awaited_message,
        ("element", "name", "correlation"),
        {"running_id": _RUNNING, "case_id": _CASE},
        "on conflict (running_id, element) do update set name = excluded.name,"
        " correlation = excluded.correlation",
    ),
    "events": _Insert(
        case_event,
        ("seq", "at", "actor", "capacity", "kind", "data", "previous", "hash"),
        {"case_id": _CASE},
    ),
    "personal": _Insert(case_personal, ("seq", "path", "salt", "value"), {"case_id": _CASE}),
    "feed": _Insert(feed_event, ("at", "kind", "subject", "data"), {"case_id": _CASE}),
    "outbox": _Insert(
        outbox,
        ("key", "channel", "receiver", "template", "payload", "next_at", "created_at"),
        {"case_id": _CASE, "state": "'pending'", "attempts": "0"},
        "on conflict (key) do nothing",
    ),
    "messages": _Insert(
        message,
        ("name", "correlation", "payload", "created_at", "expires_at"),
        {"from_case": _CASE},
    ),
    "idempotency": _Insert(
        idempotency,
        ("actor", "key", "body_hash", "status", "answer", "created_at"),
    ),
}
_DELETES = {"disarmed": timer, "unawaited": awaited_message}
"""Rows that go, by their element."""

_PROCESS = ("marking", "data", "state", "next_due", "ended_at")


@dataclass(slots=True)
class StepRows:
    """A step as rows: times and documents are text already, parts that are empty are left out.

    `process` holds the columns of `_PROCESS`; the rows of `parts` hold the columns of their
    `_Insert`, or the element that goes; `tasks` are a token and the columns of it that change.
    """

    case_id: int
    seen_version: int
    running_id: int
    case: dict[str, Json]
    process: dict[str, Json]
    parts: dict[str, Rows]
    tasks: Rows


def write(session: Session, step: StepRows, *, refused: Callable[[], Exception]) -> None:
    """Write the step, or raise `refused` when the case is not at the version seen.

    On PostgreSQL that may be noticed with the commit only; nothing is written then either.
    """
    if session.dialect.name == "sqlite":
        if not _write_sqlite(session, step):
            raise refused()
    else:
        _write_postgres(session, step, refused)


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────


def _write_postgres(session: Session, step: StepRows, refused: Callable[[], Exception]) -> None:
    statement = _postgres_statement(
        tuple(step.case),
        tuple((name, len(rows)) for name, rows in step.parts.items()),
        tuple(map(tuple, step.tasks)),
    )
    process = step.process
    values = [step.case_id, step.seen_version, step.running_id]
    values += step.case.values()
    values += [process[name] for name in _PROCESS]
    for name, rows in step.parts.items():
        names = _INSERTS[name].names if name in _INSERTS else ("element",)
        values += [row[column] for row in rows for column in names]
    for row in step.tasks:
        values += row.values()
    run_last(session, statement, values, refused=refused)


@lru_cache(maxsize=1024)
def _postgres_statement(
    case: tuple[str, ...],
    parts: tuple[tuple[str, int], ...],
    tasks: tuple[tuple[str, ...], ...],
) -> str:
    """One statement for steps that write so many rows of each kind; its places are numbered."""
    place = _places(after=3)
    changes = "".join(f", {_assigned(case_, name, place)}" for name in case)
    process = ", ".join(_assigned(running_process, name, place) for name in _PROCESS)
    written = [f"p as (update running_process r set {process} from u where r.id = $3::bigint)"]  # noqa: S608 - only constants of this file
    for name, count in parts:
        wanted = _inserted if name in _INSERTS else _deleted
        written.append(f"{name}_part as ({wanted(name, count, place)})")
    for at, names in enumerate(tasks):
        written.append(f"task_{at} as ({_changed(names, place)})")
    return (
        f"with u as (update case_ set version = version + 1{changes}"  # noqa: S608 - names were checked by CASE_CHANGES
        " where id = $1::bigint and version = $2::integer returning id),\n"
        + ",\n".join(written)
        + "\nselect 1 / count(*) from u"
    )


_Place: TypeAlias = Callable[[str], str]


def _places(*, after: int) -> _Place:
    """Numbers the parameters in order of first use, each with its type."""
    last = after

    def place(type_: str) -> str:
        nonlocal last
        last += 1
        return f"${last}::{type_}"

    return place


def _type_of(table: Table, name: str) -> str:
    return str(table.c[name].type.compile(dialect=_DIALECT))


def _assigned(table: Table, name: str, place: _Place) -> str:
    return f"{name} = {place(_type_of(table, name))}"


def _inserted(name: str, count: int, place: _Place) -> str:
    insert = _INSERTS[name]
    types = [_type_of(insert.table, column) for column in insert.names]
    rows = ", ".join(f"({', '.join(map(place, types))})" for _ in range(count))
    fixed = [value.format(case="u.id", running="$3::bigint") for value in insert.fixed.values()]
    values = ", ".join([*fixed, *(f"x.{column}" for column in insert.names)])
    return (
        f"insert into {insert.table.name} ({insert.columns()}) select {values}"  # noqa: S608 - only constants of this file
        f" from u, (values {rows}) as x ({', '.join(insert.names)}) {insert.conflict}"
    )


def _deleted(name: str, count: int, place: _Place) -> str:
    elements = ", ".join(place("text") for _ in range(count))
    return (
        f"delete from {_DELETES[name].name} t using u"  # noqa: S608 - only constants of this file
        f" where t.running_id = $3::bigint and t.element in ({elements})"
    )


def _changed(names: Iterable[str], place: _Place) -> str:
    token, *columns = names
    which = f"k.{token} = {place('text')}"
    changes = ", ".join(_assigned(task, name, place) for name in columns)
    return (
        f"update task k set {changes} from u"  # noqa: S608 - names were checked by TASK_CHANGES
        f" where k.running_id = $3::bigint and {which} and k.state = 'open'"
    )


# ── SQLite ───────────────────────────────────────────────────────────────────────────────────


def _write_sqlite(session: Session, step: StepRows) -> bool:
    keys = {"case_id": step.case_id, "running_id": step.running_id}
    changes = "".join(f", {_named(column)}" for column in step.case)
    checked = session.exec_driver_sql(
        f"update case_ set version = version + 1{changes}"  # noqa: S608 - names were checked by CASE_CHANGES
        " where id = :case_id and version = :seen",
        {**keys, "seen": step.seen_version, **step.case},
    )
    if checked.rowcount == 0:
        return False
    session.exec_driver_sql(_SQLITE_PROCESS, {**keys, **step.process})
    for name, rows in step.parts.items():
        session.exec_driver_sql(_SQLITE_PARTS[name], [{**keys, **row} for row in rows])
    for row in step.tasks:
        changes = ", ".join(_named(name) for name in row if name != "token")
        session.exec_driver_sql(
            f"update task set {changes}"  # noqa: S608 - names were checked by TASK_CHANGES
            " where running_id = :running_id and token = :token and state = 'open'",
            {**keys, **row},
        )
    return True


def _named(name: str) -> str:
    return f"{name} = :{name}"


def _sqlite_insert(insert: _Insert) -> str:
    fixed = [
        value.format(case=":case_id", running=":running_id") for value in insert.fixed.values()
    ]
    values = ", ".join([*fixed, *(f":{column}" for column in insert.names)])
    return (
        f"insert into {insert.table.name} ({insert.columns()}) values ({values}) {insert.conflict}"  # noqa: S608 - only constants of this file
    )


_SQLITE_PARTS = {
    **{name: _sqlite_insert(insert) for name, insert in _INSERTS.items()},
    **{
        name: f"delete from {table.name} where running_id = :running_id and element = :element"  # noqa: S608 - only constants of this file
        for name, table in _DELETES.items()
    },
}
_SQLITE_PROCESS = (
    f"update running_process set {', '.join(map(_named, _PROCESS))} where id = :running_id"  # noqa: S608 - only constants of this file
)
