"""The other platform as a process of its own, and the application once on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.syncing.platforms import platforms
from tests.api.conftest import Api
from tests.supervision import Supervision, running


@pytest.fixture
def platform(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervision]:
    """The other platform; how it is reached is written down before the application starts."""
    with running(tmp_path_factory.mktemp("supervision")) as platform:
        platform.configure(tmp_path)
        yield platform


@pytest.fixture
def api(platform: Supervision, either_api: Api) -> Api:  # noqa: ARG001 - it is there first
    """Every story here is told on both kinds of database."""
    either_api.database.run(platforms(either_api.composition).register)
    return either_api
