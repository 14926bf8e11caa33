"""A RabbitMQ or Redis of the test run's own, to be killed and started again; holds no test."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

RABBIT = "/usr/lib/rabbitmq/bin/rabbitmq-server"  # not the wrapper, which changes the user
_PAUSE = 0.1
_PATIENCE = 180.0


@dataclass
class Broker:
    """One running broker in a folder of its own."""

    url: str
    port: int
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    host: str = "127.0.0.1"
    inside: tuple[str, ...] = ()
    """Words before the command that starts it: `ip netns exec NAME`, say."""
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it; comes back when it takes connections."""
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            [*self.inside, *self.command],
            env={**os.environ, **self.environment},
            stdout=log,
            stderr=log,
            cwd=self.folder,
            start_new_session=True,
        )
        log.close()
        never = threading.Event()
        for _ in range(int(_PATIENCE / _PAUSE)):
            if self._answers():
                return
            never.wait(_PAUSE)
        message = f"no broker at {self.url}: {(self.folder / 'log').read_text()[-2000:]}"
        raise RuntimeError(message)

    def kill(self) -> None:
        """End it at once, as a power switch would; its data stay."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    @property
    def leader(self) -> int:
        """The session of its processes."""
        return 0 if self._process is None else self._process.pid

    def forget(self) -> None:
        """Remove its data, while it is down: a new machine under the old address."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        (self.folder / "data").mkdir()

    def _answers(self) -> bool:
        try:
            with socket.create_connection((self.host, self.port), timeout=1) as connection:
                # RabbitMQ listens before it serves: it answers a wrong greeting when it does.
                connection.settimeout(2)
                connection.sendall(b"PING\r\n    ")
                return bool(connection.recv(4))
        except OSError:
            return False


@contextmanager
def running_broker(
    kind: str, *, host: str = "127.0.0.1", inside: tuple[str, ...] = ()
) -> Iterator[Broker]:
    """Start a broker, `rabbitmq` or `redis`; raises when that is impossible here."""
    folder = Path(tempfile.mkdtemp(prefix=f"hangji-{kind}-"))
    (folder / "data").mkdir()
    broker = {"rabbitmq": rabbitmq, "redis": redis}[kind](folder, host)
    broker.inside = inside
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()
        if kind == "rabbitmq":
            _end_names(broker)
        shutil.rmtree(folder, ignore_errors=True)


def _end_names(broker: Broker) -> None:
    """End the name server of Erlang, which refuses as long as it takes its node for alive."""
    words = (*broker.inside, "epmd", "-port", broker.environment["ERL_EPMD_PORT"], "-kill")
    never = threading.Event()
    for _ in range(100):
        if subprocess.run(words, capture_output=True, check=False).returncode == 0:
            return
        never.wait(_PAUSE)


def redis(folder: Path, host: str) -> Broker:
    """A Redis that writes down every command, as one must that is to lose nothing."""
    port = _free_port()
    options = ("--port", str(port), "--bind", host, "--dir", str(folder / "data"), "--save", "")
    command = ("redis-server", *options, "--appendonly", "yes", "--protected-mode", "no")
    return Broker(f"redis://{host}:{port}/0", port, command, {}, folder, host)


def rabbitmq(folder: Path, host: str) -> Broker:
    """A RabbitMQ without plugins; guests may come from elsewhere, for it is for tests only."""
    port, distribution, names = _free_port(), _free_port(), _free_port()
    (folder / "rabbitmq.conf").write_text(
        f"listeners.tcp.1 = {host}:{port}\nloopback_users = none\ndisk_free_limit.absolute = 1MB\n"
    )
    (folder / "plugins").write_text("[].\n")
    environment = {
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"hangji{port}@localhost",
        "RABBITMQ_DIST_PORT": str(distribution),
        "ERL_EPMD_PORT": str(names),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
    }
    return Broker(f"amqp://guest:guest@{host}:{port}//", port, (RABBIT,), environment, folder, host)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
