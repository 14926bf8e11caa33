"""Commands that keep running: serve, scheduler, worker.

On SQLite one process serves and looks at the clock, because one process should write; on
PostgreSQL any number of each may run.
"""

import gc
import os
import signal
import socket
import threading
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import Any

import click
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from api.app import create_app
from api.cli import listening, processors
from api.cli.machine import ready_machine
from api.cli.terminal import WRONG_USE, as_json, dump, fail, hint, say
from api.composition import Composition, compose
from api.deriving import derive
from api.http import logs
from api.http.receiving import Door, Patience
from api.outgoing import channels
from api.settings import from_environment
from api.uploads import blobs
from engine.background.scheduler import HEARTBEAT, Scheduler
from storage.cases.attachments import find_digests

LOOK_SECONDS = 1.0
_COLLECTED_AFTER = 10_000  # new objects; a request makes a few thousand and leaves no rings
ORPHAN_AGE = timedelta(days=1)
"""No upload takes that long from its bytes to its row."""

_SPARE_CONNECTIONS = 2
_BUFFER = 128 << 10
"""Of a connection, in bytes: room for every head we take, and not for many that never end."""
_FEWEST_THREADS = 4
_ONCE = click.option("--once", is_flag=True, help="Do everything that is due, then end.")


def add_to(group: click.Group) -> None:
    """Hang the commands below the main one."""
    for command in (serve, scheduler, worker):
        group.add_command(command)


@click.command("serve")
@click.option("--host", help="Address to serve at; default HANGJI_HOST.")
@click.option("--port", type=int, help="Port to serve at; default HANGJI_PORT.")
@click.option("--workers", default=1, show_default=True, help="Processes (PostgreSQL only).")
@click.option("--threads", type=int, help="Threads per process; default: by connections.")
@click.option("--pinned", "is_pinned", is_flag=True, help="A processor for each process (Linux).")
@click.option(
    "--scheduler/--no-scheduler",
    "has_scheduler",
    default=None,
    help="Look at the clock in this process too; default: on SQLite.",
)
def serve(
    host: str | None,
    port: int | None,
    workers: int,
    threads: int | None,
    *,
    is_pinned: bool,
    has_scheduler: bool | None,
) -> None:
    """Serve pages and API; on SQLite deadlines are looked after in the same process."""
    composition = ready_machine()
    settings, is_sqlite = composition.settings, composition.database.is_sqlite
    composition.database.close()
    if is_sqlite and workers > 1:
        fail("One process may write an SQLite file: use --workers 1.", status=WRONG_USE)
    embedded = is_sqlite if has_scheduler is None else has_scheduler
    if not embedded:
        hint("Deadlines are not looked after here; run `hangji scheduler` beside it.")
    spare = max(_FEWEST_THREADS, settings.database_pool - _SPARE_CONNECTIONS)
    server = Granian(
        "hangji",
        address=host or settings.host,
        port=port or settings.port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        workers=workers,
        websockets=False,
        backpressure=listening.make_room(),
        http1_settings=HTTP1Settings(max_buffer_size=_BUFFER),
        log_level=LogLevels.error,
        log_access=False,
    )
    address = listening.Address(host or settings.host, port or settings.port)
    listening.claim_database(composition.database.url.database if is_sqlite else None)
    listening.require_free(address)
    listening.announce(address)
    loader: Callable[[], Any] = partial(
        application, threads=threads or spare, has_scheduler=embedded, is_pinned=is_pinned
    )
    server.serve(target_loader=loader, wrap_loader=False)


@click.command("scheduler")
@_ONCE
@as_json
def scheduler(*, once: bool, is_json: bool) -> None:
    """Look after deadlines, chasing, notifications and messages until stopped; several may run."""
    jobs = _scheduler(_beside(ready_machine()), HEARTBEAT)
    if once:
        _round(jobs, is_json=is_json)
        return
    stopped = _until_told()
    jobs.start()
    hint("hangji scheduler: running")
    stopped.wait()
    jobs.stop()


@click.command("worker")
@_ONCE
@as_json
def worker(*, once: bool, is_json: bool) -> None:
    """Do what is due in a plain loop: more hands beside the scheduler.

    Handing out work over a broker (Celery) comes later; the rows are the truth either way.
    """
    jobs = _scheduler(_beside(ready_machine()), "worker")
    if once:
        _round(jobs, is_json=is_json)
        return
    stopped = _until_told()
    hint("hangji worker: running")
    while not stopped.wait(LOOK_SECONDS):
        jobs.round()


def application(*, threads: int, has_scheduler: bool, is_pinned: bool = False) -> Door:
    """Make the application inside the process that serves; connections do not survive a fork."""
    logs.configure()
    settings = from_environment()
    if is_pinned:
        processors.bind(settings.var_folder)
    composition = compose(settings)
    _end_with(os.getppid())
    if has_scheduler:
        _scheduler(composition, HEARTBEAT).start()
    # The rooms api and web do not know each other; the command that serves is where they meet.
    pages = import_module("web").add_pages
    app = create_app(composition, pages=[pages])
    # What stands now stands until the end; looking through it again and again costs each request.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER)
    patience = Patience(
        silence_seconds=settings.body_silence_seconds,
        grace_seconds=settings.body_grace_seconds,
        bytes_per_second=settings.body_bytes_per_second,
    )
    return Door(app, limit_of=app.limit_of, threads=threads, patience=patience)


def _beside(composition: Composition) -> Composition:
    if composition.database.is_sqlite:
        hint("SQLite: let one process write; `hangji serve` looks after deadlines too.")
    return composition


def _scheduler(composition: Composition, role: str) -> Scheduler:
    return Scheduler(
        composition.database,
        composition.runner,
        channels(composition.settings),
        name=f"{role}@{socket.gethostname()}",
        housekeeping=partial(put_away, composition),
        derives=partial(derive, composition),
    )


def put_away(composition: Composition) -> int:
    """Remove uploads whose rows never came; gives how many."""

    def known(digests: Collection[str]) -> set[str]:
        with composition.database.reading() as session:
            return find_digests(session, digests)

    before = composition.clock.now() - ORPHAN_AGE
    return blobs.sweep(composition.blobs, known, before=before)


def _round(jobs: Scheduler, *, is_json: bool) -> None:
    ticked = jobs.round()
    if is_json:
        dump(ticked)
    else:
        say(f"{ticked.fired} fired, {ticked.chased} chased, {ticked.failed} failed")


def _until_told() -> threading.Event:
    """Set when the process is told to end."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    return told


def _end_with(parent: int) -> None:
    """End this process when the one that started it is gone, however it went.

    A killed parent would otherwise leave a worker that keeps the port.
    """

    def watch() -> None:
        never = threading.Event()
        while not never.wait(LOOK_SECONDS):
            if os.getppid() != parent:
                os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
