"""The SQL of one step: one data-modifying statement on PostgreSQL, a few on SQLite.

On PostgreSQL every part of the statement runs even when the version check found nothing, so
every part is joined to `u`, the checked update: a lost race writes nothing at all
(notes/performance.md section 1). SQLite has no data-modifying parts; there the same writes
follow the checked update one by one, inside the same transaction.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import orjson

from storage.fast import run
from storage.moments import Json
from storage.session import Session

Rows: TypeAlias = list[dict[str, Json]]

CASE_DOCUMENTS = frozenset({"location"})
CASE_COLUMNS = frozenset(
    {
        "status",
        "phase",
        "outcome",
        "kind",
        "title",
        "matter",
        "area_code",
        "channel",
        "business_id",
        "priority",
        "deadline_profile",
        "description",
        "location",
        "collector_officer",
        "collector_post",
        "floor_rank",
        "owner_post",
        "owner_officer",
        "owner_rank",
        "owner_area",
        "supervised",
        "public_result",
        "closed_at",
        "public_code_hash",
    }
)
TASK_DOCUMENTS = frozenset({"deadline", "why", "draft", "chased"})
TASK_COLUMNS = frozenset(
    {
        "post_id",
        "officer_id",
        "role",
        "area_code",
        "due_at",
        "deadline",
        "paused_at",
        "why",
        "draft",
        "chased",
    }
)

_TYPES = {
    "due_at": "timestamptz",
    "paused_at": "timestamptz",
    "closed_at": "timestamptz",
    "officer_id": "bigint",
    "business_id": "bigint",
    "collector_officer": "bigint",
    "owner_officer": "bigint",
    "floor_rank": "smallint",
    "owner_rank": "smallint",
    "last_seq": "integer",
    "supervised": "boolean",
}

_TASK_TYPES = {
    "token": "text",
    "element": "text",
    "task_id": "text",
    "process_id": "text",
    "label": "text",
    "area_code": "text",
    "opened_at": "timestamptz",
    "due_at": "timestamptz",
    "lane": "text",
    "role": "text",
    "level": "text",
    "form": "text",
    "phase": "text",
    "post_id": "text",
    "officer_id": "bigint",
    "deadline": "text",
    "why": "text",
    "draft": "text",
    "chased": "text",
}
_TASK_NAMES = ", ".join(_TASK_TYPES)


@dataclass(slots=True)
class StepRows:
    """A step as rows: times and documents are text already, parts that are empty are left out."""

    case_id: int
    seen_version: int
    running_id: int
    case: dict[str, Json]
    process: dict[str, Json]
    parts: dict[str, Rows]
    task_changes: Rows


def write(session: Session, step: StepRows) -> bool:
    """Write the step; False when the case was not at the version seen, and nothing is written."""
    if session.dialect.name == "sqlite":
        return _write_sqlite(session, step)
    return _write_postgres(session, step)


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────

_POSTGRES_PARTS = {
    "closed": """
update task k set state = x.state, closed_at = x.at, closed_by = x.by
from u, json_to_recordset(%(closed)s::json) as x(token text, state text, at timestamptz, by bigint)
where k.running_id = %(running_id)s and k.token = x.token and k.state = 'open'""",
    "opened": f"""
insert into task (running_id, case_id, state, {_TASK_NAMES})
select %(running_id)s, u.id, 'open', {_TASK_NAMES}
from u, json_to_recordset(%(opened)s::json) as x({
        ", ".join(f"{name} {type_}" for name, type_ in _TASK_TYPES.items())
    })""",  # noqa: S608 - only constants of this file
    "disarmed": """
delete from timer t using u, json_to_recordset(%(disarmed)s::json) as x(element text)
where t.running_id = %(running_id)s and t.element = x.element""",
    "armed": """
insert into timer (running_id, element, case_id, due_at, kind, lease_until, attempts)
select %(running_id)s, x.element, u.id, x.due_at, x.kind, null, 0
from u, json_to_recordset(%(armed)s::json) as x(element text, due_at timestamptz, kind text)
on conflict (running_id, element) do update
set due_at = excluded.due_at, kind = excluded.kind, lease_until = null, attempts = 0""",
    "unawaited": """
