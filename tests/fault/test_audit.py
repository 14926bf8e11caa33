"""The audit after a fault detects the fault in each of several prepared databases.

Each is the database a seeded bug leaves behind. `make mutants` runs whole campaigns against copies
of the code with the bugs themselves.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage.database.session import Database
from tests.fault.belongings import check_identities
from tests.fault.invariants import Audit, Told, check_told
from tests.fault.scenes import CLIENT, REPORT, TIP
from tests.stories.pictures import upload
from tests.stories.world import RESOLVED, VAULT_KEY, World

pytestmark = pytest.mark.fault

REPORTER = {"name": "示例举报人", "phone": "000-00002222"}
EMERGENCY = "X01"
"""A matter that alerts station and county."""


@dataclass
class Town:
    """A database with cases in every state, and the steps acknowledged to their callers."""

    world: World
    told: list[Told]
    reported: dict[str, dict[str, str]]
    copy: Path
    """The database as it was before the last acknowledged step."""

    def look(self, database: Database | None = None) -> None:
        """Run every check made after a fault."""
        seen = database or self.world.database
        Audit(seen, self.world.composition.settings.blob_folder).check_all()
        check_told(seen, self.told)
        check_identities(seen, self.reported, key=VAULT_KEY)


@pytest.fixture
def town(world: World, tmp_path: Path) -> Town:
    """Open, passed up, closed and urgent cases; a report by name on two tracks, with a photo."""
    opened = world.file(no_photo_reason=None, photos=[upload(world, "grid_member")])
    world.climb(opened, to="station")
    urgent = world.file(matter=EMERGENCY)
    closed = world.file()
    world.climb(closed, to="station")
    world.resolve(closed, "station", **RESOLVED)
    task = world.task(closed, "verify")
    verifier = task["holder"]["post"].partition(":")[0]
    world.do(closed, verifier, "verify", verify_result="passed")
    assert world.notes(urgent, "alerted")
    tip = {**TIP, "kind": ["complaint", "tip"]}
    headers = {"Idempotency-Key": "by-name", "X-Client-Id": CLIENT}
    receipt = world.done(world.ask("POST", "/public/reports", json=tip, headers=headers))
    copy = tmp_path / "before.db"
    told = [last_step(world, copy)]
    return Town(world, told, {receipt["number"]: REPORTER}, copy)


def test_a_database_without_fault_is_found_fine(town: Town) -> None:
    town.look()


def test_a_case_row_without_the_rest_of_its_step_is_noticed(town: Town) -> None:
    spoil(town, "update case_ set version = version + 1, phase = 'verify' where id = 1")

    noticed(town, "version|replay")


def test_an_acknowledged_step_that_was_rolled_back_is_noticed(town: Town) -> None:
    database = Database(f"sqlite:///{town.copy}", pooled=False)

    with pytest.raises(AssertionError, match="lost"):
        town.look(database)
    database.close()


def test_chase_timers_that_were_never_armed_are_noticed(town: Town) -> None:
    spoil(town, "delete from timer where kind = 'chase'")

    noticed(town, "nobody will chase")


@pytest.mark.parametrize("receivers", ["officer:%", "station:%", "county:%"])
def test_a_letter_to_a_post_or_an_officer_that_was_never_written_is_noticed(
    town: Town, receivers: str
) -> None:
    spoil(town, f"delete from outbox where receiver like '{receivers}'")  # noqa: S608 - of this file

    noticed(town, "never written")


@pytest.mark.parametrize("whose", ["min", "max"])
def test_a_reporter_who_was_never_sealed_is_noticed_on_either_track(town: Town, whose: str) -> None:
    spoil(
        town,
        "delete from reporter_identity where case_id ="  # noqa: S608 - of this file
        f" (select {whose}(case_id) from reporter_identity)",
    )

    noticed(town, "who reported it is not kept")


def test_a_photo_whose_bytes_are_gone_is_noticed(town: Town) -> None:
    (picture,) = (
        path for path in town.world.composition.settings.blob_folder.rglob("*") if path.is_file()
    )
    picture.unlink()

    with pytest.raises(FileNotFoundError):
        town.look()


def last_step(world: World, copy: Path) -> Told:
    """File one more report under a key, after copying the database."""
    back_up(world.database, copy)
    headers = {"Idempotency-Key": "the-last"}
    moved = world.done(world.ask("POST", "/reports", "grid_member", json=REPORT, headers=headers))
    actor = world.people["grid_member"].reference
    return Told(moved["number"], "case_opened", actor, "the-last", version=moved["version"])


def back_up(database: Database, copy: Path) -> None:
    """Copy a SQLite database while it is open."""
    with (
        closing(sqlite3.connect(str(database.url.database))) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)


_UNGUARDED = {
    "sqlite": "drop trigger reporter_identity_refuses_delete",
    "postgresql": "alter table reporter_identity disable trigger user",
}


def spoil(town: Town, statement: str) -> None:
    """Change the database with a raw statement, which must match a row."""
    town.world.is_spoilt = True
    with town.world.database.transaction() as session:
        if " reporter_identity " in statement:  # the owner of the tables can drop the trigger
            session.exec_driver_sql(_UNGUARDED[session.dialect.name])
        assert session.exec_driver_sql(statement).rowcount > 0


def noticed(town: Town, what: str) -> None:
    """Check that the audit fails with this message."""
    with pytest.raises(AssertionError, match=what):
        town.look()
