"""The scene of the handler tests, settled once and copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database.session import Database
from storage.people.actors import Actor
from tests.handlers.scene import Scene, settle

Settled = tuple[Path, dict[str, Actor]]


@pytest.fixture(scope="session")
def town(sqlite_ground: Path, tmp_path_factory: pytest.TempPathFactory) -> Settled:
    """A SQLite file with every post of one chain filled."""
    path = Path(shutil.copy(sqlite_ground, tmp_path_factory.mktemp("town") / "hangji.db"))
    database = Database(f"sqlite:///{path}", pooled=False)
    with database.transaction() as session:
        people = settle(session)
    database.close()
    return path, people


@pytest.fixture
def scene(town: Settled, tmp_path: Path) -> Iterator[Scene]:
    """That town, in a transaction that is kept open."""
    path, people = town
    database = Database(f"sqlite:///{shutil.copy(path, tmp_path / 'scene.db')}", pooled=False)
    with database.transaction() as session:
        yield Scene(session, dict(people))
    database.close()
