"""The scene of the handler tests."""

from collections.abc import Iterator

import pytest

from storage.session import Database
from tests.handlers.scene import Scene


@pytest.fixture
def scene(sqlite: Database) -> Iterator[Scene]:
    """A town with every post filled, in a transaction that is kept open."""
    with sqlite.transaction() as session:
        yield Scene(session)
