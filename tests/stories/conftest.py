"""The worlds of the stories: one on SQLite, one on PostgreSQL, settled once and copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database.session import Database
from storage.people.actors import Actor
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
def world(settled: Settled, tmp_path: Path) -> Iterator[World]:
    """A small city on SQLite."""
    path, chain = settled
    copy = shutil.copy(path, tmp_path / "story.db")
    yield from served(f"sqlite:///{copy}", tmp_path, chain)


@pytest.fixture
def postgres_world(postgres_url: str, tmp_path: Path) -> Iterator[World]:
    """A small city on PostgreSQL; mark the test `postgres`."""
    database = Database(postgres_url, pooled=False)
    with database.transaction() as session:
        chain = settle(session)
    database.close()
    yield from served(postgres_url, tmp_path, chain)
