"""Commands about published versions: which there are, and back to a former one."""

from collections.abc import Iterable
from dataclasses import asdict

import click

from api import deploying
from api.cli.machine import ready_machine
from api.cli.terminal import as_json, dump, say, table
from api.composition import Composition
from storage.processes import definitions


def add_to(group: click.Group) -> None:
    """Register the commands with the main group."""
    for command in (versions, rollback):
        group.add_command(command)


@click.command("versions")
@click.argument("process", required=False)
@click.option("--history", is_flag=True, help="List each time a version was put in force instead.")
@as_json
def versions(process: str | None, *, history: bool, is_json: bool) -> None:
    """List the versions of PROCESS, default all: state, since when, cases running on each."""
    composition = ready_machine()
    if history:
        _list_releases(composition, process, is_json=is_json)
        return
    with composition.database.reading() as session:
        listed = deploying.list_versions(session, process, now=composition.clock.now())
    if is_json:
        dump([asdict(version) for version in listed])
        return
    heads = ("process", "version", "state", "digest", "since", "by", "running", "accepted")
    rows = [
        (
            version.process,
            version.version,
            version.state,
            version.digest,
            "-" if version.since is None else version.since.isoformat(timespec="seconds"),
            version.publisher or "-",
            version.running,
            _once(version.accepted),
        )
        for version in listed
    ]
    table(heads, rows)


def _once(accepted: Iterable[str]) -> str:
    """Several scenarios may break at the same element."""
    return "; ".join(dict.fromkeys(accepted)) or "-"


def _list_releases(composition: Composition, process: str | None, *, is_json: bool) -> None:
    with composition.database.reading() as session:
        releases = definitions.list_releases(session, process)
    if is_json:
        dump([release._asdict() for release in releases])
        return
    heads = ("process", "version", "digest", "since", "by", "at", "accepted")
    rows = [
        (
            release.process_id,
            release.version,
            release.digest,
            release.effective_from.isoformat(timespec="seconds"),
            release.publisher,
            release.released_at.isoformat(timespec="seconds"),
            _once(release.accepted or ()),
        )
        for release in releases
    ]
    table(heads, rows)


@click.command("rollback")
@click.argument("process")
@click.option("--to", "version", type=click.IntRange(min=1), required=True, help="The version.")
@click.option("--by", default="command line", help="Who decides it, for the record.")
@as_json
def rollback(process: str, version: int, by: str, *, is_json: bool) -> None:
    """Let new cases of PROCESS take a former version, also a retired one."""
    composition = ready_machine()
    now = composition.clock.now()
    with composition.database.transaction() as session:
        done = deploying.roll_back(session, process, version, by=by, now=now)
    if is_json:
        dump(asdict(done))
        return
    say(f"新的案件走 {process} 第 {done.version} 版；在办的不动。")
    say(f"New cases of {process} take version {done.version}; running cases keep theirs.")
