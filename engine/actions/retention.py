"""Personal data of closed cases whose period is over: deleted, and the file says that they were."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from engine.run.record import Act, Entry, write_entry
from storage.cases import attachments, cases
from storage.cases.columns import BLANK_CASE
from storage.city.retention import IDENTITY, PHOTOS, TEXT
from storage.database.session import Session
from storage.people import personal, vault
from storage.people.personal import Value

ERASED = "personal_data_erased"
_COLUMN_PATH = 2


def erase(
    session: Session, case_id: int, *, kinds: Collection[str], by: str, now: datetime
) -> list[str]:
    """Delete personal data of a closed case; return the digests of its photos that went.

    One that was reopened meanwhile keeps everything. The case file names the kinds, never values.
    """
    main = [one for one in cases.list_processes(session, case_id) if one.asked_by is None][-1]
    locked = cases.lock_case_for_step(session, running_id=main.id)
    if locked.case.status != "closed":
        return []
    digests: list[str] = []
    changes: dict[str, Any] = {}
    if TEXT in kinds:
        changes = _blanks(personal.list_values(session, case_id))
        personal.delete_values(session, case_id)
    if PHOTOS in kinds:
        digests = attachments.delete_public(session, case_id)
    if IDENTITY in kinds:
        number = locked.case.number
        vault.remove_identity(session, number, actor=by, reason=ERASED, at=now)
    entry = Entry(Act(ERASED, {"kinds": sorted(kinds)}, None), case_changes=changes)
    write_entry(session, locked, None, entry, actor=None, now=now)
    return digests


def _blanks(values: Collection[Value]) -> dict[str, Any]:
    """Columns of the case that hold the same values, as they are in a case without them."""
    of_columns = [one.path for one in values if len(one.path) == _COLUMN_PATH]
    columns = {str(name) for place, name in of_columns if place == "case"}
    return {name: BLANK_CASE[name] for name in columns}
