"""Installations to break, and the worlds of the stories."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from storage.database.session import Database
from tests.fault.site import Site, installed
from tests.histories.starts import Ground, settle_ground
from tests.stories.conftest import (
    Settled,
    postgres_settled,
    postgres_world,
    settled,
    sqlite_world,
    world,
)
from tests.stories.world import settle

SHOPS = 200
"""A walker that finds one of them closed already files a report instead."""

__all__ = ["postgres_settled", "postgres_world", "settled", "sqlite_world", "world"]


@pytest.fixture
def sqlite_site(settled: Settled, tmp_path: Path) -> Iterator[Site]:
    """An installation of one process, on SQLite."""
    path, people = settled
    url = f"sqlite:///{shutil.copy(path, tmp_path / 'site.db')}"
    database = Database(url, pooled=False)
    with database.transaction() as session:
        ground = settle_ground(session, people, shops=SHOPS)
    database.close()
    with _installed(url, tmp_path, ground) as site:
        yield site


@pytest.fixture
def postgres_site(postgres_url: str, tmp_path: Path) -> Iterator[Site]:
    """An installation of a server and a scheduler, on PostgreSQL; mark the test `postgres`."""
    database = Database(postgres_url, pooled=False)
    with database.transaction() as session:
        ground = settle_ground(session, settle(session), shops=SHOPS)
    database.close()
    with _installed(postgres_url, tmp_path, ground) as site:
        yield site


def _installed(url: str, folder: Path, ground: Ground) -> AbstractContextManager[Site]:
    return installed(url, folder, ground.people, shops=ground.businesses, school=ground.school)
