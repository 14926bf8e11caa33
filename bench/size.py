"""Bytes in PostgreSQL per case: tables, indexes and what is stored out of line."""

import tempfile
from pathlib import Path

from bench.load import CHAIN
from bench.report import ReportTable
from bench.step import REPORT
from bench.town import Town, durable_cluster, found
from engine.run.record import Done

CASES = 400
OPEN_AFTER = 4
TABLES = ("case_", "running_process", "task", "timer", "awaited_message", "case_event", "outbox")


def run() -> list[ReportTable]:
    """Walk the same cases half way and to their end."""
    table = ReportTable(
        f"Bytes per case ({CASES} cases, dead rows vacuumed away)",
        ("after", *TABLES, "together"),
    )
    marking = ReportTable("Marking and data of a running case", ("steps done", "bytes (largest)"))
    with tempfile.TemporaryDirectory() as folder, durable_cluster() as cluster:
        town = found(cluster.create("size"), Path(folder))
        empty = _sizes(town)
        cases = [_opened(town) for _ in range(CASES)]
        for place in range(len(CHAIN)):
            cases = [_completed(town, case, place) for case in cases]
            marking.add(place + 1, _largest_marking(town))
            if place + 1 in {OPEN_AFTER, len(CHAIN)}:
                name = f"{place + 1} steps"
                _add(table, name, _sizes(town), empty)
    return [table, marking]


def _add(table: ReportTable, name: str, sizes: dict[str, int], empty: dict[str, int]) -> None:
    each = [(sizes[table] - empty[table]) / CASES for table in TABLES]
    table.add(name, *each, sum(each))


def _opened(town: Town) -> Done:
    collector = town.actor("grid_member")
    with town.database.transaction() as session:
        return town.composition.runner.start(session, "grid_report", REPORT, actor=collector)


def _completed(town: Town, done: Done, place: int) -> Done:
    role, form = CHAIN[place]
    actor, token = town.actor(role), int(done.next_tasks[0].token)
    with town.database.transaction() as session:
        return town.composition.runner.complete(session, done.running_id, token, form, actor=actor)


def _sizes(town: Town) -> dict[str, int]:
    with town.database.transaction() as session:
        session.exec_driver_sql("checkpoint")
        return {
            name: int(
                session.exec_driver_sql(f"select pg_total_relation_size('{name}')").scalar_one()
            )
            for name in TABLES
        }


def _largest_marking(town: Town) -> int:
    with town.database.reading() as session:
        return int(
            session.exec_driver_sql(
                "select max(octet_length(marking) + octet_length(data)) from running_process"
            ).scalar_one()
        )
