"""The wheel holds the five rooms and the data they read, and nothing that only developers need."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.tree import ROOMS, ROOT, tracked_files


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names in a freshly built wheel; nothing is fetched for the build."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = Path(folder).glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_rooms_and_their_data_are_shipped(shipped: set[str]) -> None:
    wanted = {
        path
        for path in tracked_files()
        if path.endswith((".py", ".bpmn", ".dmn", ".csv", ".sql", ".html", ".json"))
        and path.split("/")[0] in {*ROOMS, "bpmn", "city"}
        and not path.startswith("web/package")
    }

    assert {path for path in wanted - shipped if not is_browser_source(path)} == set()


def test_tests_and_node_modules_are_not_shipped(shipped: set[str]) -> None:
    heads = {name.split("/")[0] for name in shipped}

    assert heads & {"tests", "docs", "bench"} == set()
    assert not [name for name in shipped if "node_modules" in name]


def is_browser_source(path: str) -> bool:
    """Whether it only serves to build `web/dist`."""
    return path.startswith(("web/src/", "web/tools/"))
