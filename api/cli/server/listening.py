"""Checks before the start that no other server uses the address or the SQLite file."""

import fcntl
import resource
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from api.cli.terminal import WRONG_USE, fail, hint

_PATIENCE_SECONDS: Final = 3.0
"""A server that was killed leaves its worker for about a second."""
_PAUSE_SECONDS: Final = 0.1
_START_SECONDS: Final = 60.0

_CONNECTIONS: Final = 4096
"""As many at once for each process; who comes later waits until one of them ends."""
_FEWEST_CONNECTIONS: Final = 256
_OTHER_FILES: Final = 256
"""What a process has open besides connections: its database, uploads on their way, libraries."""

_held: list[TextIO] = []
"""Locks of this process; they go with it, however it ends."""


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


def require_free(address: Address) -> None:
    """Exit when another process already listens at the address.

    The server itself would share it (`SO_REUSEPORT`) and answer every other request.
    """
    if not _eventually(lambda: _is_free(address)):
        fail(
            f"{address} is in use by another program; stop it, or choose another --port. "
            f"地址 {address} 已被占用：请先停止占用它的程序，或用 --port 换一个端口。",
            status=WRONG_USE,
        )


def claim_database(path: str | None) -> None:
    """Exit when another server writes this SQLite file; other databases are shared."""
    if path is None or path == ":memory:":
        return
    lock = Path(f"{path}.serve").open("a", encoding="ascii")  # noqa: SIM115 - held until the end
    if not _eventually(lambda: _is_ours(lock)):
        lock.close()
        fail(
            f"Another `hangji serve` has {path} open; one server may write an SQLite file. "
            f"另一个 hangji serve 正在使用 {path}：一个 SQLite 数据库只能由一个服务写入。",
            status=WRONG_USE,
        )
    _held.append(lock)


def make_room() -> int:
    """Raise the open-file limit as needed; return the number of connections it allows.

    Most shells allow 1024: idle clients would leave none for the database.
    """
    allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _CONNECTIONS + _OTHER_FILES
    if allowed != resource.RLIM_INFINITY and allowed < wanted:
        allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    if allowed == resource.RLIM_INFINITY:
        return _CONNECTIONS
    return max(_FEWEST_CONNECTIONS, min(_CONNECTIONS, allowed - _OTHER_FILES))


def announce(address: Address) -> None:
    """Print the address as soon as it listens."""

    def watch() -> None:
        if _eventually(lambda: not _is_free(address), seconds=_START_SECONDS):
            hint(f"hangji: {address}")

    threading.Thread(target=watch, name="announce", daemon=True).start()


def _is_free(address: Address) -> bool:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family) as trial:
        # Connections being closed do not count; a listening socket does.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address.host, address.port))
        except OSError:
            return False
    return True


def _is_ours(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _eventually(holds: Callable[[], bool], *, seconds: float = _PATIENCE_SECONDS) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(_PAUSE_SECONDS)
    return True
