"""A filled database comes through every revision, and old processes work beside new ones."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, TableClause, column, func, insert, inspect, select, table, text

from api.resources.reports.query_codes import query_code
from api.settings import ROOT
from engine.background.scheduler import beat
from storage.cases import cases, events
from storage.database import schema
from storage.database.schema import current_revision, upgrade
from storage.database.session import Database, Session
from storage.packed import Hash, PackedBytes, PackedText, unpack
from storage.tables import metadata
from tests.api.terminal import Terminal
from tests.stories.pictures import upload
from tests.stories.test_public_report import REPORTER, answered
from tests.stories.test_retention import retained
from tests.stories.world import SECRET, World, served

Rows = dict[str, list[dict[str, Any]]]

MIGRATIONS = ROOT / "storage" / "migrations"
REVISIONS = sorted(path.stem for path in (MIGRATIONS / "versions").glob("*.py"))
OWN = {"code_range"}
"""Written by the upgrade itself."""

NEXT = '''"""A revision of a release to come: it only adds."""

import sqlalchemy as sa
from alembic import op

revision = "9999_next"
down_revision = "{head}"
oldest_code = "{oldest}"


def upgrade() -> None:
    op.add_column("task", sa.Column("mood", sa.Text(), nullable=True))
'''


@pytest.fixture(params=["world", pytest.param("postgres_world", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest) -> World:
    """The city on either database."""
    found: World = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def empty(place: World, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of the same kind."""
    url = f"sqlite:///{tmp_path / 'former.db'}"
    if not place.database.is_sqlite:
        url = request.getfixturevalue("bare_postgres_url")
    database = Database(url, pooled=False)
    yield database
    database.close()


def lived(world: World) -> list[str]:
    """Cases in every state, with everything around them; gives their numbers."""
    closed = world.report(reporter=REPORTER, photos=[upload(world, None)])
    world.resolve(closed, "village_assistant")
    answered(world, closed)
    world.wait(days=8)
    named = world.report(kind=["complaint", "tip"], reporter=REPORTER)
    own = world.file()
    world.accept(own, "grid_member")
    task = world.task(own)["id"]
    asked = {"posts": [world.post("station")], "question": "能否协助"}
    world.done(world.act(task, "grid_member", "assist", **asked))
    beat(world.database, world.composition.runner)
    return [closed, named, own]


def rows_of(full: Database) -> Rows:
    """Every row of a database as the first release stored it: documents and hashes as text."""
    with full.reading() as session:
        return {
            one.name: [
                as_stored_once(one, dict(row))
                for row in session.execute(select(plain(one.name, one.c.keys()))).mappings()
            ]
            for one in metadata.sorted_tables
        }


def as_stored_once(table_: Table, row: dict[str, Any]) -> dict[str, Any]:
    """A row whose documents are not compressed and whose hashes are not bytes."""
    plainly: dict[type, Any] = {
        Hash: bytes.hex,
        PackedText: lambda stored: unpack(stored).decode(),
        PackedBytes: unpack,
    }
    for column_ in table_.c:
        if type(column_.type) in plainly:
            row[column_.name] = plainly[type(column_.type)](row[column_.name])
    return row


def plain(name: str, columns: Iterable[str]) -> TableClause:
    """A table whose values are passed on as they are."""
    return table(name, *(column(one) for one in columns))


def copied(full: Rows, former: Database) -> dict[str, int]:
    """Fill the tables that have no rows yet, in the columns they have at this revision."""
    with former.transaction() as session:
        there = inspect(session)
        for name, rows in full.items():
            if name in OWN or not rows or not there.has_table(name):
                continue
            here = plain(name, [str(each["name"]) for each in there.get_columns(name)])
            if session.execute(select(func.count()).select_from(here)).scalar_one():
                continue
            kept = [{one: row[one] for one in here.c.keys()} for row in rows]  # noqa: SIM118 - of columns
            session.execute(insert(here), kept)
            if not former.is_sqlite and isinstance(rows[0].get("id"), int):
                _move_on(session, name)
    return counted(former)


