"""The command that deletes personal data whose period is over."""

import click

from api import retaining
from api.cli.machine import ready_machine
from api.cli.terminal import as_json, counted, dump, fail, hint, say, table
from storage.city.retention import read_periods
from storage.errors import Refused


def add_to(group: click.Group) -> None:
    """Register the commands with the main group."""
    group.add_command(retain)


@click.command("retain")
@click.option("--dry-run", is_flag=True, help="Count what is past its period, delete nothing.")
@as_json
def retain(*, dry_run: bool, is_json: bool) -> None:
    """Delete personal data past the periods of the city's retention.csv.

    Case files keep their entries and verify as before; each says which kinds were deleted. What
    backups hold goes with them.
    """
    composition = ready_machine()
    try:
        periods = read_periods(composition.settings.city_folder)
    except Refused as error:
        fail(error.message)
    with composition.database.reading() as session:
        due = retaining.list_due(session, periods, now=composition.clock.now())
    if not dry_run:
        done = retaining.retain(composition, due, progress=counted)
        if not done.is_compact:
            hint("The SQLite file is busy, deleted pages are still in it: stop the server, repeat.")
    composition.database.close()
    if is_json:
        dump({"dry_run": dry_run, "due": {one.period.kind: one.count for one in due}})
        return
    rows = [
        (one.period.kind, one.period.name_zh, one.period.days, one.before.date(), one.count)
        for one in due
    ]
    table(("kind", "种类", "days", "before", "due" if dry_run else "deleted"), rows)
    if dry_run:
        say("试运行，没有删除任何内容。A dry run: nothing was deleted.")
