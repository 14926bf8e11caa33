"""The wheel holds the five rooms and the data they read, and nothing that only developers need."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.tree import ROOMS, ROOT, tracked_files

SHIPPED = {*ROOMS, "bpmn", "city", ".ci", "pyproject.toml", "README.md", "LICENSE", "NOTICE"}


def build(tree: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Build a wheel of a tree; nothing is fetched for it."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    return subprocess.run(
        [*command, "--directory", folder], cwd=tree, check=False, capture_output=True, text=True
    )


def export(tree: Path) -> Path:
    """What a fresh clone would hold."""
    for path in tracked_files():
        if path.split("/")[0] in SHIPPED and (ROOT / path).is_file():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tree / path)
    return tree


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of a fresh clone in which the browser code was built."""
    tree = export(tmp_path_factory.mktemp("clone"))
    shutil.copytree(ROOT / "web" / "dist", tree / "web" / "dist")
    folder = tmp_path_factory.mktemp("wheel")
    built = build(tree, folder)
    assert built.returncode == 0, built.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def shipped(wheel: Path) -> set[str]:
    """Names in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_a_wheel_holds_the_browser_code(shipped: set[str]) -> None:
    assert [name for name in shipped if name.startswith("web/dist/") and name.endswith(".js")]


def test_without_browser_code_there_is_no_wheel_but_a_sentence(tmp_path: Path) -> None:
    built = build(export(tmp_path / "clone"), tmp_path / "wheel")

    assert built.returncode != 0
    assert "web/dist holds no browser code; run `make ready` first" in built.stderr
    assert not [*tmp_path.glob("wheel/*.whl")]


def test_an_installed_hangji_writes_to_the_folder_of_the_user(wheel: Path, tmp_path: Path) -> None:
    """Its own folder goes with the next version, and the town's data would go with it."""
    package, home = tmp_path / "site-packages", tmp_path / "home"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(package)
    held = {path for path in package.rglob("*") if path.name != "__pycache__"}
    code = "from api.settings import from_environment as f; print(f(for_demo=True).database_url)"
    environment = {"HOME": str(home), "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"}

    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )

    data = home / ".local" / "share" / "hangji"
    assert done.stdout.strip() == f"sqlite:///{data}/hangji.sqlite3"
    assert (data / "demo-secrets.json").is_file()
    assert set(package.rglob("*")) == held


def test_the_rooms_and_their_data_are_shipped(shipped: set[str]) -> None:
    wanted = {
        path
        for path in tracked_files()
        if path.endswith((".py", ".bpmn", ".dmn", ".csv", ".sql", ".html", ".json"))
        and path.split("/")[0] in {*ROOMS, "bpmn", "city"}
        and not path.startswith("web/package")
    }

    assert {path for path in wanted - shipped if not is_browser_source(path)} == set()


def test_the_licences_of_others_are_shipped(shipped: set[str]) -> None:
    assert [name for name in shipped if name.endswith(".dist-info/licenses/NOTICE")]


def test_tests_and_node_modules_are_not_shipped(shipped: set[str]) -> None:
    heads = {name.split("/")[0] for name in shipped}

    assert heads & {"tests", "docs", "bench"} == set()
    assert not [name for name in shipped if "node_modules" in name]


def is_browser_source(path: str) -> bool:
    """Whether it only serves to build `web/dist`."""
    return path.startswith(("web/src/", "web/tools/"))
