"""`kill -9` of the process that reads another platform: nothing lost, nothing twice.

A few kills in the normal run; `make interleavings` does fifty on each database.
"""

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random
from threading import Timer

import pytest
from sqlalchemy import select

from api.syncing.platforms import platforms
from storage.sync import sources
from storage.tables import case_, sync_record
from tests.api.conftest import Api
from tests.supervision import SOURCE, Supervision, an_inspection, running

pytestmark = pytest.mark.fault

KILLS = int(os.environ.get("HANGJI_SYNC_KILLS", "1"))
EACH = 60


def survived(api: Api, url: str, platform: Supervision, kills: int) -> None:
    """Kill a reader again and again while records come, then let one finish."""
    folder = api.composition.settings.var_folder
    platform.configure(folder)
    api.database.run(platforms(api.composition).register)
    dice = Random(f"{kills}")  # noqa: S311 - to be thrown again
    killed = 0
    for life in range(kills):
        bodies = [an_inspection(f"JC{life}-{n}") for n in range(EACH)]
        at = f"2026-03-02 {9 + life // 60:02d}:{life % 60:02d}:00"
        platform.control(inspections=[{**body, "gxsj": at} for body in bodies])
        killed += was_killed(api, url, folder, after=dice.uniform(0.02, 0.3))
        api.clock.set(api.clock.now() + sources.LEASE + timedelta(seconds=1))
    counts = platforms(api.composition).pulling(SOURCE).run()

    compared = platforms(api.composition).comparing(SOURCE)
    assert compared.run(now=api.clock.now()) == 0
    assert killed > 0
    assert counts["dead"] == 0
    with api.database.reading() as session:
        kept = session.execute(select(sync_record.c.subject_id)).scalars().all()
        made = session.execute(select(case_.c.id).where(case_.c.source == "external_sync"))
        assert Counter(kept) == Counter(made.scalars())
    assert len(kept) == kills * EACH


def was_killed(api: Api, url: str, folder: Path, *, after: float) -> bool:
    """Let a reader begin and kill it some time after; whether it had not finished."""
    now = api.clock.now().isoformat()
    command = [sys.executable, "-m", "tests.sync_reader", url, str(folder), now]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "begins\n"
        timer = Timer(after, reader.kill)
        timer.start()
        done = reader.stdout.read() == "done\n"
        timer.cancel()
    return not done


def test_a_killed_reader_loses_and_doubles_nothing(
    api: Api, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running(tmp_path_factory.mktemp("supervision")) as platform:
        survived(api, api.composition.settings.database_url, platform, KILLS)


@pytest.mark.postgres
def test_a_killed_reader_loses_and_doubles_nothing_on_postgresql(
    postgres_api: Api, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running(tmp_path_factory.mktemp("supervision")) as platform:
        survived(postgres_api, postgres_api.composition.settings.database_url, platform, KILLS)
