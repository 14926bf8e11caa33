"""Bytes of a case in either database, by table, index and kind of entry; WAL of a step."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import psycopg

from bench.load import CHAIN
from bench.report import ReportTable
from bench.step import REPORT
from bench.town import Town, durable_cluster, found
from engine.run.record import Done

CASES = 400
OPEN_AFTER = 4
TABLES = (
    "case_",
    "case_owned",
    "running_process",
    "task",
    "timer",
    "awaited_message",
    "case_event",
    "feed_event",
    "outbox",
)
_PARTS = """
select t.relname, coalesce(i.indexrelid::regclass::text, ''),
  case when i.indexrelid is null then pg_table_size(t.oid) else pg_relation_size(i.indexrelid) end
from pg_class t
left join lateral (select null::oid as indexrelid
  union all select indexrelid from pg_index where indrelid = t.oid) i on true
where t.relname = any(%s) and t.relkind = 'r'
"""
_KINDS = "select kind, count(*), sum(octet_length(data)) from case_event group by kind"
_PAGES = """
select m.tbl_name, case when m.type = 'index' then m.name else '' end, sum(s.pgsize)
from dbstat s join sqlite_master m on m.name = s.name group by 1, 2
"""
_LEAST = 20
"""Bytes of a case below which an index is not shown."""

Sizes = Mapping[tuple[str, str], int]
"""Bytes by table and index; the table itself has no name of an index."""


def run() -> list[ReportTable]:
    """Walk the same cases half way and to their end."""
    with tempfile.TemporaryDirectory() as folder:
        with durable_cluster() as cluster:
            tables = _postgres(cluster.create("size"), Path(folder) / "postgres")
        return [*tables, _sqlite(Path(folder) / "sqlite")]


def _postgres(url: str, folder: Path) -> list[ReportTable]:
    table = ReportTable(
        f"Bytes per case in PostgreSQL ({CASES} cases, tables with indexes, vacuumed)",
        ("after", *TABLES, "together"),
    )
    marking = ReportTable(
        "Stored bytes of marking and data of a running case", ("steps done", "bytes (largest)")
    )
    wal = ReportTable("WAL", ("what", "bytes"))
    town = found(url, folder)
    with psycopg.connect(url, autocommit=True) as beside:
        empty, began = _sizes(beside), _written(beside)
        cases = [_opened(town) for _ in range(CASES)]
        opened = _written(beside)
        for place in range(len(CHAIN)):
            cases = [_completed(town, case, place) for case in cases]
            marking.add(place + 1, _largest_marking(town))
            if place + 1 == OPEN_AFTER:
                between = _written(beside)
                _add(table, f"{OPEN_AFTER} steps (open)", _sizes(beside), empty)
                skipped = _written(beside) - between  # what the vacuum wrote
        wal.add("opening a case", (opened - began) / CASES)
        wal.add("a step", (_written(beside) - opened - skipped) / CASES / len(CHAIN))
        full = _sizes(beside)
        _add(table, f"{len(CHAIN)} steps (closed)", full, empty)
    return [table, _parts("PostgreSQL", full, empty), _kinds(town), marking, wal]


def _sqlite(folder: Path) -> ReportTable:
    town = found(f"sqlite:///{folder}/size.db", folder)
    empty = _pages(town)
    cases = [_opened(town) for _ in range(CASES)]
    for place in range(len(CHAIN)):
        cases = [_completed(town, case, place) for case in cases]
    return _parts("SQLite", _pages(town), empty)


def _add(table: ReportTable, name: str, sizes: Sizes, empty: Sizes) -> None:
    grown = _grown(sizes, empty)
    each = [sum(size for (of, _), size in grown.items() if of == one) for one in TABLES]
    table.add(name, *each, sum(each))


def _parts(database: str, sizes: Sizes, empty: Sizes) -> ReportTable:
    table = ReportTable(
        f"Bytes per closed case in {database}, by table and index", ("table", "index", "bytes")
    )
    for (name, index), size in sorted(_grown(sizes, empty).items(), key=lambda part: -part[1]):
        if size >= _LEAST:
            table.add(name, index, size)
    return table


def _grown(sizes: Sizes, empty: Sizes) -> dict[tuple[str, str], float]:
    return {
        part: (size - empty.get(part, 0)) / CASES
        for part, size in sizes.items()
        if part[0] in TABLES
    }


def _kinds(town: Town) -> ReportTable:
    table = ReportTable("Stored JSON of the entries of a closed case", ("kind", "entries", "bytes"))
    with town.database.reading() as session:
        rows = session.exec_driver_sql(_KINDS).all()
    for kind, count, size in sorted(rows, key=lambda row: -row[2]):
        table.add(kind, count / CASES, size / CASES)
    table.add("together", sum(row[1] for row in rows) / CASES, sum(row[2] for row in rows) / CASES)
    return table


def _opened(town: Town) -> Done:
    collector = town.actor("grid_member")
    with town.database.transaction() as session:
        return town.composition.runner.start(session, "grid_report", REPORT, actor=collector)


def _completed(town: Town, done: Done, place: int) -> Done:
    role, form = CHAIN[place]
    actor, token = town.actor(role), int(done.next_tasks[0].token)
    with town.database.transaction() as session:
        return town.composition.runner.complete(session, done.running_id, token, form, actor=actor)


def _sizes(beside: psycopg.Connection) -> Sizes:
    beside.execute("vacuum")
    return {(table, index): size for table, index, size in beside.execute(_PARTS, [list(TABLES)])}


def _pages(town: Town) -> Sizes:
    with town.database.reading() as session:
        return {(row[0], row[1]): row[2] for row in session.exec_driver_sql(_PAGES)}


def _written(beside: psycopg.Connection) -> int:
    row = beside.execute("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')").fetchone()
    return 0 if row is None else int(row[0])


def _largest_marking(town: Town) -> int:
    with town.database.reading() as session:
        return int(
            session.exec_driver_sql(
                "select max(octet_length(marking) + octet_length(data)) from running_process"
            ).scalar_one()
        )
