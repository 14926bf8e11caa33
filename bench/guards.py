"""What the guards of owner and case file cost: processor time of the database, with and without.

Two towns on one server take turns in one run, so that neither the hour nor the size of the tables
counts; processor time of the server's processes is what the system says, not the clock on the wall.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median, quantiles

from bench.load import CHAIN
from bench.report import ReportTable
from bench.step import REPORT
from bench.town import Town, durable_cluster, found
from engine.run.record import Done
from storage.people.actors import Actor

SLICES = 40
CASES = 30
"""Of a slice: as many steps as the chain is long for each."""
GUARDED = ("case_", "task", "case_event")
MICROSECONDS = 1000
"""In a nanosecond count."""


def run(*, slices: int = SLICES) -> list[ReportTable]:
    """Walk cases with the guards on and off by turns."""
    with tempfile.TemporaryDirectory() as folder, durable_cluster() as cluster:
        towns = {
            are_on: found(cluster.create(f"guards_{name}"), Path(folder) / name)
            for name, are_on in (("on", True), ("off", False))
        }
        _let_go(towns[False])
        actors = {role: towns[True].actor(role) for role, _ in CHAIN}
        for town in towns.values():
            _walked(town, actors)
            _walked(town, actors)
        costs: dict[bool, list[float]] = {True: [], False: []}
        for place in range(slices):
            for are_on in (True, False) if place % 2 else (False, True):
                costs[are_on].append(_walked(towns[are_on], actors))
    return [_table(costs)]


def _table(costs: Mapping[bool, list[float]]) -> ReportTable:
    shares = [(on - off) / on for on, off in zip(costs[True], costs[False], strict=True)]
    low, middle, high = quantiles(shares, n=4)
    table = ReportTable(
        "The guards' share of the database's processor time of a step",
        ("with, us a step", "without", "share", "middle half"),
    )
    table.add(
        median(costs[True]),
        median(costs[False]),
        f"{middle:.1%}",
        f"{low:.1%} to {high:.1%}",
    )
    return table


def _walked(town: Town, actors: Mapping[str, Actor]) -> float:
    """Walk fresh cases to their end; processor time of the database for a step, in us."""
    cases = [_opened(town, actors["grid_member"]) for _ in range(CASES)]
    before = _spent(town)
    for place in range(len(CHAIN)):
        cases = [_completed(town, done, place, actors) for done in cases]
    return (_spent(town) - before) / (CASES * len(CHAIN)) / MICROSECONDS


def _opened(town: Town, collector: Actor) -> Done:
    with town.database.transaction() as session:
        return town.composition.runner.start(session, "grid_report", REPORT, actor=collector)


def _completed(town: Town, done: Done, place: int, actors: Mapping[str, Actor]) -> Done:
    role, form = CHAIN[place]
    token = int(done.next_tasks[0].token)
    with town.database.transaction() as session:
        return town.composition.runner.complete(
            session, done.running_id, token, form, actor=actors[role]
        )


def _let_go(town: Town) -> None:
    with town.database.transaction() as session:
        for name in GUARDED:
            session.exec_driver_sql(f"alter table {name} disable trigger user")


def _spent(town: Town) -> int:
    """Nanoseconds that the database's processes for this town have worked."""
    with town.database.reading() as session:
        pids = session.exec_driver_sql(
            "select pid from pg_stat_activity where datname = current_database()"
            " and backend_type = 'client backend'"
        ).scalars()
        return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids)
