"""A rehearsal: the scenarios beside the diagrams, played on a city of their own that is discarded.

The city is the pack's with its sample; the database is a SQLite file per scenario, copied from one
that was loaded once.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from api import deploying
from api.composition import Composition, compose
from api.settings import VAULT_KEY_BYTES, Settings
from engine.findings import Finding, Text
from engine.scenarios.playing import Broken, Played, Player
from engine.scenarios.tables import Scenario, read_table
from engine.time.clock import VirtualClock
from handlers.inspections.rehearsing import add_plan_for_scenarios
from handlers.video.scenario_kitchens import add_kitchens_for_scenarios
from storage.city.pack import load_city, load_sample
from storage.database.schema import upgrade
from storage.database.session import Database

FOLDER: Final = "scenarios"
_DATABASE: Final = "city.sqlite3"
_COPY: Final = "scenario.sqlite3"
_MEMORY: Final = "/dev/shm"  # noqa: S108 - a folder of one's own is made in it
"""A file system in memory where there is one: nothing of a rehearsal has to survive."""
_SETTLED: Final = timedelta(days=1)
"""How long before the first scenario begins everybody was appointed."""


@dataclass(frozen=True, slots=True)
class ScenarioRun:
    """Every scenario as it went."""

    played: tuple[Played, ...]

    @property
    def broken(self) -> list[tuple[Scenario, Broken]]:
        """Those that did not go as written, each with where it broke."""
        return [(one.scenario, one.broken) for one in self.played if one.broken is not None]


def read_scenarios(paths: Iterable[Path], *, only: str | None = None) -> list[Scenario]:
    """The scenarios beside the diagrams of the folders; `only` those whose name contains it.

    Raises:
        ScenarioError: a table cannot be used.
    """
    folders = dict.fromkeys(deploying.folder_of(path) / FOLDER for path in paths)
    return [
        scenario
        for folder in folders
        for path in sorted(folder.glob("*.csv"))
        for scenario in read_table(path.read_text("utf-8"), file=path.name)
        if only is None or only in scenario.name
    ]


def rehearse(
    files: Mapping[str, str], scenarios: Sequence[Scenario], *, city_folder: Path
) -> ScenarioRun:
    """Play the scenarios with the files as the published ones.

    Raises:
        DiagramError: the engine cannot read the files.
    """
    if not scenarios:
        return ScenarioRun(())
    memory = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="hangji-rehearsal-", dir=memory) as folder:
        first = min(scenario.begins for scenario in scenarios)
        composition = compose(_settings(Path(folder), city_folder), clock=VirtualClock(first))
        with closing(composition.database):
            _load(composition, files, at=first - _SETTLED)
        database = Database(_url(Path(folder) / _COPY))
        return ScenarioRun(
            tuple(
                _played(composition, database, scenario, folder=Path(folder))
                for scenario in scenarios
            )
        )


def _played(
    composition: Composition, database: Database, scenario: Scenario, *, folder: Path
) -> Played:
    """Play a scenario on a copy of the city, so that no other case is in its way.

    The database is opened again for each: what it compiled stays.
    """
    for left in folder.glob(f"{_COPY}*"):
        left.unlink()
    shutil.copyfile(folder / _DATABASE, folder / _COPY)
    with closing(database):
        return Player.of(database, composition.runner, scenario).play(scenario)


def _load(composition: Composition, files: Mapping[str, str], *, at: datetime) -> None:
    upgrade(composition.database)
    city = composition.settings.city_folder
    with composition.database.transaction() as session:
        load_city(session, city, at=at)
        load_sample(session, city / "sample", password_hash="nobody signs in", at=at)  # noqa: S106 - no hash
        add_plan_for_scenarios(session, at=at)
        add_kitchens_for_scenarios(session, at=at)
        deploying.publish(session, files, by="rehearsal", now=at)


def _settings(folder: Path, city_folder: Path) -> Settings:
    return Settings(
        database_url=_url(folder / _DATABASE),
        secret_key=secrets.token_urlsafe(48),
        vault_key=secrets.token_bytes(VAULT_KEY_BYTES),
        var_folder=folder,
        blob_folder=folder / "blobs",
        city_folder=city_folder,
    )


def _url(path: Path) -> str:
    return f"sqlite:///{path.as_posix()}"


def findings_of(rehearsal: ScenarioRun) -> list[Finding]:
    """A warning for every broken scenario, which a named person may accept."""
    return [_finding(scenario, broken) for scenario, broken in rehearsal.broken]


def _finding(scenario: Scenario, broken: Broken) -> Finding:
    place = f"{scenario.file} 第 {broken.line.number} 行"
    message = Text(
        f"场景“{scenario.name}”没有按所写的走（{place}）：{broken.message.zh}",
        f"The scenario {scenario.name!r} does not go as written "
        f"({scenario.file}:{broken.line.number}): {broken.message.en}",
    )
    way_out = Text(
        "图错了就改图；规则真的变了就改场景，再试：hangji scenario run。",
        "Correct the drawing; if the rule did change, correct the scenario: hangji scenario run.",
    )
    return Finding("warning", "scenario", f"{broken.process}.bpmn", broken.task, message, way_out)
