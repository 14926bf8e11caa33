"""Commands that look at the clock until they are stopped: scheduler and worker.

On PostgreSQL any number of each may run beside `hangji serve`; on SQLite one process should write,
and the server looks at the clock itself.
"""

import signal
import socket
import threading
from collections.abc import Collection
from datetime import timedelta
from functools import partial

import click

from api.cli.machine import ready_machine
from api.cli.terminal import as_json, dump, hint, say
from api.composition import Composition
from api.deriving import derive
from api.operating import kinds
from api.outgoing import channels
from api.uploads import blobs
from engine.background.scheduler import HEARTBEAT, Scheduler
from storage.cases.attachments import find_digests

LOOK_SECONDS = 1.0
ORPHAN_AGE = timedelta(days=1)
"""No upload takes that long from its bytes to its row."""

_ONCE = click.option("--once", is_flag=True, help="Do everything that is due, then end.")


def add_to(group: click.Group) -> None:
    """Hang the commands below the main one."""
    for command in (scheduler, worker):
        group.add_command(command)


@click.command("scheduler")
@_ONCE
@as_json
def scheduler(*, once: bool, is_json: bool) -> None:
    """Look after deadlines, chasing, notifications and messages until stopped; several may run."""
    jobs = scheduler_of(_beside(ready_machine()), HEARTBEAT)
    if once:
        _round(jobs, is_json=is_json)
        return
    stopped = _until_signal()
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
    jobs = scheduler_of(_beside(ready_machine()), "worker")
    if once:
        _round(jobs, is_json=is_json)
        return
    stopped = _until_signal()
    hint("hangji worker: running")
    while not stopped.wait(LOOK_SECONDS):
        jobs.round()


def _beside(composition: Composition) -> Composition:
    if composition.database.is_sqlite:
        hint("SQLite: let one process write; `hangji serve` looks after deadlines too.")
    return composition


def scheduler_of(composition: Composition, role: str) -> Scheduler:
    """Everything this process does at its time; `role` names it among the signs of life."""
    return Scheduler(
        composition.database,
        composition.runner,
        channels(composition.settings),
        name=f"{role}@{socket.gethostname()}",
        housekeeping=partial(put_away, composition),
        kinds=kinds(composition),
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


def _until_signal() -> threading.Event:
    """Return an event that a signal to end sets."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    return stopped
