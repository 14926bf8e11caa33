"""Commands about long work: start it and watch it, list it, cancel it."""

import time

import click

from api.cli.machine import ready_machine
from api.cli.terminal import as_json, dump, end, fail, progressing, say, table
from api.composition import Composition
from api.http.shapes.operations import shape
from api.operating import kinds
from engine.background.operations import LEASE, NewOperation, run_operation
from engine.reads.operations import WithLog
from storage.database.session import Session
from storage.operations import operations
from storage.operations.operations import LongOperation

_LOOK_SECONDS = 0.5
_STATES = {
    "waiting": "等待",
    "running": "进行中",
    "done": "完成",
    "failed": "失败",
    "cancelled": "已取消",
}


def add_to(group: click.Group) -> None:
    """Register the commands with the main group."""
    group.add_command(operation)


@click.group("operation")
def operation() -> None:
    """Start, watch, list and cancel long work, such as verifying all case files."""


@operation.command("start")
@click.argument("kind")
@click.option("--no-wait", is_flag=True, help="Leave it to the scheduler or the workers.")
@as_json
def start(kind: str, *, no_wait: bool, is_json: bool) -> None:
    """Start long work by its KIND and watch it until its end."""
    composition = ready_machine()
    known = kinds(composition)
    startable = sorted(name for name, one in known.items() if one.roles)
    if kind not in startable:
        fail(f"没有 {kind} 这种任务。There is no {kind}; there are: {', '.join(startable)}")
    new = NewOperation(kind, dict(known[kind].title), {}, known[kind].roles)
    with composition.database.transaction() as session:
        made = ordered_here(session, composition, new, is_left=no_wait)
    found = _read(composition, made).operation if no_wait else watch_here(composition, made)
    _show(composition, found, is_json=is_json)
    end(is_fine=no_wait or found.state == "done")


@operation.command("list")
@as_json
def show_all(*, is_json: bool) -> None:
    """List long work, newest first."""
    composition = ready_machine()
    with composition.database.reading() as session:
        found = operations.list_operations(session).items
    if is_json:
        dump([shape(one) for one in found])
        return
    rows = [
        (one.id, one.title["zh"], _STATES[one.state], _far(one), one.created_at) for one in found
    ]
    table(("id", "任务", "状态", "进度", "发起"), rows)


@operation.command("show")
@click.argument("operation_id", type=int)
@click.option("--watch", "is_watched", is_flag=True, help="Stay until its end.")
@as_json
def show(operation_id: int, *, is_watched: bool, is_json: bool) -> None:
    """Show how far OPERATION_ID is, with its log."""
    composition = ready_machine()
    if is_watched:
        _follow(composition, operation_id)
    found = _read(composition, operation_id)
    if is_json:
        dump(shape(found))
        return
    _show(composition, found.operation, is_json=False)
    for line in found.log:
        say(f"{line.at:%Y-%m-%d %H:%M:%S}  {line.text}")


@operation.command("cancel")
@click.argument("operation_id", type=int)
def cancel(operation_id: int) -> None:
    """Ask for the end of OPERATION_ID: what was done stays, the rest is not begun."""
    composition = ready_machine()
    now = composition.clock.now()
    with composition.database.transaction() as session:
        operations.get_operation(session, operation_id)
        is_asked = operations.cancel(session, operation_id, at=now)
    if not is_asked:
        fail("这项任务已经结束。It is over already.")
    say("已请求取消。It ends after the part it is at.")


def ordered_here(
    session: Session, composition: Composition, new: NewOperation, *, is_left: bool = False
) -> int:
    """Record an operation that this command runs itself, or leaves to the scheduler.

    When the command dies, the scheduler goes on once its time is over.
    """
    made = operations.add_operation(session, new, at=composition.clock.now())
    if not is_left:
        keep_here(session, composition, made)
    return made


def keep_here(session: Session, composition: Composition, operation_id: int) -> None:
    """Reserve an operation for this command, until the lease ends."""
    operations.offer(session, operation_id, until=composition.clock.now() + LEASE)


def watch_here(composition: Composition, operation_id: int) -> LongOperation:
    """Run an operation in this process with a progress bar; return its result."""
    title = _read(composition, operation_id).operation.title
    with progressing(f"{title['zh']} {title['en']}") as watch:
        run_operation(
            composition.database,
            kinds(composition),
            composition.clock,
            operation_id,
            watch=watch,
        )
    return _read(composition, operation_id).operation


def _follow(composition: Composition, operation_id: int) -> None:
    title = _read(composition, operation_id).operation.title
    with progressing(f"{title['zh']} {title['en']}") as watch:
        while not (found := _read(composition, operation_id).operation).is_over:
            watch(found.done, found.total)
            time.sleep(_LOOK_SECONDS)


def _read(composition: Composition, operation_id: int) -> WithLog:
    with composition.database.reading() as session:
        found = operations.get_operation(session, operation_id)
        return WithLog(found, operations.list_notes(session, operation_id))


def _show(composition: Composition, found: LongOperation, *, is_json: bool) -> None:
    if is_json:
        dump(shape(_read(composition, found.id)))
        return
    state = f"{_STATES[found.state]} {found.state}"
    say(f"{found.id}  {found.title['zh']} {found.title['en']}  {state}  {_far(found)}")
    if found.message:
        say(found.message)
    if found.result and "summary" in found.result:
        say(f"{found.result['summary']['zh']} {found.result['summary']['en']}")


def _far(found: LongOperation) -> str:
    return f"{found.done}/{found.total if found.total is not None else '?'}"
