"""What each speed layer buys of the whole request on PostgreSQL: on and off take turns in one run.

A layer's ratio is the cost of a completed task without it to that with all layers. The processor
time is that of server and database together, read from outside, so that neither the load
generator nor whatever else the machine does counts; steps per second stand beside it.
"""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from api.settings import SPEED_LAYERS
from bench.load import CHAIN
from bench.pages import spent_by
from bench.report import ReportTable
from bench.step import Load, open_cases, token_of
from bench.town import durable_cluster, found, started
from tests.cluster import Cluster

ROUNDS = 16
CASES = 50
"""Of a slice, which ends when all of them have been walked up the chain."""
CLIENTS = 4
THREADS = 2
LONGEST = 120
NOTHING_OFF = "-"
ALL_OFF = "all"


class Cost(NamedTuple):
    """A slice: seconds of processor time a step, and steps per second."""

    processor: float
    rate: float


class Side(NamedTuple):
    """A server with some layers, and the processes whose processor time counts."""

    load: Load
    server: int
    database: int

    def walk(self, tasks: list[str]) -> Cost:
        """Walk these cases and read the clocks before and after."""
        self.load.tasks = tasks
        before = self._spent()
        taken = self.load.take(LONGEST)
        return Cost((self._spent() - before) / len(taken.seconds), taken.rate)

    def _spent(self) -> float:
        return spent_by(self.server) + spent_by(self.database)


def run(*, rounds: int = ROUNDS) -> list[ReportTable]:
    """Measure every layer, and all of them together."""
    with tempfile.TemporaryDirectory() as folder, durable_cluster() as cluster:
        return [_table(cluster, Path(folder), rounds)]


def _table(cluster: Cluster, folder: Path, rounds: int) -> ReportTable:
    off = (*sorted(SPEED_LAYERS), ALL_OFF)
    town = found(cluster.create("layers"), folder)
    tasks = open_cases(town, -(-(2 * len(off) * (rounds + 1) * CASES) // 50) * 50)
    costs: dict[str, list[tuple[Cost, Cost]]] = {name: [] for name in off}
    postmaster = int((cluster.folder / "data" / "postmaster.pid").read_text().split()[0])
    with ExitStack() as serving:
        sides = {}
        for name in (NOTHING_OFF, *off):
            layers = frozenset() if name == ALL_OFF else SPEED_LAYERS - {name}
            port, pid = serving.enter_context(started(town, threads=THREADS, layers=layers))
            tokens = {role: token_of(port, role) for role, _ in CHAIN}
            sides[name] = Side(Load([port], tokens, CLIENTS, []), pid, postmaster)
        for place in range(rounds + 1):
            for name in off:
                order = (NOTHING_OFF, name) if place % 2 else (name, NOTHING_OFF)
                seen = {side: sides[side].walk(_next(tasks)) for side in order}
                costs[name].append((seen[NOTHING_OFF], seen[name]))
    return _written(costs)


def _next(tasks: list[str]) -> list[str]:
    taken = tasks[:CASES]
    del tasks[:CASES]
    return taken


def _written(costs: dict[str, list[tuple[Cost, Cost]]]) -> ReportTable:
    table = ReportTable(
        "What each speed layer buys of a completed task on PostgreSQL",
        (
            "layer off",
            "processor ms a step, on",
            "off",
            "ratio",
            "middle half",
            "steps/s on to off",
            "middle half",
        ),
    )
    for name, pairs in costs.items():
        warm = pairs[1:]
        table.add(
            name,
            1000 * median(on.processor for on, _ in warm),
            1000 * median(without.processor for _, without in warm),
            *_middle([without.processor / on.processor for on, without in warm]),
            *_middle([on.rate / without.rate for on, without in warm]),
        )
    return table


def _middle(ratios: list[float]) -> tuple[str, str]:
    low, middle, high = quantiles(ratios, n=4)
    return f"{middle:.2f}", f"{low:.2f} to {high:.2f}"
