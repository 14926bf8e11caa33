"""Commands that run until they are stopped: scheduler and worker.

On PostgreSQL any number of each may run beside `hangji serve`; on SQLite one process should write,
and the server looks at the clock itself.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial
from importlib import import_module

import click

from api.cli.machine import ready_machine
from api.cli.terminal import WRONG_USE, as_json, dump, fail, hint, say
from api.composition import Composition
from api.deriving import look_after
from api.operating import kinds, ways
from api.retaining import look_after_kitchens
from api.settings import Settings
from api.syncing.platforms import look_after as read_platforms
from api.telemetry.exposition import page
from api.telemetry.ports import open_port
from api.telemetry.sharing import held, share
from api.uploads import blobs
from api.uploads.previews import ask_for
from engine.background.scheduler import HEARTBEAT, Scheduler
from engine.background.work import DELIVERIES, QUEUES, Workforce
from storage.cases.attachments import find_digests, list_unlooked

LOOK_SECONDS = 1.0
_WAITING_HANDS = 8
_LOOKED_AT = 500
_WORKER_PORT = "HANGJI_WORKER_METRICS_PORT"
ORPHAN_AGE = timedelta(days=1)
"""No upload takes that long from its bytes to its row."""

_ONCE = click.option("--once", is_flag=True, help="Do everything that is due, then end.")


def add_to(group: click.Group) -> None:
    """Register the commands with the main group."""
    for command in (scheduler, worker):
        group.add_command(command)


@click.command("scheduler")
@_ONCE
@as_json
def scheduler(*, once: bool, is_json: bool) -> None:
    """Look after deadlines, chasing, notifications and messages until stopped; several may run."""
    composition = _beside(ready_machine())
    jobs = scheduler_of(composition, HEARTBEAT, is_once=once)
    if once:
        _round(jobs, is_json=is_json)
        return
    _show_metrics(jobs, composition, composition.settings.scheduler_metrics_port)
    stopped = _until_signal()
    jobs.start()
    hint("hangji scheduler: running")
    stopped.wait()
    jobs.stop()


@click.command("worker")
@click.option(
    "--queues",
    default=",".join(QUEUES),
    show_default=True,
    help="What to work on, with commas between; each is a process group of its own.",
)
@click.option("--processes", type=int, default=2, show_default=True, help="Hands for each queue.")
@_ONCE
@as_json
def worker(*, queues: str, processes: int, once: bool, is_json: bool) -> None:
    """Do what is due: from the broker's queues, or without a broker beside the scheduler."""
    names = _queues_of(queues)
    composition = _beside(ready_machine())
    if composition.settings.broker_url is not None and not once:
        composition.database.close()
        _work_for_the_broker(composition, names, processes)
        return
    jobs = scheduler_of(composition, "worker", is_once=once)
    if once:
        _round(jobs, is_json=is_json)
        return
    _show_metrics(jobs, composition, composition.settings.worker_metrics_port)
    stopped = _until_signal()
    jobs.start()
    hint("hangji worker: running")
    stopped.wait()
    jobs.stop()


def _queues_of(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or set(names) - set(QUEUES):
        fail(f"There are the queues {', '.join(QUEUES)}; not {text}.", status=WRONG_USE)
    return names


def _work_for_the_broker(composition: Composition, queues: list[str], processes: int) -> None:
    """Process one queue here, or several in one process each; when one ends, all end.

    Whoever shows metrics counts together with all it starts, and works on no queue itself.
    """
    port = composition.settings.worker_metrics_port
    if len(queues) == 1 and port is None:
        # Imported here: without a broker Celery need not be loaded.
        celery_app = import_module("api.celery_app")
        name = f"{socket.gethostname()}-{os.getpid()}"
        hint(f"hangji worker: {queues[0]}")
        status = celery_app.run_worker(
            composition.settings, queues[0], processes=_hands_for(queues[0], processes), name=name
        )
        sys.exit(status)
    start = "from api.cli.main import main; main()"
    words = [sys.executable, "-c", start, "worker", "--processes", str(processes), "--queues"]
    stopped = _until_signal()
    if port is not None:
        share()
        _open_port(composition.settings, port, partial(page, ()))
    environment = {name: text for name, text in os.environ.items() if name != _WORKER_PORT}
    running = [
        subprocess.Popen([*words, queue], env=environment, pass_fds=held())  # noqa: S603 - ourselves
        for queue in queues
    ]
    while not stopped.wait(LOOK_SECONDS) and all(one.poll() is None for one in running):
        pass
    for one in running:
        one.terminate()
    statuses = [one.wait() for one in running]
    if not stopped.is_set():
        fail(f"A worker ended unexpectedly: {dict(zip(queues, statuses, strict=True))}")


def _hands_for(queue: str, processes: int) -> int:
    """Deliveries mostly wait for remote hosts; waiting threads cost little."""
    return processes * _WAITING_HANDS if queue == DELIVERIES else processes


def _beside(composition: Composition) -> Composition:
    if composition.database.is_sqlite:
        hint("SQLite: let one process write; `hangji serve` looks after deadlines too.")
    return composition


def scheduler_of(composition: Composition, role: str, *, is_once: bool = False) -> Scheduler:
    """Return the scheduler of this process; `role` is part of its name in the heartbeats.

    With a broker its workers do what is due, but for a single round, which ends when it is done.
    """
    settings = composition.settings
    return Scheduler(
        composition.database,
        composition.runner,
        ways(composition),
        name=f"{role}@{socket.gethostname()}",
        housekeeping=partial(put_away, composition),
        kinds=kinds(composition),
        derives=partial(look_after, composition),
        reads=partial(read_platforms, composition),
        broker=None if is_once else broker_of(composition),
        ahead=settings.work_ahead,
        batch=settings.work_batch,
    )


def _show_metrics(jobs: Scheduler, composition: Composition, port: int | None) -> None:
    if port is None:
        return
    write = partial(
        page,
        (composition.meters.registry,),
        database=composition.database,
        clock=composition.clock,
        broker=None if jobs.broker is None else jobs.broker.is_up,
    )
    _open_port(composition.settings, port, write)


def _open_port(settings: Settings, port: int, write: Callable[[], bytes]) -> None:
    host = settings.metrics_host
    try:
        open_port(host, port, write, token=settings.metrics_token)
    except OSError as error:
        fail(
            f"Metrics: {host}:{port} cannot be opened ({error.strerror}); choose another port in "
            f"HANGJI_SCHEDULER_METRICS_PORT or HANGJI_WORKER_METRICS_PORT. "
            "指标端口无法打开，请换一个。",
            status=WRONG_USE,
        )


def broker_of(composition: Composition) -> Workforce | None:
    """The broker that work is handed to; None where it is done in line."""
    url = composition.settings.broker_url
    if url is None:
        return None
    # Imported here: without a broker Celery need not be loaded.
    celery_app = import_module("api.celery_app")
    workforce: Workforce = celery_app.OverBroker(celery_app.app_of(url), composition.clock)
    return workforce


def put_away(composition: Composition) -> int:
    """Have photos from before looked at, and remove uploads no row names; return their number.

    Pictures of kitchens past their days go as well.
    """
    look_after_kitchens(composition)
    with composition.database.transaction() as session:
        for sha256 in list_unlooked(session, limit=_LOOKED_AT):
            ask_for(session, sha256, now=composition.clock.now())

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


def _until_signal() -> threading.Event:
    """Return an event that SIGTERM or SIGINT sets."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    return stopped
