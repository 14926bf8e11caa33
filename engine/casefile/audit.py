"""A day of the audit log as one signed document, and whether one is as it was exported."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from engine.casefile.signing import Key, Signed, check
from engine.casefile.verdict import Verdict
from storage.audit.log import AuditEvent, as_entry, find_break
from storage.moments import canonical, to_text

__all__ = ["FORMAT", "AuditProof", "prove", "write"]

FORMAT: Final = "hangji-audit"
VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditProof(Verdict):
    """The content of an exported day, and its first deviation from what was exported."""

    day: str = ""
    unsealed: int = 0
    """The number of acts not yet part of the chain at the export."""


def write(
    events: Sequence[AuditEvent],
    *,
    day: date,
    unsealed: int,
    at: datetime,
    by: str,
    key: Key | None,
) -> bytes:
    """Write a day as one JSON document; signed where the installation has a key.

    Its first entry carries the last hash of the day before, so that days kept elsewhere link up.
    """
    document = {
        "format": FORMAT,
        "version": VERSION,
        "day": day.isoformat(),
        "exported_at": to_text(at),
        "exported_by": by,
        "unsealed": unsealed,
        "head_hash": events[-1].hash if events else None,
        "entries": [as_entry(event) for event in events],
    }
    return canonical(document if key is None else key.signed(document)).encode()


def prove(document: Mapping[str, Any], keys: Iterable[Key]) -> AuditProof:
    """Check a document that `write` wrote, offline."""
    try:
        broken, signed = _broken(document), check(document, keys)
        entries, head = len(document["entries"]), str(document["head_hash"])
    except (AttributeError, KeyError, TypeError, ValueError):
        # A forger may put anything anywhere; what cannot be read proves nothing.
        broken, signed = ("document", "it is not built like a day of the audit log"), Signed()
        entries, head = 0, ""
    if broken is None and signed.is_broken:
        broken = ("signature", str(signed.doubt))
    place, reason = broken or (None, None)
    return AuditProof(
        day=str(document.get("day")),
        entries=entries,
        unsealed=_number(document.get("unsealed")),
        head_hash=head,
        exported_at=str(document.get("exported_at")),
        exported_by=str(document.get("exported_by")),
        key=signed.key,
        doubt=signed.doubt,
        place=place,
        reason=reason,
    )


def _broken(document: Mapping[str, Any]) -> tuple[str, str] | None:
    entries = document["entries"]
    broken = find_break(entries)
    if broken is not None:
        return f"entry {broken[0]}", broken[1]
    last = entries[-1]["hash"] if entries else None
    if document["head_hash"] != last:
        return "head_hash", "it is not the hash of the last entry"
    return None


def _number(given: object) -> int:
    return given if isinstance(given, int) else 0
