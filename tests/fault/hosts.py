"""Machines of one run: processes on the loopback address, or network namespaces; holds no test."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

BRIDGE = "hangji0"
NET = "10.77.0"
OUTSIDE = f"{NET}.254"
_CLOCK = os.sysconf("SC_CLK_TCK")
START = "from api.cli.main import main; main()"


@dataclass
class Host:
    """One machine: how a program is started there, and under which address it is reached."""

    name: str
    address: str
    inside: tuple[str, ...] = ()
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    is_cut: bool = False

    def hangji(self, *words: str, environment: Mapping[str, str], log: Path) -> None:
        """Start a command of hangji here, in a session of its own."""
        with log.open("ab") as out:
            self.processes.append(
                subprocess.Popen(
                    [*self.inside, sys.executable, "-c", START, *words],
                    env={**os.environ, **environment},
                    stdout=out,
                    stderr=out,
                    start_new_session=True,
                )
            )

    def kill(self) -> None:
        """End everything started here at once, as a power switch would."""
        for process in self.processes:
            for pid in session_of(process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()
        self.processes.clear()

    def seconds(self) -> float:
        """Processor time of everything that runs here."""
        return sum(seconds_of(process.pid) for process in self.processes)

    def cut(self) -> None:
        """Take the cable out."""
        self.is_cut = True
        ip("link", "set", f"hj-{self.name}", "down")

    def mend(self) -> None:
        """Put the cable back in."""
        ip("link", "set", f"hj-{self.name}", "up")
        self.is_cut = False


@contextmanager
def loopback(*names: str) -> Iterator[dict[str, Host]]:
    """Machines in name only: everything on one address; none can be cut off."""
    hosts = {name: Host(name, "127.0.0.1") for name in names}
    with _killed(hosts):
        yield hosts


@contextmanager
def namespaces(*names: str) -> Iterator[dict[str, Host]]:
    """Machines with addresses of their own on one bridge; needs root."""
    hosts = {}
    _remove(names)
    try:
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("addr", "add", f"{OUTSIDE}/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for number, name in enumerate(names, start=1):
            space, cable = f"hangji-{name}", f"hj-{name}"
            ip("netns", "add", space)
            ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space)
            ip("link", "set", cable, "master", BRIDGE, "up")
            address = f"{NET}.{number}"
            inside = ("ip", "netns", "exec", space)
            for words in (
                ("addr", "add", f"{address}/24", "dev", "eth0"),
                ("link", "set", "eth0", "up"),
                ("link", "set", "lo", "up"),
            ):
                subprocess.run([*inside, "ip", *words], check=True)
            hosts[name] = Host(name, address, inside)
        with _killed(hosts):
            yield hosts
    finally:
        _remove(names)


def ip(*words: str) -> None:
    """Change the network."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


def session_of(leader: int) -> list[int]:
    """The processes of a session, its leader among them."""
    return [pid for pid, fields in _table() if int(fields[3]) == leader]


def seconds_of(leader: int) -> float:
    """Processor time of a session: of what runs, and of what its processes have waited for."""
    ticks = [sum(map(int, fields[11:15])) for _, fields in _table() if int(fields[3]) == leader]
    return sum(ticks) / _CLOCK


def _table() -> Iterator[tuple[int, list[str]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                # What follows the name of the program, which may hold anything.
                yield int(entry.name), (entry / "stat").read_text().rpartition(")")[2].split()


@contextmanager
def _killed(hosts: Mapping[str, Host]) -> Iterator[None]:
    try:
        yield
    finally:
        for host in hosts.values():
            host.kill()


def _remove(names: tuple[str, ...]) -> None:
    for name in names:
        subprocess.run(["ip", "netns", "del", f"hangji-{name}"], capture_output=True, check=False)
        subprocess.run(["ip", "link", "del", f"hj-{name}"], capture_output=True, check=False)
    subprocess.run(["ip", "link", "del", BRIDGE], capture_output=True, check=False)
