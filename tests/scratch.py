"""Plugin of `make test`: what makes a whole run cheaper and changes no test; holds none.

The files of tests lie in memory where the machine has room: a whole run copies some ten gigabytes
of databases and would wait for the disk at each commit. No test is about a loss of power but those
with a cluster of their own, which lies elsewhere. And the collector looks less often at what lives
as long as the process: every module of the product and of the tests.
"""

import gc
import os
import shutil
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of the run's own is made in it
ROOM = 4 << 30
"""Free bytes wanted: each test's folder goes with the test, unless it failed."""


_COLLECTED_AFTER = (50_000, 20, 50)
"""New objects, and how many younger collections go before an older one."""


def pytest_collection_finish() -> None:
    """Set aside what was imported; it takes a tenth of the time of most tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTED_AFTER)


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
