"""A database with the Putian sample and the shipped diagrams, and servers over it."""

import os
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.composition import Composition, compose
from api.identity.passwords import hash_password
from api.settings import SPEED_LAYERS, Settings
from storage.database.schema import upgrade
from storage.database.session import Database
from storage.people.actors import Actor, find_officer, load_actor
from tests import city
from tests.cluster import Cluster, running_cluster

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "hangji-demo"  # noqa: S105 - the documented password of the sample
SECRET = "only-for-one-run-4f9c2a7d61e8b035c7d19e44"  # noqa: S105 - of servers that live for one run
VAULT_KEY = bytes(range(32))
DURABLE = "-c max_connections=80 -c shared_buffers=256MB -c synchronous_commit=on"


@dataclass(frozen=True, slots=True)
class Town:
    """A filled database and what an entry point makes of it."""

    composition: Composition
    var: Path

    @property
    def database(self) -> Database:
        """The database."""
        return self.composition.database

    def actor(self, username: str) -> Actor:
        """One of the sample's officers."""
        now = datetime.now(UTC)
        with self.database.reading() as session:
            officer = find_officer(session, username)
            if officer is None:
                raise LookupError(username)
            return load_actor(session, officer.id, at=now)


@contextmanager
def durable_cluster() -> Iterator[Cluster]:
    """PostgreSQL as a city would run it: every commit is on the disk before it is answered."""
    with running_cluster(DURABLE) as cluster:
        yield cluster


def found(url: str, var: Path) -> Town:
    """Make the tables, load the sample, deploy the diagrams."""
    var.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        database_url=url,
        secret_key=SECRET,
        vault_key=VAULT_KEY,
        var_folder=var,
        blob_folder=var / "blobs",
        is_demo=True,
        rate_limits=False,
    )
    composition = compose(settings)
    upgrade(composition.database)
    at = datetime.now(UTC) - timedelta(days=1)
    with composition.database.transaction() as session:
        city.load(session, password_hash=hash_password(PASSWORD), at=at)
    return Town(composition, var)


@contextmanager
def served(town: Town, *, threads: int) -> Iterator[int]:
    """The product's own server over the town, in a process of its own; gives the port."""
    with started(town, threads=threads) as (port, _):
        yield port


@contextmanager
def started(
    town: Town, *, threads: int, layers: frozenset[str] = SPEED_LAYERS
) -> Iterator[tuple[int, int]]:
    """The same with the id of the process, whose processor time is to be read."""
    port = _free_port()
    command = [sys.executable, "-m", "bench.serve", str(port), str(threads)]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, env=_environment(town, layers), cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _environment(town: Town, layers: frozenset[str]) -> Mapping[str, str]:
    settings = town.composition.settings
    return {
        **os.environ,
        "HANGJI_DATABASE_URL": settings.database_url,
        "HANGJI_SECRET_KEY": SECRET,
        "HANGJI_VAULT_KEY": b64encode(VAULT_KEY).decode(),
        "HANGJI_VAR_FOLDER": str(town.var),
        "HANGJI_SPEED_LAYERS": ",".join(layers) or "none",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    message = f"the server did not answer at port {port}"
    raise TimeoutError(message)
