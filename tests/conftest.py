"""Fixtures for every room: fresh databases of both kinds; builders are in tests/build.py."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.city.rules import install, read_rules
from storage.database.schema import upgrade
from storage.database.session import Database
from tests.city import CITY
from tests.cluster import Cluster, running_cluster
from tests.relay import broker_everywhere, queue

__all__ = ["broker_everywhere", "queue"]
GROUND = "ground"

# Test modules import what the pack fills, so it is installed before they are collected.
install(read_rules(CITY))


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of this worker, with one migrated database."""
    with running_cluster() as server:
        ground = Database(server.create(GROUND), pooled=False)
        upgrade(ground)
        ground.close()
        yield server


@pytest.fixture(scope="session")
def sqlite_ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("ground") / "hangji.db"
    ground = Database(f"sqlite:///{path}", pooled=False)
    upgrade(ground)
    ground.close()
    return path


@pytest.fixture
def sqlite_url(sqlite_ground: Path, tmp_path: Path) -> str:
    """Address of a fresh, migrated SQLite file."""
    path = shutil.copy(sqlite_ground, tmp_path / "hangji.db")
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(cluster: Cluster) -> str:
    """Address of a migrated PostgreSQL database without any row."""
    cluster.empty(GROUND)
    return cluster.url(GROUND)


@pytest.fixture
def bare_postgres_url(cluster: Cluster) -> Iterator[str]:
    """Address of a PostgreSQL database without any table, for what makes them."""
    yield cluster.create("bare")
    cluster.drop("bare")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Address of a fresh database: the test runs once on each kind.

    For where SQL differs: tests/storage, the tests of engine.run, races. All others take `sqlite`.
    """
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated, empty database: the test runs once on each kind."""
    fresh = Database(database_url)
    yield fresh
    fresh.close()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    """A fresh PostgreSQL database, for what only PostgreSQL does; mark the test `postgres`."""
    fresh = Database(postgres_url)
    yield fresh
    fresh.close()


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    """A fresh SQLite database, for what only SQLite does."""
    fresh = Database(sqlite_url)
    yield fresh
    fresh.close()
