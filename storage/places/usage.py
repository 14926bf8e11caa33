"""Whether anything refers to an area, and the removal of one that nothing refers to."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import delete, exists, or_, select

from storage.database.session import Session
from storage.places.areas import valid_on
from storage.tables import area, business, case_, post, town_jurisdiction


def names_of(session: Session, codes: Iterable[str], *, on: date) -> dict[str, str]:
    """Return the names of areas by their codes, as they are on a day; unknown ones are left out."""
    rows = session.execute(
        select(area.c.code, area.c.name).where(area.c.code.in_(list(codes)), valid_on(on))
    )
    return {row.code: row.name for row in rows}


def is_used(session: Session, code: str) -> bool:
    """Whether an area has areas below it, or businesses, cases or posts in it."""
    references = (
        area.c.parent == code,
        business.c.area_code == code,
        case_.c.area_code == code,
        post.c.place == code,
        town_jurisdiction.c.town_code == code,
    )
    question = select(or_(*(exists().where(reference) for reference in references)))
    return bool(session.execute(question).scalar())


def remove_area(session: Session, code: str) -> None:
    """Remove an area as if it had never been there."""
    session.execute(delete(area).where(area.c.code == code))
