"""Runs a command in its own process, with an HTTP client for it."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException

from api.settings import ROOT

PATIENCE = 120.0
COMMAND = "from api.cli.main import main; main()"


def free_port() -> int:
    """Return an unused port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command that runs until the block ends."""
    with running_script(COMMAND, *arguments) as process:
        yield process


@contextmanager
def running_script(script: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python script that runs until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a command with everything it started: workers of a broker outlive their parent."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def eventually(holds: Callable[[], bool]) -> bool:
    """Poll a condition until it holds; return False after `PATIENCE` seconds."""
    never = threading.Event()
    for _ in range(int(PATIENCE * 10)):
        if holds():
            return True
        never.wait(0.1)
    return False


def answer(port: int, path: str) -> tuple[int, bytes]:
    """Return status and body; status 0 when the server does not answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()
