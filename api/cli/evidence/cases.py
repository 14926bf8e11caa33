"""Commands about case files: print one, list all their heads, verify an exported one."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click
import orjson

from api.cli.evidence.audit import audit_day, conclude_day
from api.cli.evidence.verdicts import conclude
from api.cli.machine import ready_machine
from api.cli.terminal import WRONG_USE, as_json, end, fail, say, table
from api.settings import signing_keys_file
from engine.casefile import heads as kept_heads
from engine.casefile.archive import KeptEntry
from engine.casefile.export import gather, to_json
from engine.casefile.proof import Proof
from engine.casefile.proof import verify as prove
from engine.casefile.signing import known_key, read_keys
from storage.cases import cases, events
from storage.cases.events import CaseEvent
from storage.moments import CHINA


def add_to(group: click.Group) -> None:
    """Register the commands with the main group."""
    for command in (show, heads, verify):
        group.add_command(command)


@click.command("case")
@click.argument("number")
@as_json
def show(number: str, *, is_json: bool) -> None:
    """Print the case file of NUMBER; the reporter's identity is not in it."""
    composition = ready_machine()
    with composition.database.reading() as session:
        case = cases.find_case_by_number(session, number)
        if case is None:
            fail(f"There is no case {number}.")
        file = gather(session, case, now=composition.clock.now(), exported_by="command line")
    fault = events.verify(number, file.events)
    if is_json:
        click.echo(to_json(file, key=composition.signing_key()))
    else:
        say(f"{case.number}  {case.title}")
        say(f"{case.status} · {case.phase} · {case.outcome or '-'} · {case.owner_post or '-'}")
        print_entries(file.events)
        say("chain: whole" if fault is None else f"chain: row {fault.seq}: {fault.reason}")
    end(is_fine=fault is None)


@click.command("heads")
@click.option("--since", type=click.DateTime(("%Y-%m-%d",)), help="Only cases with an entry since.")
def heads(since: datetime | None) -> None:
    """Write where every case file ends, signed, to be kept elsewhere (daily, say).

    `hangji verify FILE --heads LIST` notices entries that were cut off or rewritten afterwards.
    """
    composition = ready_machine()
    key = composition.signing_key()
    if key is None:
        fail("There is no key to sign the list with: run `hangji keys new`.", status=WRONG_USE)
    start = None if since is None else since.replace(tzinfo=CHINA)
    with composition.database.reading() as session:
        listed = events.list_heads(session, since=start)
    click.echo(kept_heads.write(listed, key=key, at=composition.clock.now(), since=start))


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--key", "publics", multiple=True, help="Public key to believe; without: this installation's."
)
@click.option("--head", help="Head hash known from elsewhere, to compare with.")
@click.option(
    "--heads",
    "kept",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="List of `hangji heads` kept elsewhere, to compare with.",
)
@as_json
def verify(
    file: Path, publics: tuple[str, ...], head: str | None, kept: Path | None, *, is_json: bool
) -> None:
    """Check an exported case file (zip or JSON) or day of the audit log, offline.

    The first broken row is named.

    Ends with 0 only when the file is authenticated: whole, and signed with a known key.
    """
    known = [known_key(public) for public in publics] or read_keys(signing_keys_file())
    day = audit_day(file)
    if day is not None:
        conclude_day(file, day, known, is_json=is_json)
        return
    proof = prove(file, keys=known, head=head, heads=kept)
    conclude(file, proof, _facts(proof), is_json=is_json)


def _facts(proof: Proof) -> list[str]:
    return [
        f"case {proof.number}, {proof.entries} entries, {proof.files} files",
        f"exported {proof.exported_at} by {proof.exported_by}",
        f"head {proof.head_hash}",
        *(f"attachment {lost} was lost before the export" for lost in proof.lost),
    ]


def print_entries(entries: Iterable[CaseEvent | KeptEntry]) -> None:
    """Print a case file entry by entry."""
    table(("seq", "at", "actor", "kind", "what"), [_line(entry) for entry in entries])


def _line(event: CaseEvent | KeptEntry) -> tuple[str, ...]:
    at = event.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
    return (str(event.seq), at, event.actor, event.kind, _gist(event))


def _gist(event: CaseEvent | KeptEntry) -> str:
    """Return an entry in one line, without the data that only a replay needs."""
    kept = {
        name: value
        for name, value in event.data.items()
        if name not in {"running", "passed", "opened", "closed", "cancelled", "case", "digest"}
        and value not in (None, [], {})
    }
    return orjson.dumps(kept).decode()
