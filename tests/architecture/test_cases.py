"""tests/cases/ follows the tree: its scripts import what exists, its README names what is there."""

import importlib
import subprocess
import sys

import pytest

from tests.architecture.tree import (
    CASES,
    ROOMS,
    ROOT,
    imported_modules,
    source,
    tracked_files,
)

SCRIPTS = [path for path in tracked_files() if path.startswith(CASES) and path.endswith(".py")]
UNSOUND = ("join_waits", "unproved")  # rules that keep a diagram with a deadlock from passing


@pytest.mark.parametrize("path", SCRIPTS)
def test_a_script_imports_what_the_rooms_hold(path: str) -> None:
    ours = [name for _, name in imported_modules(path) if name.split(".")[0] in (*ROOMS, "tests")]

    assert [name for name in ours if not exists(name)] == []


def test_every_case_is_named_with_its_right_result() -> None:
    rows = [line for line in source(f"{CASES}README.md").splitlines() if line.startswith("| ")]
    named = " ".join(row.split("|")[1] for row in rows)
    cases = [path.removeprefix(CASES) for path in tracked_files() if path.startswith(CASES)]

    assert [case for case in cases if not is_named(case, named)] == []


def test_a_deadlock_behind_parallel_tasks_never_passes_in_silence() -> None:
    """Beyond the bound of the search the check says that nothing is proved."""
    done = subprocess.run(
        [sys.executable, f"{CASES}attack/unproved.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    sizes = done.stdout.splitlines()

    assert (done.returncode, len(sizes)) == (0, 6), done.stderr
    assert [line for line in sizes if not any(f"'{rule}']" in line[-20:] for rule in UNSOUND)] == []


def exists(name: str) -> bool:
    """Whether a module, or a name in a module, is there."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        owner, _, member = name.rpartition(".")
        return bool(owner) and exists(owner) and hasattr(importlib.import_module(owner), member)
    return True


def is_named(case: str, named: str) -> bool:
    """Whether a row names the file, by its name or by its number; helpers stand in no row."""
    folder, _, file = case.rpartition("/")
    stem = file.partition(".")[0]
    if stem in {"README", "lib", "cut_during_upload"}:
        return True
    return stem in named or stem.split("_")[0] in named or f"{folder}/*.{file[-4:]}" in named
