"""The command `serve`: check the machine, then start the processes that serve requests.

The process of the command stays for as long as they run and serves no request, so it imports
neither engine nor pages and saves their memory.
"""

import os
import signal
import sys
from functools import partial
from importlib import import_module
from multiprocessing import Process
from typing import Any

import click
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from api.cli.commands import prepare
from api.cli.server import listening
from api.cli.terminal import WRONG_USE, fail, hint
from api.settings import from_environment
from api.telemetry.sharing import share
from storage.database.addresses import read_address
from storage.errors import HangjiError

_SPARE_CONNECTIONS = 2
_BUFFER = 128 << 10
"""Of a connection, in bytes: room for every head we take, and not for many that never end."""
_FEWEST_THREADS = 4
_END_SECONDS = 20
"""What is being answered when the server is told to end may take; less than systemd waits."""


def add_to(group: click.Group) -> None:
    """Register the command with the main group."""
    group.add_command(serve)


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
    settings = from_environment()
    database = read_address(settings.database_url)
    is_sqlite = database.get_backend_name() == "sqlite"
    if is_sqlite and workers > 1:
        fail("One process may write an SQLite file: use --workers 1.", status=WRONG_USE)
    if workers > 1:
        share()
    _require_ready()
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
        workers_kill_timeout=_END_SECONDS,
        log_level=LogLevels.error,
        log_access=False,
    )
    address = listening.Address(host or settings.host, port or settings.port)
    listening.claim_database(database.database if is_sqlite else None)
    listening.require_free(address)
    listening.announce(address)
    loader = partial(
        _application, threads=threads or spare, has_scheduler=embedded, is_pinned=is_pinned
    )
    # A process that still starts has the handlers of this one, which end nothing there.
    os.register_at_fork(after_in_child=_end_when_told)
    server.serve(target_loader=loader, wrap_loader=False)


def _end_when_told() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def _application(**how: Any) -> Any:
    """Create the application in a process that serves requests."""
    return import_module("api.cli.server.application").application(**how)


def _require_ready() -> None:
    """Exit when this machine cannot serve; a short-lived process of its own checks that."""
    check = Process(target=_check)
    check.start()
    check.join()
    if check.exitcode:
        sys.exit(check.exitcode)


def _check() -> None:
    try:
        prepare()
        import_module("api.cli.machine").ready_machine()
    except HangjiError as error:
        fail(error.message)
