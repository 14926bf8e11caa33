"""A PostgreSQL server of the test run's own: socket only, own directory; holds no test."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

USERS = ("postgres", "nobody")  # PostgreSQL refuses to run as root

END_OTHERS = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()"""

# The role `replica` switches off the triggers that keep the records of a case as they are.
EMPTY = """
do $$
declare one record;
begin
  set local session_replication_role = replica;
  for one in select tablename as name from pg_tables
    where schemaname = 'public' and tablename <> 'alembic_version'
  loop execute format('delete from %I', one.name); end loop;
  for one in select format('%I', sequencename) as name from pg_sequences
    where schemaname = 'public'
  loop perform setval(one.name::regclass, 1, false); end loop;
end $$"""


@dataclass(frozen=True)
class Cluster:
    """A running server, reached through its socket."""

    folder: Path
    settings: str = ""
    inside: tuple[str, ...] = ()
    """Words before the command that starts it: `ip netns exec NAME`, say."""

    def start(self) -> None:
        """Start the server; after a crash it recovers first."""
        options = f"-k {self.folder} -c listen_addresses= {self.settings}"
        log = ("-l", f"{self.folder}/log", "-w", "-o", options)
        _run(_owner(), "pg_ctl", "-D", f"{self.folder}/data", *log, "start", inside=self.inside)

    def crash(self) -> None:
        """End the server at once, as a power switch would: nothing is finished or written down."""
        _run(_owner(), "pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop")

    @property
    def leader(self) -> int:
        """The process that all others of the server come from, and its session."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def url(self, name: str) -> str:
        """Address of one database, as `Database` takes it."""
        return f"postgresql://hangji@/{name}?host={self.folder}"

    def create(self, name: str, *, template: str = "template0") -> str:
        """Make a database and give its address."""
        self._do("create database {} template {}", name, template)
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self._do("drop database if exists {} with (force)", name)

    def empty(self, name: str) -> None:
        """Remove all rows of a database: a fourteenth of the processor time of copying a template.

        A copy writes some three hundred files and waits for two checkpoints, however little the
        template holds.
        """
        with psycopg.connect(self._where(name), autocommit=True) as connection:
            connection.execute(END_OTHERS)
            connection.execute(EMPTY)

    def _do(self, statement: str, *names: str) -> None:
        with psycopg.connect(self._where("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _where(self, name: str) -> str:
        return f"host={self.folder} user=hangji dbname={name}"


QUICK = "-c fsync=off -c full_page_writes=off -c max_connections=60 -c shared_buffers=32MB"
"""For tests: what they write need not outlive the machine."""


@contextmanager
def running_cluster(
    settings: str = QUICK, *, inside: tuple[str, ...] = (), network: str | None = None
) -> Iterator[Cluster]:
    """Make a cluster, start it, and remove it again; raises when that is impossible here.

    `network` is let in besides the socket, when the settings listen to it.
    """
    folder = Path(tempfile.mkdtemp(prefix="hangji-pg-"))
    owner = _owner()
    try:
        if owner is not None:
            shutil.chown(folder, owner)
        _run(owner, "initdb", "-D", f"{folder}/data", "-U", "hangji", "-A", "trust", "-N")
        if network is not None:
            with (folder / "data" / "pg_hba.conf").open("a") as rules:
                rules.write(f"host all all {network} trust\n")
        cluster = Cluster(folder, settings, inside)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.crash()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _owner() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in USERS if name in known)


def _run(owner: str | None, program: str, *arguments: str, inside: tuple[str, ...] = ()) -> None:
    command = [_path_of(program), *arguments]
    if inside and owner is not None:
        # Root enters first, then becomes the owner.
        command, owner = [*inside, "runuser", "-u", owner, "--", *command], None
    done = subprocess.run(
        command,
        user=owner,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        check=False,
    )
    if done.returncode:
        message = f"{program} failed: {done.stderr.strip()[-2000:]}"
        raise RuntimeError(message)


def _path_of(program: str) -> str:
    """Find a server program: on PATH, or where distributions put it."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)
    places = [shutil.which(program), *map(str, installed)]
    found = next((place for place in places if place), None)
    if found is None:
        message = f"{program} is missing: install PostgreSQL 13 or later; its tests never skip"
        raise RuntimeError(message)
    return found
