"""The stand-in of the supervision platform as a process, and how tests speak to it."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select

from api.syncing.platforms import platforms
from engine.time.clock import SystemClock
from storage.sync import sources
from storage.tables import case_, case_event, sync_record
from tests.api.conftest import Api

SOURCE = "smart_supervision"


@dataclass(frozen=True, slots=True)
class Supervision:
    """The running stand-in."""

    url: str

    def control(self, **told: Any) -> list[dict[str, Any]]:
        """Set switches, add inspections, delete some."""
        made = self._ask("POST", "/control", told)["made"]
        return list(made)

    def inspection(self, ident: str = "JC1", **more: Any) -> dict[str, Any]:
        """Enter an inspection over there."""
        (made,) = self.control(inspections=[an_inspection(ident, **more)])
        return made

    def put_clock(self, at: datetime) -> None:
        """Set their clock: what is entered there without a time of its own bears it."""
        self.control(clock=(at - SystemClock().now()).total_seconds() / 60)

    def enter_by_their_clock(self, ident: str) -> None:
        """Enter an inspection that was changed now, as their clock says."""
        body = an_inspection(ident)
        del body["gxsj"]
        self.control(inspections=[body])

    def forget_tokens(self) -> None:
        """Every token is worth nothing from now on."""
        self.control(tokens={})

    def held(self) -> list[dict[str, Any]]:
        """Everything they hold."""
        return list(self._ask("GET", "/control", None))

    def configure(self, folder: Path) -> None:
        """Write how it is reached."""
        way = {
            "url": self.url,
            "secret": "a secret of theirs",
            "hosts": ["127.0.0.1"],
            "inner_networks": ["127.0.0.0/8"],
            "plain_http": True,
        }
        (folder / "outgoing.json").write_bytes(orjson.dumps({"sync": {SOURCE: way}}))

    def _ask(self, method: str, path: str, body: Any) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310 - our own process
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own process
            return json.loads(answer.read())


@contextmanager
def running(folder: Path) -> Iterator[Supervision]:
    """The stand-in in a process of its own, with an empty file."""
    path = folder / "supervision.db"
    path.unlink(missing_ok=True)
    command = [sys.executable, "-m", "api.supervision", "--file", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            yield Supervision(process.stdout.readline().decode().strip())
        finally:
            process.kill()


def an_inspection(ident: str, **more: Any) -> dict[str, Any]:
    """A visit of the station that found a problem and settled it."""
    return {
        "jcbh": ident,
        "bbh": 1,
        "gxsj": "2026-03-02 08:30:00",
        "lx": "JC",
        "jcsj": "2026-03-02 08:00:00",
        "jcdw": "SCS",
        "dwmc": "示例小吃店（演示）",
        "tyshxydm": "92350322MADEM00113",
        "xzqh": "350322100001",
        "jcry": "检查员甲",
        "lrr": "录入员乙",
        "sxdm": "F1002",
        "sfyw": 1,
        "sfcz": 1,
        "ms": "厨师未戴口罩",
        "czjg": "当场改正",
        **more,
    }


def pulled(api: Api) -> dict[str, int]:
    """One run; what became of the records."""
    counts = dict(platforms(api.composition).pulling(SOURCE).run())
    return {name: count for name, count in counts.items() if name != "pages" and count}


def source(api: Api) -> sources.SyncSource:
    """How reading stands."""
    with api.database.reading() as session:
        return sources.get_source(session, SOURCE)


def differences(api: Api) -> int:
    """What differs after comparing."""
    return platforms(api.composition).comparing(SOURCE).run(now=api.clock.now())


def dead_letters(api: Api) -> list[dict[str, Any]]:
    """What was refused and waits for a person."""
    return list(api.get(f"/sync/{SOURCE}/dead", "admin_system").get_json()["items"])


def kept(api: Api) -> dict[str, Any]:
    """Every record by its id over there."""
    with api.database.reading() as session:
        rows = session.execute(select(sync_record)).all()
    return {row.external_id: row for row in rows}


def cases(api: Api) -> list[Any]:
    """The cases that came from there."""
    with api.database.reading() as session:
        return list(session.execute(select(case_).where(case_.c.source == "external_sync")).all())


def notes_of(api: Api, case_id: int) -> list[str]:
    """The notes of a case, in order."""
    with api.database.reading() as session:
        rows = session.execute(
            select(case_event.c.data)
            .where(case_event.c.case_id == case_id, case_event.c.kind == "note_added")
            .order_by(case_event.c.seq)
        ).scalars()
        return [orjson.loads(row)["text"] if isinstance(row, str) else row["text"] for row in rows]
