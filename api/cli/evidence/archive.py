"""The command that writes old cases as files, and reads one of them again."""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import click

from api.cli.evidence.cases import print_entries
from api.cli.machine import ready_machine
from api.cli.terminal import WRONG_USE, as_json, counted, dump, end, fail, say
from api.composition import Composition
from api.settings import signing_keys_file
from api.uploads import blobs
from engine.casefile import archive as archives
from engine.casefile.archive import Archived, NotWholeError
from engine.casefile.export import gather
from engine.casefile.signing import Key, read_keys
from storage.cases.cases import get_case
from storage.cases.events import Head, list_closed_heads
from storage.moments import CHINA

_AT_ONCE: Final = 200
"""Cases between two writings of the list: what a kill may have to do again."""


def add_to(group: click.Group) -> None:
    """Register the command with the main group."""
    group.add_command(archive)


@click.command("archive")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--before", type=click.DateTime(("%Y-%m-%d",)), help="Cases closed before this day.")
@click.option("--show", "number", help="Print the case of this number from the archive.")
@as_json
def archive(folder: Path, before: datetime | None, number: str | None, *, is_json: bool) -> None:
    """Write closed cases of old as files that verify into FOLDER, or print one of them.

    Running it again adds what is new. Nothing is removed from the database.
    """
    if number is not None:
        _show(folder, number)
        return
    if before is None:
        fail("Say --before DATE, or --show NUMBER.", status=WRONG_USE)
    composition = ready_machine()
    key = composition.signing_key()
    if key is None:
        fail("There is no key to sign the files with: run `hangji keys new`.", status=WRONG_USE)
    folder.mkdir(parents=True, exist_ok=True)
    kept, broken = _write(composition, folder, before.replace(tzinfo=CHINA), key)
    composition.database.close()
    if is_json:
        dump({"written": kept, "broken": broken, "in_folder": len(archives.read_index(folder))})
    else:
        say(f"{kept} cases written, {len(archives.read_index(folder))} in {folder}")
        for fault in broken:
            say(f"not written: {fault}")
    end(is_fine=not broken)


def _write(
    composition: Composition, folder: Path, before: datetime, key: Key
) -> tuple[int, list[str]]:
    known, kept, broken = archives.read_index(folder), 0, list[str]()
    with composition.database.reading() as session:
        wanted = [
            case_id
            for case_id, head in list_closed_heads(session, before=before)
            if not _is_kept(known.get(head.number), head)
        ]
    for case_id in counted(wanted, "old cases"):
        try:
            archived = _keep(composition, folder, case_id, key)
            known[archived.number] = archived
            kept += 1
        except NotWholeError as fault:
            broken.append(str(fault))
        if kept % _AT_ONCE == 0:
            archives.write_index(folder, known)
    archives.write_index(folder, known)
    return kept, broken


def _is_kept(archived: Archived | None, head: Head) -> bool:
    """Whether the folder has the case as it stands; one reopened since is written again."""
    return archived is not None and archived.head_hash == head.head_hash


def _keep(composition: Composition, folder: Path, case_id: int, key: Key) -> Archived:
    with composition.database.reading() as session:
        case = get_case(session, case_id)
        now = composition.clock.now()
        file = gather(session, case, now=now, exported_by="command line")
    return archives.keep(file, folder, blob=partial(blobs.get, composition.blobs), key=key)


def _show(folder: Path, number: str) -> None:
    """Print an archived case; only the folder and the keys are needed, no database."""
    path = archives.find(folder, number)
    if path is None:
        fail(f"{folder} has no case {number}. 归档中没有这个案件。")
    try:
        lines = list(archives.lines_of(path, keys=read_keys(signing_keys_file())))
    except NotWholeError as fault:
        fail(f"{path}: {fault}")
    say(f"{number}  {path}")
    print_entries(lines)
