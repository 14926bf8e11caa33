"""Each process of a server on a processor of its own.

A process of Python keeps one processor busy. Unbound processes move between processors and lose
their caches: bound, they complete 6 to 11 in a hundred more tasks (docs/performance.md).
"""

import fcntl
import os
from pathlib import Path
from typing import Final, TextIO

_held: Final[list[TextIO]] = []
"""Locks of this process; the system lets them go when it ends, however it ends."""


def bind(folder: Path) -> None:
    """Bind this process, and the threads it starts from now on, to a processor nobody else holds.

    Who holds which is a lock on a file in `folder`. With more processes than processors the rest
    go where the system sends them, and so do all where it binds none (macOS).
    """
    if not hasattr(os, "sched_setaffinity"):
        return
    folder.mkdir(parents=True, exist_ok=True)
    for number in sorted(os.sched_getaffinity(0)):
        lock = (folder / f"processor-{number}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        _held.append(lock)
        os.sched_setaffinity(0, {number})
        return
