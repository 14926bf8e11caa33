"""Other platforms from the command line: read one, see how reading stands, read again."""

import click

from api.cli.machine import ready_machine
from api.cli.terminal import as_json, dump, fail, say
from api.composition import Composition
from api.settings import SettingsError
from api.syncing.platforms import Platforms, platforms
from handlers.sync.protocol import SourceFailed
from storage.audit.log import COMMAND_LINE, add_audit
from storage.errors import HangjiError
from storage.sync import dead, sources


def add_to(group: click.Group) -> None:
    """Register the commands with the main group."""
    group.add_command(sync)


@click.group("sync")
def sync() -> None:
    """Read other platforms, compare with them, and see how it stands."""


@sync.command("status")
@as_json
def status(*, is_json: bool) -> None:
    """Print every platform: cursor, lag, what was refused, whether it is paused."""
    composition, _ = _ready()
    with composition.database.reading() as session:
        rows = [
            {
                "source": source.id,
                "cursor": source.cursor,
                "newest_at": source.newest_at,
                "last_ok": source.last_ok,
                "last_error": source.last_error,
                "dead": dead.count_open_dead(session, source.id),
                "paused": source.paused_reason if source.paused else None,
            }
            for source in sources.list_sources(session)
        ]
    if is_json:
        dump(rows)
        return
    for row in rows:
        state = f"paused: {row['paused']}" if row["paused"] else f"last read {row['last_ok']}"
        error = f"; {row['last_error']}" if row["last_error"] else ""
        say(f"{row['source']}: {state}; {row['dead']} refused; cursor {row['cursor']}{error}")


@sync.command("run")
@click.argument("source")
@as_json
def run(source: str, *, is_json: bool) -> None:
    """Read SOURCE now, from where reading stopped."""
    composition, known = _ready()
    _note(composition, "sync_run", source)
    _read(known, source, None, is_json=is_json)


@sync.command("replay")
@click.argument("source")
@click.option("--from", "cursor", required=True, help="A cursor of theirs, such as a time.")
@as_json
def replay(source: str, cursor: str, *, is_json: bool) -> None:
    """Read SOURCE again from a cursor; what is known already stays as it is."""
    composition, known = _ready()
    _note(composition, "sync_replayed", source, cursor)
    _read(known, source, cursor, is_json=is_json)


@sync.command("compare")
@click.argument("source")
@as_json
def compare(source: str, *, is_json: bool) -> None:
    """Compare the last 35 days of SOURCE with what is known here."""
    composition, known = _ready()
    try:
        differences = known.comparing(source).run(now=composition.clock.now())
    except SourceFailed as error:
        fail(str(error))
    except HangjiError as error:
        fail(error.message)
    if is_json:
        dump({"source": source, "differences": differences})
    else:
        say(f"{source}: {differences} differences in 35 days")


def _ready() -> tuple[Composition, Platforms]:
    composition = ready_machine()
    try:
        known = platforms(composition)
    except SettingsError as error:
        fail(error.message)
    composition.database.run(known.register)
    return composition, known


def _read(known: Platforms, source: str, cursor: str | None, *, is_json: bool) -> None:
    try:
        counts = known.pulling(source).run(replay_from=cursor)
    except HangjiError as error:
        fail(error.message)
    if is_json:
        dump(dict(counts))
        return
    told = ", ".join(f"{name} {n}" for name, n in sorted(counts.items()) if n) or "nothing read"
    say(f"{source}: {told}")


def _note(composition: Composition, action: str, source: str, cursor: str | None = None) -> None:
    with composition.database.transaction() as session:
        add_audit(
            session,
            at=composition.clock.now(),
            actor=COMMAND_LINE,
            action=action,
            subject_kind="sync",
            subject=source,
            data={} if cursor is None else {"from": cursor},
        )
