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

from sqlalchemy import insert

from api.syncing.pulling import Pulling
from api.syncing.taking import Taking
from bench.report import ReportTable
from bench.town import Town, durable_cluster, found
from handlers.sync.mapping import PullResult, SourceMapping, body_of, hash_of, read_mappings
from handlers.sync.protocol import PulledPage, PulledRecord, Push, PushAnswer
from storage.database.session import Session
from storage.people.actors import Actor
from storage.sync.sources import ensure_source, update_source
from storage.tables import sync_record

RECORDS = 2_000
ROUNDS = 3
REPLAYED = 100_000
_CHUNK = 5_000
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


def run(
    *, records: int = RECORDS, rounds: int = ROUNDS, replayed: int = REPLAYED
) -> list[ReportTable]:
    """Read some records, read them again, and file as many plain cases, on both databases.

    Then many records that are known already are read again, beside the first reading of a few.
    """
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
    again = ReportTable(
        f"{replayed:,} known records, read again",
        ("database", "read first, ms a record", "read again, ms a record", "again / first"),
    )
    with tempfile.TemporaryDirectory() as folder, durable_cluster() as cluster:
        for name, url in (
            ("PostgreSQL", cluster.create("sync")),
            ("SQLite", f"sqlite:///{folder}/sync.db"),
        ):
            town = found(url, Path(folder) / name)
            measured = _measured(town, records, rounds)
            table.add(name, *measured)
            replay = _replayed(town, replayed)
            again.add(name, measured[1], replay, replay / measured[1])
            town.database.close()
    return [table, again]


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


def _replayed(town: Town, many: int) -> float:
    """Milliseconds a record of reading again what is on file; the rows are written in bulk."""
    raws = [_visit(f"KNOWN{number}") for number in range(many)]
    mapping = read_mappings(town.composition.settings.city_folder)[_SOURCE]
    for first in range(0, many, _CHUNK):
        page = mapping.records_of(raws[first : first + _CHUNK])
        with town.database.transaction() as session:
            session.execute(insert(sync_record), [_on_file(record) for record in page])
    return _read(town, raws) / many * 1000


def _on_file(record: PullResult) -> dict[str, Any]:
    if not isinstance(record, PulledRecord):
        raise TypeError(record)
    return {
        "source": _SOURCE,
        "external_id": record.external_id,
        "version": record.version,
        "body_hash": hash_of(record),
        "kind": record.kind,
        "origin": "theirs",
        "subject_kind": "business",
        "subject_id": 1,
        "relation": "created",
        "retired": False,
        "day": record.day,
        "body": body_of(record),
        "changed_at": record.changed_at,
        "seen_at": record.changed_at,
    }


def _read(town: Town, raws: Sequence[dict[str, Any]]) -> float:
    made = town.composition
    mapping = read_mappings(made.settings.city_folder)[_SOURCE]

    def begin(session: Session) -> None:
        ensure_source(session, _SOURCE, "rest_json", at=made.clock.now())
        update_source(session, _SOURCE, cursor=None)

    made.database.run(begin)
    taking = Taking(made.runner, mapping)
    listed = _Listed(mapping, raws)
    pulling = Pulling(made.database, listed, taking, made.vault_keys[0], most_pages=len(raws))
    with _timed() as seconds:
        counts = pulling.run()
    if counts["dead"] or counts["read"] != len(raws):
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
