"""What the stand-in holds: one SQLite file with inspections, problems sent to it, and switches."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.time.clock import SystemClock

ZONE: Final = ZoneInfo("Asia/Shanghai")
_TABLES: Final = """
create table if not exists inspection (
  id text primary key, version not null, changed text not null, day text not null,
  deleted integer not null, body text not null);
create index if not exists inspection_changed on inspection (changed, id);
create table if not exists problem (key text primary key, id text not null);
create table if not exists switch (name text primary key, value text not null);
create table if not exists number (name text primary key, value integer not null);
"""


@dataclass(frozen=True, slots=True)
class Rows:
    """The file of the stand-in; each call opens it, so that a kill loses nothing."""

    path: Path

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """One transaction."""
        connection = sqlite3.connect(self.path, timeout=30)
        connection.row_factory = sqlite3.Row
        try:
            connection.executescript(_TABLES)
            with connection:
                connection.execute("begin immediate")
                yield connection
        finally:
            connection.close()


def now_there(rows: sqlite3.Connection) -> datetime:
    """Their clock, which may be wrong by the switch `clock` in minutes."""
    off = timedelta(minutes=float(switch(rows, "clock", 0)))
    return SystemClock().now().astimezone(ZONE) + off


def switch(rows: sqlite3.Connection, name: str, default: Any) -> Any:
    """The value of a switch."""
    found = rows.execute("select value from switch where name = ?", (name,)).fetchone()
    return default if found is None else json.loads(found["value"])


def put_switch(rows: sqlite3.Connection, name: str, value: Any) -> None:
    """Set a switch."""
    rows.execute("insert or replace into switch values (?, ?)", (name, json.dumps(value)))


def count(rows: sqlite3.Connection, name: str) -> int:
    """Count one more of something; return its number."""
    rows.execute(
        "insert into number values (?, 1) on conflict (name) do update set value = value + 1",
        (name,),
    )
    found = rows.execute("select value from number where name = ?", (name,)).fetchone()
    return int(found["value"])


def put_inspection(rows: sqlite3.Connection, body: dict[str, Any]) -> dict[str, Any]:
    """Add an inspection, or its next version; `bbh` and `gxsj` are kept where they are given."""
    known = None
    if body.get("jcbh"):
        known = find_inspection(rows, str(body["jcbh"]))
    kept = {**(known or {}), **body}
    kept["jcbh"] = kept.get("jcbh") or f"JC{count(rows, 'inspection'):08d}"
    if "bbh" not in body:
        kept["bbh"] = int((known or {}).get("bbh") or 0) + 1
    if "gxsj" not in body:
        kept["gxsj"] = now_there(rows).strftime("%Y-%m-%d %H:%M:%S")
    kept.setdefault("sc", 0)
    day = str(kept.get("jcsj", ""))[:10]
    changed, deleted = str(kept["gxsj"]), int(kept["sc"] in (1, "1"))
    rows.execute(
        "insert or replace into inspection values (?, ?, ?, ?, ?, ?)",
        (str(kept["jcbh"]), kept["bbh"], changed, day, deleted, json.dumps(kept)),
    )
    return kept


def find_inspection(rows: sqlite3.Connection, ident: str) -> dict[str, Any] | None:
    """Find an inspection by its number."""
    found = rows.execute("select body from inspection where id = ?", (ident,)).fetchone()
    return None if found is None else dict(json.loads(found["body"]))


def list_since(
    rows: sqlite3.Connection, since: str, *, offset: int, limit: int
) -> list[dict[str, Any]]:
    """List inspections changed at a time or after it, the earliest first."""
    found = rows.execute(
        "select body from inspection where changed >= ? order by changed, id limit ? offset ?",
        (since, limit, offset),
    )
    return [dict(json.loads(row["body"])) for row in found]


def versions_of(rows: sqlite3.Connection, day: str) -> dict[str, int]:
    """List the versions of the inspections of a day that are not deleted."""
    found = rows.execute("select id, version from inspection where day = ? and deleted = 0", (day,))
    return {row["id"]: row["version"] for row in found}
