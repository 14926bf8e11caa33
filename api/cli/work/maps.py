"""The map from the command line: outlines of areas from a file, businesses counted again."""

from datetime import datetime
from pathlib import Path

import click

from api.cli.machine import ready_machine
from api.cli.terminal import as_json, dump, fail, say
from handlers.map.boundaries import BoundarySource, import_boundaries
from handlers.map.boundary_files import read_outlines
from storage.audit.log import COMMAND_LINE, add_audit
from storage.errors import FormInvalid
from storage.map import counts
from storage.moments import in_china


def add_to(group: click.Group) -> None:
    """Register the commands with the main group."""
    group.add_command(boundaries)
    group.add_command(recount)


@click.command("boundaries")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="Who drew the outlines.")
@click.option("--review-number", help="The number of the reviewed map (审图号).")
@click.option("--crs", help="wgs84, cgcs2000, gcj02, bd09 or EPSG:N, when the file names none.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="In force since; today otherwise.")
@as_json
def boundaries(
    file: Path,
    *,
    source: str,
    review_number: str | None,
    crs: str | None,
    on: datetime | None,
    is_json: bool,
) -> None:
    """Import the outlines of one level of areas from FILE (GeoJSON, or a Shapefile as zip).

    All of them or none: what does not fit is named, and the former outlines stay.
    """
    composition = ready_machine()
    now = composition.clock.now()
    try:
        outlines = read_outlines(file.read_bytes(), name=file.name, crs=crs)
        since = in_china(now).date() if on is None else on.date()
        drawn = BoundarySource(source, since, review_number)
        with composition.database.transaction() as session:
            done = import_boundaries(session, outlines, drawn)
            add_audit(
                session,
                at=now,
                actor=COMMAND_LINE,
                action="boundaries_imported",
                subject_kind="map",
                subject=file.name,
                data={**done, "source": source},
            )
    except FormInvalid as refused:
        lines = [message for _, message in refused.errors]
        fail("\n".join([*lines, "没有写入任何内容。Nothing was written."]))
    if is_json:
        dump(done)
    else:
        say(f"{done['areas']} {done['level']} outlines since {since}; {done['ended']} ended")


@click.command("recount")
@as_json
def recount(*, is_json: bool) -> None:
    """Count the businesses of every area again from the registry."""
    composition = ready_machine()
    with composition.database.transaction() as session:
        wrong = counts.rebuild(session)
        add_audit(
            session,
            at=composition.clock.now(),
            actor=COMMAND_LINE,
            action="map_recounted",
            subject_kind="map",
            subject="counts",
            data={"wrong": wrong},
        )
    if is_json:
        dump({"wrong": wrong})
    else:
        say(f"{wrong} counts were wrong / 更正了 {wrong} 个数")