delete from awaited_message a using u, json_to_recordset(%(unawaited)s::json) as x(element text)
where a.running_id = %(running_id)s and a.element = x.element""",
    "awaiting": """
insert into awaited_message (running_id, element, case_id, name, correlation)
select %(running_id)s, x.element, u.id, x.name, x.correlation
from u, json_to_recordset(%(awaiting)s::json) as x(element text, name text, correlation text)
on conflict (running_id, element) do update
set name = excluded.name, correlation = excluded.correlation""",
    "events": """
insert into case_event (case_id, seq, at, actor, capacity, kind, data, previous, hash)
select u.id, x.seq, x.at, x.actor, x.capacity, x.kind, x.data, x.previous, x.hash
from u, json_to_recordset(%(events)s::json) as x(seq integer, at timestamptz, actor text,
  capacity text, kind text, data text, previous text, hash text)""",
    "outbox": """
insert into outbox (key, case_id, channel, receiver, template, payload, state, attempts, next_at,
  created_at)
select x.key, u.id, x.channel, x.receiver, x.template, x.payload, 'pending', 0, x.at, x.at
from u, json_to_recordset(%(outbox)s::json) as x(key text, channel text, receiver text,
  template text, payload text, at timestamptz)
on conflict (key) do nothing""",
    "messages": """
insert into message (name, correlation, payload, from_case, created_at, expires_at)
select x.name, x.correlation, x.payload, u.id, x.at, x.expires_at
from u, json_to_recordset(%(messages)s::json) as x(name text, correlation text, payload text,
  at timestamptz, expires_at timestamptz)""",
    "idempotency": """
insert into idempotency (actor, key, body_hash, status, answer, created_at)
select x.actor, x.key, x.body_hash, x.status, x.answer, x.at
from u, json_to_recordset(%(idempotency)s::json) as x(actor text, key text, body_hash text,
  status smallint, answer text, at timestamptz)""",
}

_POSTGRES_PROCESS = """
update running_process r set marking = %(marking)s, data = %(data)s, state = %(state)s,
  next_due = %(next_due)s::timestamptz, ended_at = %(ended_at)s::timestamptz
from u where r.id = %(running_id)s and r.case_id = u.id"""


def _write_postgres(session: Session, step: StepRows) -> bool:
    groups = _grouped(step.task_changes)
    statement = _postgres_statement(tuple(step.case), tuple(step.parts), tuple(groups))
    parameters: dict[str, Json] = {
        "case_id": step.case_id,
        "seen": step.seen_version,
        "running_id": step.running_id,
        **step.process,
        **{f"case_{name}": value for name, value in step.case.items()},
        **{name: orjson.dumps(rows).decode() for name, rows in step.parts.items()},
        **{
            f"changed_{place}": orjson.dumps(rows).decode()
            for place, rows in enumerate(groups.values())
        },
    }
    return bool(run(session, statement, parameters)[0][0])


@lru_cache(maxsize=1024)
def _postgres_statement(
    case: tuple[str, ...], parts: tuple[str, ...], groups: tuple[tuple[str, ...], ...]
) -> str:
    changes = "".join(f", {name} = %(case_{name})s::{_TYPES.get(name, 'text')}" for name in case)
    written = [
        f"p as ({_POSTGRES_PROCESS})",
        *(f"{name}_part as ({_POSTGRES_PARTS[name]})" for name in parts),
        *(f"changed_{place} as ({_changed(place, names)})" for place, names in enumerate(groups)),
    ]
    return (
        f"with u as (\nupdate case_ set version = version + 1{changes}\n"
        "where id = %(case_id)s and version = %(seen)s returning id),\n"
        + ",\n".join(written)
        + "\nselect count(*) from u"
    )


def _changed(place: int, names: tuple[str, ...]) -> str:
    typed = ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in names)
    return f"""
