"""Steps per second over HTTP, next to what the database alone can do in the same run."""

import json
import subprocess
import sys
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.floor import fill, floor
from bench.load import CHAIN
from bench.report import Table
from bench.town import PASSWORD, ROOT, Town, durable_cluster, found, served
from tests.cluster import Cluster

SECONDS = 6
CASES = 1500
CLIENTS = (1, 4, 8, 32)
ROUNDS = 3  # of which the middle one, by R, is shown
PROCESSES = 2
THREADS = 2
"""Of the server on PostgreSQL: as many processes as the machine has processors. A second thread
works while the first waits for the disk; more take turns, and each turn costs."""
REPORT = {
    "matter": "L04",
    "area": "350322100001001001",
    "description": "证照、公示信息未亮明",
    "no_photo_reason": "手机没电",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one load gave."""

    rate: float
    p50_ms: float
    p99_ms: float


def run(*, seconds: int = SECONDS) -> list[Table]:
    """Measure both databases."""
    with tempfile.TemporaryDirectory() as folder, durable_cluster() as cluster:
        return [_postgres(cluster, Path(folder), seconds), _sqlite(Path(folder), seconds)]


def _postgres(cluster: Cluster, folder: Path, seconds: int) -> Table:
    empty = found(cluster.create("floor"), folder / "floor")
    fill(empty.database)
    table = Table(
        "PostgreSQL: completing a task over HTTP",
        ("clients", "steps/s", "p50 ms", "p99 ms", "floor/s", "R"),
    )
    for clients in CLIENTS:
        rounds = [_round(cluster, empty, folder, clients, seconds, n) for n in range(ROUNDS)]
        got, lowest = sorted(rounds, key=lambda one: one[0].rate / one[1])[ROUNDS // 2]
        table.add(clients, got.rate, got.p50_ms, got.p99_ms, lowest, got.rate / lowest)
    return table


def _round(
    cluster: Cluster, empty: Town, folder: Path, clients: int, seconds: int, number: int
) -> tuple[Measured, float]:
    """The floor and, right after it, the product: the machine's speed swings between rounds."""
    lowest = floor(cluster, empty.database, clients=clients, seconds=seconds)
    name = f"step{clients}_{number}"
    town = found(cluster.create(name), folder / name)
    return measured(town, clients=clients, workers=PROCESSES, seconds=seconds), lowest


def _sqlite(folder: Path, seconds: int) -> Table:
    table = Table(
        "SQLite (WAL, synchronous FULL): completing a task over HTTP",
        ("clients", "steps/s", "p50 ms", "p99 ms"),
    )
    for clients in CLIENTS:
        town = found(f"sqlite:///{folder}/step{clients}.db", folder / f"sqlite{clients}")
        got = measured(town, clients=clients, workers=1, seconds=seconds)
        table.add(clients, got.rate, got.p50_ms, got.p99_ms)
    return table


def measured(
    town: Town, *, clients: int, workers: int, seconds: float, is_keyed: bool = True
) -> Measured:
    """Load the server of a town with so many clients."""
    tasks = _open_cases(town)
    threads = THREADS if workers > 1 else max(2, min(16, clients))
    with served(town, workers=workers, threads=threads) as port:
        tokens = {role: _token(port, role) for role, _ in CHAIN}
        order = {
            "port": port,
            "tokens": tokens,
            "clients": clients,
            "is_keyed": is_keyed,
            "tasks": tasks,
        }
        _ordered({**order, "tasks": tasks[:40], "seconds": 3})  # warms connections and caches
        answer = _ordered({**order, "tasks": tasks[40:], "seconds": seconds})
    if answer["failures"]:
        raise RuntimeError(answer["failures"][0])
    times = answer["seconds"]
    return Measured(
        rate=len(times) / answer["took"],
        p50_ms=1000 * times[len(times) // 2],
        p99_ms=1000 * times[int(len(times) * 0.99)],
    )


def _open_cases(town: Town) -> list[str]:
    """Fresh cases waiting for their first task."""
    collector = town.actor("grid_member")
    runner, tasks = town.composition.runner, []
    for _ in range(CASES // 50):
        with town.database.transaction() as session:
            for _ in range(50):
                done = runner.start(session, "grid_report", REPORT, actor=collector)
                tasks.append(f"{done.running_id}-{done.next_tasks[0].token}")
    return tasks


def _ordered(order: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.load"]
    done = subprocess.run(  # noqa: S603 - our own program
        command, input=json.dumps(order), capture_output=True, text=True, check=True, cwd=ROOT
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _token(port: int, username: str) -> str:
    body = json.dumps({"username": username, "password": PASSWORD}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/tokens",
        data=body,
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own server
        return str(json.load(answer)["access_token"])
