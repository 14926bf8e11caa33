"""Plugin of `make test`: the files of tests lie in memory where the machine has room; no test.

A whole run copies some ten gigabytes of databases and waits for the disk at each commit. What is
tested is told apart from the speed of a disk: no test is about a loss of power but those with a
cluster of their own, which lies elsewhere.
"""

import os
import shutil
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of the run's own is made in it
ROOM = 4 << 30
"""Free bytes wanted: each test's folder goes with the test, unless it failed."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the folder, in the process that hands the tests out."""
    is_controller = not hasattr(config, "workerinput")
    if is_controller and config.option.basetemp is None and has_room():
        config.option.basetemp = MEMORY / f"hangji-tests-{os.getpid()}"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing in memory."""
    chosen = MEMORY / f"hangji-tests-{os.getpid()}"
    if not hasattr(config, "workerinput"):
        shutil.rmtree(chosen, ignore_errors=True)


def has_room() -> bool:
    """Whether there is such a folder, large enough, and programs in it may be run."""
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return False
    found = os.statvfs(MEMORY)
    return found.f_bavail * found.f_frsize >= ROOM and not found.f_flag & os.ST_NOEXEC
