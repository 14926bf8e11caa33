"""What reading another platform costs: beside plain cases, and read again unchanged."""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from api.syncing.pulling import Pulling
from api.syncing.taking import Taking
from bench.report import ReportTable
from bench.town import Town, durable_cluster, found
from handlers.sync.mapping import PullResult, SourceMapping, read_mappings
from handlers.sync.protocol import PulledPage, Push, PushAnswer
from storage.database.session import Session
from storage.people.actors import Actor
from storage.sync.sources import ensure_source, update_source

RECORDS = 2_000
ROUNDS = 3
_SOURCE = "smart_supervision"
_SHOP = {"dwmc": "示例小吃店（演示）", "tyshxydm": "92350322MADEM00113", "xzqh": "350322100001"}


@dataclass(frozen=True, slots=True)
class _Listed:
    """A platform without a network: its records are a list, its cursor a place in it."""

    mapping: SourceMapping
    raws: Sequence[dict[str, Any]]

    def overlapped(self, cursor: str | None) -> str | None:
        return cursor

    def pull(self, cursor: str | None, limit: int) -> PulledPage:
        first = int(cursor or 0)
        part = self.raws[first : first + limit]
        end = first + len(part)
        return PulledPage(self.mapping.records_of(part), str(end), end < len(self.raws))

    def fetch(self, external_id: str) -> PullResult | None:
        return next(
            (
                one
                for one in self.pull(None, len(self.raws)).records
                if one.external_id == external_id
            ),
            None,
        )

    def versions(self, day: date) -> Mapping[str, int]:
        del day
        return {}

    def push(self, deliveries: Sequence[Push]) -> Sequence[PushAnswer]:
        del deliveries
        return ()


def run(*, records: int = RECORDS, rounds: int = ROUNDS) -> list[ReportTable]:
    """Read some records, read them again, and file as many plain cases, on both databases."""
    table = ReportTable(
        f"Reading another platform ({records:,} records with a problem, median of {rounds})",
        (
            "database",
            "plain case, ms",
            "record read first, ms",
            "read again unchanged, ms",
            "first / plain",
            "again / first",
        ),
    )
    with tempfile.TemporaryDirectory() as folder, durable_cluster() as cluster:
        for name, url in (
            ("PostgreSQL", cluster.create("sync")),
            ("SQLite", f"sqlite:///{folder}/sync.db"),
        ):
            town = found(url, Path(folder) / name)
            table.add(name, *_measured(town, records, rounds))
            town.database.close()
    return [table]


def _measured(town: Town, records: int, rounds: int) -> tuple[float, ...]:
    actor = town.actor("grid_member")
    plain, first, again = [], [], []
    for number in range(rounds):
        raws = [_visit(f"JC{number}-{n}") for n in range(records)]
        first.append(_read(town, raws))
        again.append(_read(town, raws))
        with _timed() as seconds:
            for _ in range(records):
                town.database.run(partial(_filed, town, actor))
        plain.append(seconds[0])
    middle = [sorted(times)[len(times) // 2] / records * 1000 for times in (plain, first, again)]
    return (*middle, middle[1] / middle[0], middle[2] / middle[1])


def _read(town: Town, raws: Sequence[dict[str, Any]]) -> float:
    made = town.composition
    mapping = read_mappings(made.settings.city_folder)[_SOURCE]

    def begin(session: Session) -> None:
        ensure_source(session, _SOURCE, "rest_json", at=made.clock.now())
        update_source(session, _SOURCE, cursor=None)

    made.database.run(begin)
    pulling = Pulling(
        made.database, _Listed(mapping, raws), Taking(made.runner, mapping), made.vault_keys[0]
    )
    with _timed() as seconds:
        counts = pulling.run()
    if counts["dead"]:
        raise AssertionError(counts)
    return seconds[0]


def _filed(town: Town, actor: Actor, session: Session) -> None:
    form = {
        "matter": "P03",
        "area": "350322100001001001",
        "business": 1,
        "description": "厨师未戴口罩",
        "photos": [],
        "no_photo_reason": "无",
    }
    town.composition.runner.start(session, "grid_report", form, actor=actor)


def _visit(ident: str) -> dict[str, Any]:
    return {
        "jcbh": ident,
        "bbh": 1,
        "gxsj": "2026-03-02 08:30:00",
        "lx": "JC",
        "jcsj": "2026-03-02 08:00:00",
        "jcdw": "SCS",
        "sxdm": "F1002",
        "sfyw": 1,
        "sfcz": 1,
        "ms": "厨师未戴口罩",
        "czjg": "当场改正",
        **_SHOP,
    }


@contextmanager
def _timed() -> Iterator[list[float]]:
    seconds = [0.0]
    began = time.perf_counter()
    yield seconds
    seconds[0] = time.perf_counter() - began
