"""Commands about the audit log: export a day, and check an exported one."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import orjson

from api.cli.evidence.verdicts import conclude
from api.cli.machine import ready_machine
from engine.background.scheduler import seal_audit
from engine.casefile import audit as audit_days
from engine.casefile.signing import Key
from storage.audit import log
from storage.moments import start_of

_LARGEST = 1 << 30


def add_to(group: click.Group) -> None:
    """Register the command with the main group."""
    group.add_command(audit)


@click.command("audit")
@click.argument("day", type=click.DateTime(("%Y-%m-%d",)))
def audit(day: datetime) -> None:
    """Write the acts of DAY as one signed document, to be kept elsewhere (daily, say).

    `hangji verify FILE` notices an entry that was changed, taken out or put in afterwards.
    """
    composition, since = ready_machine(), start_of(day.date())
    seal_audit(composition.database)
    with composition.database.transaction() as session:
        log.add_audit(
            session,
            at=composition.clock.now(),
            actor=log.COMMAND_LINE,
            action="audit_exported",
            subject_kind="day",
            subject=day.date().isoformat(),
        )
        document = audit_days.write(
            log.list_sealed(session, since=since, until=since + timedelta(days=1)),
            day=day.date(),
            unsealed=log.count_unsealed(session),
            at=composition.clock.now(),
            by=log.COMMAND_LINE,
            key=composition.signing_key(),
        )
    click.echo(document)


def audit_day(file: Path) -> Mapping[str, Any] | None:
    """Read an exported day of the audit log, None when the file is something else."""
    try:
        if file.stat().st_size > _LARGEST:
            return None
        document = orjson.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    is_day = isinstance(document, dict) and document.get("format") == audit_days.FORMAT
    return document if is_day else None


def conclude_day(
    file: Path, document: Mapping[str, Any], keys: Iterable[Key], *, is_json: bool
) -> None:
    """Print what a day proves; ends with 0 only when it is whole and signed with a known key."""
    proof = audit_days.prove(document, keys)
    facts = [f"audit log of {proof.day}, {proof.entries} entries, head {proof.head_hash}"]
    if proof.unsealed:
        facts.append(f"{proof.unsealed} acts were not sealed yet: export the day again")
    conclude(file, proof, facts, is_json=is_json)
