"""hangji as processes that live and are killed: started for real, ended with SIGKILL; no test.

Each life is forked from a nursery that has everything imported already and holds nothing else, so
that two hundred lives are affordable. What runs in it is the command itself.
"""

import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPConnection, HTTPException
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from api.cli.main import main

PATIENCE = 90.0
_PAUSE = 0.02
_IMPORTED = [
    "api.cli.main",
    "api.cli.serve",
    "api.cli.server.application",
    "api.app",
    "api.composition",
    "web",
    "handlers",
]


@cache
def nursery() -> ForkServerContext:
    """Where lives come from: one process of its own, fresh, without threads or connections."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    return context


def hangji(arguments: tuple[str, ...], environment: Mapping[str, str], log: str) -> None:
    """The command, in a process group of its own; what it says goes into a file."""
    os.setsid()
    # As in a process nobody forked from a nursery: the server forks its worker.
    multiprocessing.set_start_method("fork", force=True)
    os.environ.update(environment)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(out, stream)
    sys.argv = ["hangji", *arguments]
    main(list(arguments))


@dataclass
class Machine:
    """The processes of one installation, all alive or all dead."""

    environment: Mapping[str, str]
    folder: Path
    commands: tuple[tuple[str, ...], ...]
    port: int
    _alive: list[ForkServerProcess] = field(default_factory=list)

    @property
    def log(self) -> Path:
        """Where the processes say what they say."""
        return self.folder / "processes.log"

    @property
    def groups(self) -> set[int]:
        """The process groups that are alive."""
        return {one.pid for one in self._alive if one.pid is not None}

    def begin(self) -> None:
        """Start everything; comes back when it answers."""
        self.start()
        told = f"no answer on port {self.port}; see {self.log}"
        assert eventually(lambda: answers(self.port)), told

    def start(self) -> None:
        """Start everything and do not wait for it."""
        for command in self.commands:
            process = nursery().Process(
                target=hangji, args=(command, dict(self.environment), str(self.log))
            )
            process.start()
            self._alive.append(process)

    def kill(self) -> None:
        """End everything at once, as a power switch would."""
        for process in self._alive:
            end_group(process)
        self._alive.clear()
        assert eventually(lambda: not answers(self.port)), "something lives on"


def end_group(process: ForkServerProcess) -> None:
    """SIGKILL to a process and whatever it started."""
    if process.pid is None:
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()  # it had no group of its own yet, or is gone
    process.join()
    process.close()


def free_port() -> int:
    """A port nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody serves there."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def eventually(holds: Callable[[], bool], *, patience: float = PATIENCE) -> bool:
    """Poll a condition until it holds; return False after `patience` seconds."""
    never = threading.Event()
    for _ in range(int(patience / _PAUSE)):
        if holds():
            return True
        never.wait(_PAUSE)
    return False
