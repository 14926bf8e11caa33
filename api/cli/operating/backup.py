"""Commands that keep an installation safe: back it up, restore it."""

from dataclasses import asdict
from pathlib import Path

import click

from api import backups
from api.cli.machine import machine, ready_machine
from api.cli.terminal import as_json, counted, dump, fail, hint, say
from api.composition import Composition
from engine.casefile.signing import read_keys
from storage.errors import HangjiError

NUMBERS_SKIPPED = 10_000


def add_to(group: click.Group) -> None:
    """Register the commands with the main group."""
    for command in (backup, restore):
        group.add_command(command)


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@as_json
def backup(folder: Path, *, is_json: bool) -> None:
    """Write a backup of database and photos into FOLDER while everything goes on working.

    FOLDER keeps one dated folder a backup; photos are stored once for all of them. Keys are not in
    it: keep the secrets and the signing keys elsewhere.
    """
    composition = ready_machine()
    try:
        made = backups.make(
            _installation(composition),
            folder,
            key=composition.signing_key(),
            now=composition.clock.now(),
            progress=counted,
        )
    except HangjiError as error:
        fail(error.message)
    if is_json:
        dump(asdict(made))
        return
    say(f"{made.folder}: {made.cases} cases, {made.photos} photos")
    if made.lost_photos:
        say(f"{made.lost_photos} photos are named in cases but not in the store any more")
    say(f"signed with key {made.signed_by}" if made.signed_by else "not signed: no key was made")
    say("Keys are not part of a backup: keep the secrets and the signing keys elsewhere.")


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--skip-numbers",
    type=click.IntRange(min=0),
    default=NUMBERS_SKIPPED,
    show_default=True,
    help="Case numbers to leave out: more than were given since the backup.",
)
@as_json
def restore(folder: Path, skip_numbers: int, *, is_json: bool) -> None:
    """Restore the newest backup of FOLDER, or the one FOLDER is, into an empty database.

    Every case file is proved again. Numbers given after the backup were made known outside, so
    some are left out: no number and no query code comes twice.
    """
    composition = machine()
    is_one = (folder / backups.MANIFEST).is_file()
    try:
        done = backups.restore(
            folder if is_one else backups.newest_in(folder),
            _installation(composition),
            keys=read_keys(composition.settings.signing_keys_file),
            skip=skip_numbers,
            progress=counted,
        )
    except HangjiError as error:
        fail(error.message)
    if done.is_other_vault_key:
        hint("The vault key is not the one of the backup: sealed identities cannot be read.")
    if is_json:
        dump(asdict(done))
        return
    say(f"backup of {done.made_at}: {done.cases} case files proved, {done.photos} photos")
    say("authenticated by its signature" if done.doubt is None else f"consistent, but {done.doubt}")
    say(f"the next {done.skipped_numbers} case numbers are left out")


def _installation(composition: Composition) -> backups.Installation:
    return backups.Installation(composition.database, composition.blobs, composition.vault_keys)
