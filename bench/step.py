"""Steps per second over HTTP, next to what the database alone can do in the same run."""

import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from bench.floor import fill, floor
from bench.load import CHAIN
from bench.report import ReportTable
from bench.town import PASSWORD, ROOT, Town, durable_cluster, found, served
from tests.cluster import Cluster

CLIENTS = (1, 4, 8, 32)
SLICES = 12
SECONDS = 2
"""Of a slice. Floor and product take turns: the machine's speed changes within seconds."""
CASES = 300
"""Fresh ones for a slice: more than a slice can finish."""
SERVERS = 2
THREADS = 2
"""Of PostgreSQL's servers there are as many as the machine has processors, each one process with
an address of its own. Processes behind one address get connections by chance: with four clients
one often has three and the other one, and a tenth of the machine is idle. A thread works while
others wait for the database."""
REPORT = {
    "matter": "L04",
    "area": "350322100001001001",
    "description": "证照、公示信息未亮明",
    "no_photo_reason": "手机没电",
}


@dataclass(frozen=True, slots=True)
class Slice:
    """What one slice of load gave: steps per second, and how long each step took, in order."""

    rate: float
    seconds: list[float]


@dataclass(slots=True)
class Load:
    """The clients of some servers: who they are, and the cases they have not walked yet."""

    ports: list[int]
    tokens: dict[str, str]
    clients: int
    tasks: list[str]

    def take(self, seconds: float) -> Slice:
        """Walk fresh cases for so long."""
        tasks, self.tasks = self.tasks[:CASES], self.tasks[CASES:]
        order = {
            "ports": self.ports,
            "tokens": self.tokens,
            "clients": self.clients,
            "tasks": tasks,
            "seconds": seconds,
        }
        command = [sys.executable, "-m", "bench.load"]
        done = subprocess.run(  # noqa: S603 - our own program
            command, input=json.dumps(order), capture_output=True, text=True, check=True, cwd=ROOT
        )
        answer = json.loads(done.stdout)
        if answer["failures"]:
            raise RuntimeError(answer["failures"][0])
        return Slice(len(answer["seconds"]) / answer["took"], answer["seconds"])


def run(*, slices: int = SLICES) -> list[ReportTable]:
    """Measure both databases."""
    with tempfile.TemporaryDirectory() as folder, durable_cluster() as cluster:
        return [_postgres(cluster, Path(folder), slices), _sqlite(Path(folder), slices)]


def _postgres(cluster: Cluster, folder: Path, slices: int) -> ReportTable:
    empty = found(cluster.create("floor"), folder / "floor")
    fill(empty.database)
    table = ReportTable(
        "PostgreSQL: completing a task over HTTP",
        ("clients", "steps/s", "p50 ms", "p99 ms", "floor/s", "R", "R of the middle half"),
    )
    for clients in CLIENTS:
        town = found(cluster.create(f"step{clients}"), folder / f"step{clients}")
        floors, taken = [], []
        with _loaded(town, clients=clients, slices=slices, servers=SERVERS) as load:
            for _ in range(slices):
                floors.append(floor(cluster, empty.database, clients=clients, seconds=SECONDS))
                taken.append(load.take(SECONDS))
        ratios = [slice_.rate / lowest for slice_, lowest in zip(taken, floors, strict=True)]
        low, middle, high = quantiles(ratios, n=4)
        table.add(
            clients, *_figures(taken), median(floors), round(middle, 3), f"{low:.2f} to {high:.2f}"
        )
    return table


def _sqlite(folder: Path, slices: int) -> ReportTable:
    table = ReportTable(
        "SQLite (WAL, synchronous FULL): completing a task over HTTP",
        ("clients", "steps/s", "p50 ms", "p99 ms"),
    )
    for clients in CLIENTS:
        town = found(f"sqlite:///{folder}/step{clients}.db", folder / f"sqlite{clients}")
        with _loaded(town, clients=clients, slices=slices, servers=1) as load:
            table.add(clients, *_figures([load.take(SECONDS) for _ in range(slices)]))
    return table


def _figures(taken: list[Slice]) -> tuple[float, float, float]:
    """Steps per second of the slice in the middle; p50 and p99 of all steps, in ms."""
    seconds = sorted(second for part in taken for second in part.seconds)
    return (
        median(part.rate for part in taken),
        1000 * seconds[len(seconds) // 2],
        1000 * seconds[int(len(seconds) * 0.99)],
    )


@contextmanager
def _loaded(town: Town, *, clients: int, slices: int, servers: int) -> Iterator[Load]:
    """A town's servers with warm connections and caches, and cases for so many slices."""
    tasks = open_cases(town, CASES * (slices + 1))
    threads = THREADS if servers > 1 else max(2, min(16, clients))
    with ExitStack() as serving:
        ports = [serving.enter_context(served(town, threads=threads)) for _ in range(servers)]
        load = Load(ports, {role: token_of(ports[0], role) for role, _ in CHAIN}, clients, tasks)
        load.take(SECONDS)
        yield load


def open_cases(town: Town, count: int) -> list[str]:
    """Fresh cases waiting for their first task."""
    collector = town.actor("grid_member")
    runner, tasks = town.composition.runner, []
    for _ in range(count // 50):
        with town.database.transaction() as session:
            for _ in range(50):
                done = runner.start(session, "grid_report", REPORT, actor=collector)
                tasks.append(f"{done.running_id}-{done.next_tasks[0].token}")
    return tasks


def token_of(port: int, username: str) -> str:
    """A bearer token of one of the sample's officers."""
    body = json.dumps({"username": username, "password": PASSWORD}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/tokens",
        data=body,
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own server
        return str(json.load(answer)["access_token"])
