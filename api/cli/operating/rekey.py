"""The command that changes the key reporters' identities and webhooks are sealed with."""

from collections import Counter

import click

from api.cli.machine import ready_machine
from api.cli.terminal import as_json, counted, dump, fail, say
from storage.feed import webhooks
from storage.people import seals, vault

CHUNK = 200
"""Identities sealed in one transaction: an interrupted run goes on with what is left."""


def add_to(group: click.Group) -> None:
    """Register the commands with the main group."""
    group.add_command(rekey)


@click.command("rekey")
@as_json
def rekey(*, is_json: bool) -> None:
    """Seal identities and secrets of webhooks with the newest vault key; all goes on meanwhile.

    HANGJI_VAULT_KEY lists the new key first and the former ones after it, on every machine that
    serves. An interrupted run goes on where it stopped. Afterwards the former keys may go.
    """
    composition = ready_machine()
    database, known = composition.database, composition.vault_keys
    ids = [seals.key_id(key) for key in known]
    with database.reading() as session:
        sealed = Counter(vault.count_by_key(session)) + Counter(webhooks.count_by_key(session))
        unknown = {name: n for name, n in sealed.items() if name not in ids}
        waiting = vault.list_sealed_with(session, ids[1:])
    chunks = [waiting[place : place + CHUNK] for place in range(0, len(waiting), CHUNK)]
    resealed = 0
    for chunk in counted(chunks, "sealing identities"):
        with database.transaction() as session:
            resealed += vault.reseal(session, chunk, keys=known, at=composition.clock.now())
    with database.transaction() as session:
        webhooks.reseal(session, keys=known, at=composition.clock.now())
    database.close()
    if is_json:
        dump({"key": ids[0], "resealed": resealed, "unknown": unknown})
    else:
        say(f"{resealed} identities sealed again; key {ids[0]} opens them")
    if unknown:
        named = ", ".join(f"{name} ({number})" for name, number in sorted(unknown.items()))
        fail(f"Sealed with keys that HANGJI_VAULT_KEY does not list: {named}. Add them and repeat.")
