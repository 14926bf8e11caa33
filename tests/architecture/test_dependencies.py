"""Every dependency is declared, locked by hash, and has its reason written down."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.architecture.tree import ROOMS, ROOT, imported_modules, python_files, source

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = ["requirements.lock", "requirements-test.lock", ".ci/node.lock"]
LOADED_BY_NAME = {"tzdata", "redis"}
"""zoneinfo looks for the one where a system has no files, `limits` for the other by its address."""
OURS = {*ROOMS, "bench", "tests"}


def test_every_library_a_room_imports_is_declared() -> None:
    declared = names(PROJECT["dependencies"])
    makers = packages_distributions()
    missing = {
        f"{path}:{line} {module}"
        for path in python_files(*ROOMS)
        for line, module in imported_modules(path)
        if (top := module.split(".")[0]) not in OURS | sys.stdlib_module_names
        and not declared & {canonical(maker) for maker in makers.get(top, [])}
    }

    assert missing == set()


def test_every_declared_library_is_imported_by_a_room() -> None:
    makers = packages_distributions()
    imported = {
        canonical(maker)
        for path in python_files(*ROOMS)
        for _, module in imported_modules(path)
        for maker in makers.get(module.split(".")[0], [])
    }

    assert names(PROJECT["dependencies"]) - imported - LOADED_BY_NAME == set()


@pytest.mark.parametrize("group", ["run", "test"])
def test_every_dependency_has_a_reason(group: str) -> None:
    wanted = PROJECT["dependencies"] if group == "run" else PROJECT["optional-dependencies"][group]
    explained = {
        canonical(name)
        for name in re.findall(r"^\| `?([\w.-]+)`?", source("docs/dependencies.md"), re.MULTILINE)
    }

    assert names(wanted) - explained == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_by_version_and_hash_and_names_no_host(lock: str) -> None:
    blocks = re.split(r"\n(?=[a-z])", source(lock).strip())

    assert [
        block for block in blocks if not re.match(r"[\w.-]+==\S+ \\\n +--hash=sha256:", block)
    ] == []
    assert not re.search(
        r"https?:|--(?:extra-)?index-url|--find-links|--trusted-host", source(lock)
    )


@pytest.mark.parametrize("lock", LOCKS[:2])
def test_a_lock_holds_every_declared_dependency(lock: str) -> None:
    pinned = {canonical(name) for name in re.findall(r"^([\w.-]+)==", source(lock), re.MULTILINE)}

    assert names(PROJECT["dependencies"]) - pinned == set()


def names(requirements: list[str]) -> set[str]:
    """Names of the distributions, as the registry writes them."""
    return {canonical(re.split(r"[\[<>=~! ;]", requirement)[0]) for requirement in requirements}


def canonical(name: str) -> str:
    """One spelling for `Flask_Babel`, `flask-babel` and `flask.babel`."""
    return re.sub(r"[-_.]+", "-", name).lower()