def _move_on(session: Session, name: str) -> None:
    moved = "select setval(pg_get_serial_sequence(:name, 'id'), (select max(id) from {}))"
    session.execute(text(moved.format(name)), {"name": name})


def counted(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.reading() as session:
        there = inspect(session)
        return {
            one.name: session.execute(select(func.count()).select_from(one)).scalar_one()
            for one in metadata.sorted_tables
            if one.name not in OWN and there.has_table(one.name)
        }


def chain_of(world: World, number: str) -> None:
    """A case file that has to be whole."""
    with world.database.reading() as session:
        case = cases.find_case_by_number(session, number)
        assert case is not None
        assert events.verify(number, events.list_events(session, case.id)) is None


def test_a_filled_database_comes_through_every_revision_and_work_goes_on(
    place: World, empty: Database, tmp_path: Path
) -> None:
    """Rows of each table stand in it from the revision on that made it."""
    numbers = lived(place)
    full, before = rows_of(place.database), {}
    for revision in REVISIONS:
        upgrade(empty, revision)
        assert current_revision(empty) == revision
        after = counted(empty)
        assert {name: after[name] for name in before} == before
        before = copied(full, empty)

    closed, named, own = numbers
    for moved in served(empty.url.render_as_string(hide_password=False), tmp_path, place.people):
        moved.clock.set(place.clock.now())
        # Of the first release's cases no salt is known; the codes given then stay right.
        moved.codes[closed] = query_code(SECRET, closed, None)
        for number in numbers:
            chain_of(moved, number)
            assert moved.case(number)["version"] == place.case(number)["version"]
        assert moved.look_up(closed)["status"] == "closed"
        moved.resolve(named, "village_assistant")
        moved.do(own, "grid_member", "resolve_or_pass_up", outcome="resolved", measures="改正")
        chain_of(moved, own)
        assert moved.report() not in numbers


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The migrations of a release to come; the file of its revision is still to be written."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    yield folder
    monkeypatch.undo()
    schema.newest_revision.cache_clear()


def upgraded(world: World, folder: Path, *, oldest: str) -> None:
    """A newer release upgrades the database while this process goes on."""
    content = NEXT.format(head=REVISIONS[-1], oldest=oldest)
    (folder / "versions" / "9999_next.py").write_text(content, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "_MIGRATIONS", folder)
        schema.newest_revision.cache_clear()
        upgrade(world.database)
    schema.newest_revision.cache_clear()


@pytest.fixture
def former_again(place: World) -> Iterator[None]:
    """Take back what the release to come added: the PostgreSQL database serves other tests too."""
    yield
    if place.database.is_sqlite:
        return
    with place.database.transaction() as session:
        session.execute(text("alter table task drop column mood"))
        session.execute(text("update alembic_version set version_num = :n"), {"n": REVISIONS[-1]})


@pytest.mark.usefixtures("former_again")
def test_an_old_process_works_on_beside_new_ones_within_the_range(
    place: World, next_release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = place.file()

    upgraded(place, next_release, oldest=REVISIONS[-1])
    place.resolve(number, "grid_member")
    ready = place.client.get("/health/ready")
    looked = retained(place, Terminal(capsys, tmp_path), "doctor")
    begun = retained(place, Terminal(capsys, tmp_path), "retain", "--dry-run", "--json")
    again = retained(place, Terminal(capsys, tmp_path), "upgrade-db")

    chain_of(place, number)
    assert (ready.status_code, ready.get_json()["tables"]) == (200, "newer")
    assert "at 9999_next, newer than this release, which may still run on it" in looked.out
    assert begun.status == 0
    assert (again.status, "newer release" in again.err) == (1, True)
    assert current_revision(place.database) == "9999_next"


def test_a_database_outside_the_range_takes_old_code_out_of_service(
    world: World, next_release: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    upgraded(world, next_release, oldest="9999_next")

    ready = world.client.get("/health/ready")
    begun = retained(world, Terminal(capsys, tmp_path), "retain", "--dry-run")
    looked = retained(world, Terminal(capsys, tmp_path), "doctor")

    assert (ready.status_code, ready.get_json()["tables"]) == (503, "too_new")
    assert begun.status == 1
    assert "made by a newer release" in begun.err
    assert looked.status == 1
