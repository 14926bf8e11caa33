"""What the pages of an officer's day cost, as multiples of a completed task of the same run.

The processor time is the server's, read from outside (`/proc`), so that neither waiting nor the
client counts. Pages and completions take turns: the machine's speed changes within seconds.
"""

import http.client
import json
import os
import tempfile
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from bench.report import ReportTable
from bench.step import open_cases, token_of
from bench.town import PASSWORD, durable_cluster, found, started

ROUNDS = 12
EACH = 25
"""Of a kind in a round; the clock of the machine ticks a hundred times a second."""
OPEN = 30
WHO = "grid_member"
_TICK = os.sysconf("SC_CLK_TCK")
_OK = (200, 303)


def run(*, rounds: int = ROUNDS) -> list[ReportTable]:
    """Measure both databases."""
    with tempfile.TemporaryDirectory() as folder, durable_cluster() as cluster:
        sqlite = _table("SQLite", f"sqlite:///{folder}/pages.db", Path(folder) / "sqlite", rounds)
        url = cluster.create("pages")
        return [sqlite, _table("PostgreSQL", url, Path(folder) / "postgres", rounds)]


def _table(kind: str, url: str, var: Path, rounds: int) -> ReportTable:
    town = found(url, var)
    tasks = open_cases(town, (rounds + 1) * EACH + 50 + OPEN)
    table = ReportTable(
        f"Pages, {kind}: the server's processor time, in completed tasks of the same run",
        ("page", "completed tasks", "of the middle half"),
    )
    with started(town, threads=2) as (port, pid):
        desk = Desk(port, pid)
        number = desk.number_of(tasks[-1])
        pages = {
            "inbox": "/inbox",
            "task": f"/tasks/{tasks[-1]}",
            "case": f"/cases/{number}",
            "cases": "/cases",
        }
        ratios: dict[str, list[float]] = {name: [] for name in pages}
        for _ in range(rounds + 1):
            step = desk.complete([tasks.pop(0) for _ in range(EACH)])
            for name, path in pages.items():
                ratios[name].append(desk.open(path) / step)
    for name, seen in ratios.items():
        warm = sorted(seen[1:])
        low, high = warm[len(warm) // 4], warm[-1 - len(warm) // 4]
        table.add(name, median(warm), f"{low:.1f} to {high:.1f}")
    return table


class Desk:
    """An officer at work on one connection, and the clock of the server."""

    def __init__(self, port: int, pid: int) -> None:
        self._pid = pid
        self._cookie = ""
        self._token = token_of(port, WHO)
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        form = urlencode({"username": WHO, "password": PASSWORD})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self._ask("POST", "/sign-in", form, kind)

    def number_of(self, task: str) -> str:
        """The number of the case of a task."""
        body = self._ask("GET", f"/api/v1/tasks/{task}", None, self._bearer())
        return str(json.loads(body)["case"]["number"])

    def complete(self, tasks: list[str]) -> float:
        """Processor seconds of completing so many tasks over the API."""
        began = spent_by(self._pid)
        body = json.dumps({"form": {"outcome": "resolved", "measures": "已改正"}})
        for task in tasks:
            path = f"/api/v1/tasks/{task}/complete"
            headers = {"Content-Type": "application/json", "Idempotency-Key": f"{task}-bench"}
            self._ask("POST", path, body, self._bearer() | headers)
        return spent_by(self._pid) - began

    def open(self, path: str) -> float:
        """Processor seconds of opening a page as often."""
        began = spent_by(self._pid)
        for _ in range(EACH):
            self._ask("GET", path, None, {"Cookie": self._cookie})
        return spent_by(self._pid) - began

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> bytes:
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        told = answer.read()
        if answer.status not in _OK:
            raise RuntimeError(f"{method} {path}: {answer.status} {told[:200]!r}")
        self._cookie = (answer.getheader("Set-Cookie") or self._cookie).partition(";")[0]
        return told


def spent_by(pid: int) -> float:
    """Processor seconds a process and everything it started have used."""
    parents, spent = {}, {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        parents[int(entry.parent.name)] = int(fields[1])
        spent[int(entry.parent.name)] = (int(fields[11]) + int(fields[12])) / _TICK
    ours = {pid}
    while more := {child for child, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return sum(spent[each] for each in ours if each in spent)