update task k set {", ".join(f"{name} = x.{name}" for name in names)}
from u, json_to_recordset(%(changed_{place})s::json) as x(token text, {typed})
where k.running_id = %(running_id)s and k.token = x.token and k.state = 'open'"""  # noqa: S608 - names come from TASK_COLUMNS


def _grouped(changes: Rows) -> dict[tuple[str, ...], Rows]:
    """Put together the tasks that change in the same columns."""
    groups: dict[tuple[str, ...], Rows] = {}
    for row in changes:
        groups.setdefault(tuple(sorted(row.keys() - {"token"})), []).append(row)
    return groups


# ── SQLite ───────────────────────────────────────────────────────────────────────────────────

_SQLITE_PARTS = {
    "closed": """
update task set state = :state, closed_at = :at, closed_by = :by
where running_id = :running_id and token = :token and state = 'open'""",
    "opened": f"""
insert into task (running_id, case_id, state, {_TASK_NAMES})
values (:running_id, :case_id, 'open', {", ".join(f":{name}" for name in _TASK_TYPES)})""",  # noqa: S608 - only constants of this file
    "disarmed": "delete from timer where running_id = :running_id and element = :element",
    "armed": """
insert into timer (running_id, element, case_id, due_at, kind, lease_until, attempts)
values (:running_id, :element, :case_id, :due_at, :kind, null, 0)
on conflict (running_id, element) do update
set due_at = excluded.due_at, kind = excluded.kind, lease_until = null, attempts = 0""",
    "unawaited": "delete from awaited_message where running_id = :running_id"
    " and element = :element",
    "awaiting": """
insert into awaited_message (running_id, element, case_id, name, correlation)
values (:running_id, :element, :case_id, :name, :correlation)
on conflict (running_id, element) do update
set name = excluded.name, correlation = excluded.correlation""",
    "events": """
insert into case_event (case_id, seq, at, actor, capacity, kind, data, previous, hash)
values (:case_id, :seq, :at, :actor, :capacity, :kind, :data, :previous, :hash)""",
    "outbox": """
insert into outbox (key, case_id, channel, receiver, template, payload, state, attempts, next_at,
  created_at)
values (:key, :case_id, :channel, :receiver, :template, :payload, 'pending', 0, :at, :at)
on conflict (key) do nothing""",
    "messages": """
insert into message (name, correlation, payload, from_case, created_at, expires_at)
values (:name, :correlation, :payload, :case_id, :at, :expires_at)""",
    "idempotency": """
insert into idempotency (actor, key, body_hash, status, answer, created_at)
values (:actor, :key, :body_hash, :status, :answer, :at)""",
}

_SQLITE_PROCESS = """
update running_process set marking = :marking, data = :data, state = :state,
  next_due = :next_due, ended_at = :ended_at
where id = :running_id and case_id = :case_id"""


def _write_sqlite(session: Session, step: StepRows) -> bool:
    keys = {"case_id": step.case_id, "running_id": step.running_id}
    changes = "".join(f", {name} = :{name}" for name in step.case)
    checked = session.exec_driver_sql(
        f"update case_ set version = version + 1{changes} where id = :case_id and version = :seen",  # noqa: S608 - names come from CASE_COLUMNS
        {**keys, "seen": step.seen_version, **step.case},
    )
    if checked.rowcount == 0:
        return False
    session.exec_driver_sql(_SQLITE_PROCESS, {**keys, **step.process})
    for name, rows in step.parts.items():
        session.exec_driver_sql(_SQLITE_PARTS[name], [{**keys, **row} for row in rows])
    for names, rows in _grouped(step.task_changes).items():
        sets = ", ".join(f"{name} = :{name}" for name in names)
        session.exec_driver_sql(
            f"update task set {sets}"  # noqa: S608 - names come from TASK_COLUMNS
            " where running_id = :running_id and token = :token and state = 'open'",
            [{**keys, **row} for row in rows],
        )
    return True
