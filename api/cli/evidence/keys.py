"""Commands about the keys that sign what is exported: make one, list them."""

import click

from api.cli.terminal import as_json, dump, say, table
from api.settings import signing_keys_file
from engine.casefile.signing import add_key, newest, read_keys
from engine.time.clock import SystemClock


def add_to(group: click.Group) -> None:
    """Register the commands with the main group."""
    group.add_command(keys)


@click.group("keys")
def keys() -> None:
    """Make and list the keys that sign exported case files and lists of heads."""


@keys.command("new")
@as_json
def make(*, is_json: bool) -> None:
    """Make a key that signs from now on; what older keys signed stays authentic."""
    key = add_key(signing_keys_file(), at=SystemClock().now())
    if is_json:
        dump({"key": key.id, "public": key.public, "made_at": key.made_at})
        return
    say(f"key {key.id} signs from now on")
    say(f"public key {key.public}")
    say("Publish the public key where those who get case files look for it.")


@keys.command("list")
@as_json
def show(*, is_json: bool) -> None:
    """List the keys whose signatures this installation believes, oldest first."""
    known = read_keys(signing_keys_file())
    signing = newest(known)
    rows = [
        {"key": key.id, "public": key.public, "made_at": key.made_at, "signs": key is signing}
        for key in known
    ]
    if is_json:
        dump(rows)
    else:
        table(("key", "public key", "made at", "signs"), [tuple(row.values()) for row in rows])
