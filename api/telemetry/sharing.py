"""Counting together: processes of one command keep their counters in files of one folder.

Then one page shows their sum, whichever of them answers. This module imports nothing of
prometheus-client, which looks for the folder once, when it is imported.
"""

import atexit
import os
import shutil
import tempfile
from typing import Final

__all__ = ["is_shared", "share"]

_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"


def share() -> None:
    """Let the processes started from here count together; the folder goes when this one ends."""
    folder, owner = tempfile.mkdtemp(prefix="hangji-metrics-"), os.getpid()
    os.environ[_FOLDER] = folder

    def remove() -> None:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)


def is_shared() -> bool:
    """Whether the counters of this process stand in files beside those of others."""
    return _FOLDER in os.environ
