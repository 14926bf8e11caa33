"""Counting together: processes of one command keep their counters in files of one folder.

Then one page shows their sum, whichever of them answers. This module imports nothing of
prometheus-client, which looks for the folder once, when it is imported.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["held", "is_shared", "share"]

_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_BEGINS: Final = "hangji-metrics-"
_LOCK: Final = "in-use"

_held: list[int] = []
"""The lock of this command's folder; it goes with the last process that has it open."""


def share() -> None:
    """Let the processes started from here count together; the folder goes when this one ends.

    Folders of commands that were killed, which could remove nothing, go first.
    """
    _sweep()
    folder, owner = Path(tempfile.mkdtemp(prefix=_BEGINS)), os.getpid()
    _held.append(_locked(folder / _LOCK, os.O_CREAT))
    os.environ[_FOLDER] = str(folder)

    def remove() -> None:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)


def is_shared() -> bool:
    """Whether the counters of this process stand in files beside those of others."""
    return _FOLDER in os.environ


def held() -> tuple[int, ...]:
    """Return what a program started from here has to keep open, so that its folder stays."""
    return tuple(_held)


def _sweep() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_BEGINS}*"):
        # In use, of somebody else, or not locked yet by who has just made it: left alone.
        with suppress(OSError):
            lock = _locked(folder / _LOCK)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _locked(path: Path, flags: int = 0) -> int:
    file = os.open(path, os.O_RDWR | flags, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise
    return file
