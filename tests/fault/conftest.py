"""Installations to break, and the worlds of the stories."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database.session import Database
from tests.fault.site import Site, installed
from tests.stories.conftest import Settled, postgres_world, settled, world
from tests.stories.world import settle

__all__ = ["postgres_world", "settled", "world"]


@pytest.fixture
def sqlite_site(settled: Settled, tmp_path: Path) -> Iterator[Site]:
    """An installation of one process, on SQLite."""
    path, people = settled
    copy = shutil.copy(path, tmp_path / "site.db")
    with installed(f"sqlite:///{copy}", tmp_path, people) as site:
        yield site


@pytest.fixture
def postgres_site(postgres_url: str, tmp_path: Path) -> Iterator[Site]:
    """An installation of a server and a scheduler, on PostgreSQL; mark the test `postgres`."""
    database = Database(postgres_url, pooled=False)
    with database.transaction() as session:
        people = settle(session)
    database.close()
    with installed(postgres_url, tmp_path, people) as site:
        yield site
