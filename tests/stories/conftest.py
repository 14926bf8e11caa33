"""The worlds of the stories: one on SQLite, one on PostgreSQL, settled once and copied."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database.session import Database
from storage.people.actors import Actor
from tests.cluster import Cluster
from tests.conftest import GROUND
from tests.stories.world import World, served, settle

Settled = tuple[Path, dict[str, Actor]]


@pytest.fixture(scope="session")
def settled(sqlite_ground: Path, tmp_path_factory: pytest.TempPathFactory) -> Settled:
    """A SQLite file with the chain of posts and the shipped diagrams, to copy."""
    path = tmp_path_factory.mktemp("settled") / "hangji.db"
    shutil.copy(sqlite_ground, path)
    database = Database(f"sqlite:///{path}", pooled=False)
    with database.transaction() as session:
        chain = settle(session)
    database.close()
    return path, chain


@pytest.fixture
def sqlite_world(settled: Settled, tmp_path: Path) -> Iterator[World]:
    """A small city on SQLite."""
    path, chain = settled
    copy = shutil.copy(path, tmp_path / "story.db")
    yield from served(f"sqlite:///{copy}", tmp_path, chain)


@pytest.fixture
def world(sqlite_world: World) -> World:
    """The small city of a story; a module told on both kinds of database takes `either_world`."""
    return sqlite_world


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either_world(request: pytest.FixtureRequest) -> World:
    """A small city once on SQLite and once on PostgreSQL."""
    told_on: World = request.getfixturevalue(f"{request.param}_world")
    return told_on


@pytest.fixture(scope="session")
def postgres_settled(cluster: Cluster) -> tuple[str, dict[str, Actor]]:
    """A PostgreSQL database with the same, to copy."""
    # What is copied holds the rows of the test before; each folder that borrows this has its own.
    cluster.empty(GROUND)
    name = f"settled{uuid.uuid4().hex[:8]}"
    database = Database(cluster.create(name, template=GROUND), pooled=False)
    with database.transaction() as session:
        chain = settle(session)
    database.close()
    return name, chain


@pytest.fixture
def postgres_world(
    cluster: Cluster, postgres_settled: tuple[str, dict[str, Actor]], tmp_path: Path
) -> Iterator[World]:
    """A small city on PostgreSQL; mark the test `postgres`."""
    template, chain = postgres_settled
    name = f"w{uuid.uuid4().hex[:16]}"
    yield from served(cluster.create(name, template=template), tmp_path, chain)
    cluster.drop(name)
