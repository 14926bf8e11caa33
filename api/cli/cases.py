"""Commands about single cases: print a case file, verify an exported one."""

from dataclasses import asdict
from pathlib import Path

import click
import orjson

from api.cli.machine import ready_machine
from api.cli.terminal import as_json, dump, end, fail, say, table
from engine.casefile.export import gather, to_json
from engine.casefile.proof import Proof
from engine.casefile.proof import verify as prove
from storage.cases import cases, events
from storage.cases.events import CaseEvent
from storage.moments import CHINA


def add_to(group: click.Group) -> None:
    """Hang the commands below the main one."""
    group.add_command(show)
    group.add_command(verify)


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
        click.echo(to_json(file))
    else:
        say(f"{case.number}  {case.title}")
        say(f"{case.status} · {case.phase} · {case.outcome or '-'} · {case.owner_post or '-'}")
        table(("seq", "at", "actor", "kind", "what"), [_line(one) for one in file.events])
        say("chain: whole" if fault is None else f"chain: row {fault.seq}: {fault.reason}")
    end(is_fine=fault is None)


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--head", help="Head hash known from elsewhere, to compare with.")
@as_json
def verify(file: Path, head: str | None, *, is_json: bool) -> None:
    """Check an exported case file (zip or JSON), offline; names the first broken row."""
    proof = prove(file, head=head)
    if is_json:
        dump({**asdict(proof), "whole": proof.is_whole})
    else:
        _tell(file, proof)
    end(is_fine=proof.is_whole)


def _tell(file: Path, proof: Proof) -> None:
    if not proof.is_whole:
        say(f"{file.name}: 不完整 / BROKEN - {proof.place}: {proof.reason}")
        return
    say(f"{file.name}: 完整 / whole")
    say(f"case {proof.number}, {proof.entries} entries, {proof.files} files")
    say(f"exported {proof.exported_at} by {proof.exported_by}")
    say(f"head {proof.head_hash}")
    for one in proof.lost:
        say(f"attachment {one} was lost before the export")


def _line(event: CaseEvent) -> tuple[str, ...]:
    at = event.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
    return (str(event.seq), at, event.actor, event.kind, _gist(event))


def _gist(event: CaseEvent) -> str:
    """What an entry says in one line: everything but what the engine needs to replay it."""
    kept = {
        name: value
        for name, value in event.data.items()
        if name not in {"running", "passed", "opened", "closed", "cancelled", "case", "digest"}
        and value not in (None, [], {})
    }
    return orjson.dumps(kept).decode()
