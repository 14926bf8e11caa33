"""The published matter list; which matter goes where is decided by `bpmn/matters.dmn`."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from sqlalchemy import insert, select, update

from storage.database.session import Session
from storage.errors import FormInvalid, NotFound
from storage.tables import matter

OTHER = "other"
"""The value in a form for a matter that is not on the list; it goes to triage."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter of the list, as `city/<name>/matters.csv` has it."""

    code: str
    name_zh: str
    name_en: str
    applies_to: str
    accepting_party: str
    accepting_level: str
    priority: str
    law: str | None
    photo_required: bool
    deadline_profile: str
    guide: str | None
    repeat_rule: str | None
    note: str | None
    sort: int

    @property
    def is_emergency(self) -> bool:
        """Whether everybody responsible is alerted as soon as it is filed (A11)."""
        return self.accepting_party == "EMERGENCY"


_FIELDS = tuple(matter.c[field.name] for field in fields(Matter))


def find_matter(session: Session, code: str) -> Matter | None:
    """Find a matter by its code."""
    row = session.execute(select(*_FIELDS).where(matter.c.code == code)).first()
    return None if row is None else Matter(*row)


def get_matter(session: Session, code: str) -> Matter:
    """Get a matter by its code; NotFound otherwise."""
    found = find_matter(session, code)
    if found is None:
        message = f"事项清单里没有 {code}。"
        raise NotFound(message, code="unknown_matter")
    return found


def read_matter(session: Session, given: str | None) -> Matter | None:
    """Read the matter a form names: None for `other` and for none; FormInvalid when unknown."""
    if given in (None, OTHER):
        return None
    found = find_matter(session, str(given))
    if found is None:
        raise FormInvalid.at("matter", "事项清单里没有这个事项；拿不准的请选“其他”。")
    return found


def list_matters(session: Session) -> list[Matter]:
    """List the published matters in their order."""
    return [Matter(*row) for row in session.execute(select(*_FIELDS).order_by(matter.c.sort))]


def put_matters(session: Session, matters: Iterable[Matter]) -> int:
    """Add or update matters; return the number of changes."""
    known = {known_matter.code: known_matter for known_matter in list_matters(session)}
    changed = 0
    for given in matters:
        if known.get(given.code) == given:
            continue
        changed += 1
        if given.code in known:
            session.execute(
                update(matter).where(matter.c.code == given.code).values(**asdict(given))
            )
        else:
            session.execute(insert(matter).values(**asdict(given)))
    return changed
