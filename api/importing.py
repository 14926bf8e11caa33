"""Lists a city keeps elsewhere, imported from files: areas, businesses, the calendar, people.

A file is read whole first; when any row is wrong nothing is written and every wrong row is named.
The reading and the rules of each kind are in `storage/imports/`.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from api.identity.passwords import hash_password
from storage.audit.log import COMMAND_LINE, add_audit
from storage.city.categories import read_categories
from storage.city.rules import installed
from storage.database.session import Session
from storage.imports.areas import import_areas
from storage.imports.businesses import import_businesses
from storage.imports.calendar import import_calendar
from storage.imports.columns import COLUMNS, read_names
from storage.imports.people import import_people
from storage.imports.reader import read_table
from storage.imports.rows import Imported, ImportRefusedError
from storage.moments import in_china

__all__ = ["COLUMNS", "ImportRefusedError", "Imported", "import_file"]

Progress = Callable[[Sequence[Any]], Iterable[Any]]


def import_file(
    session: Session,
    kind: str,
    content: bytes,
    *,
    city_folder: Path,
    source: str,
    now: datetime,
    by: str = COMMAND_LINE,
    progress: Progress = list,
) -> Imported:
    """Read a file of a kind and write its rows; what is known already is brought up to date.

    Raises:
        ImportRefusedError: the file or rows of it are wrong, all of them named.
    """
    names = read_names(kind, city_folder / "import_columns.csv")
    table = read_table(content, kind, names)
    match kind:
        case "areas":
            done = import_areas(session, table, on=in_china(now).date())
        case "businesses":
            categories = read_categories(city_folder)
            done = import_businesses(
                session, table, categories, installed().bounds, now=now, progress=progress
            )
        case "calendar":
            done = import_calendar(session, table, names, source=source)
        case _:
            done = import_people(
                session, table, hash_password=hash_password, now=now, progress=progress
            )
    done.warnings[:0] = table.warnings
    counts = {"rows": done.rows, "added": done.added, "changed": done.changed}
    add_audit(
        session,
        at=now,
        actor=by,
        action="imported",
        subject_kind=kind,
        subject=source,
        data={**counts, "sha256": hashlib.sha256(content).hexdigest()},
    )
    return done
