"""Who gets copies of what is supervised: who answers for the unit, and its platform centre."""

from datetime import datetime

from sqlalchemy import select

from storage.database.session import Session
from storage.errors import NotFound
from storage.people.posts import list_holder_ids
from storage.places.units import find_unit, get_jurisdiction
from storage.staffing.centers import find_center
from storage.staffing.responsibilities import list_duty_officers
from storage.tables import case_


def list_copied(session: Session, case_id: int, *, at: datetime) -> set[int]:
    """List the officers who get copies of a case under supervision (R66, R67)."""
    question = select(case_.c.owner_area, case_.c.area_code).where(case_.c.id == case_id)
    row = session.execute(question).first()
    if row is None:
        return set()
    unit = _unit_of(session, row.owner_area or row.area_code)
    center = find_center(session, unit)
    paired = set() if center is None else _holders(session, center.post_id, at)
    return list_duty_officers(session, unit, at=at) | paired


def _unit_of(session: Session, place: str) -> str:
    """The unit that answers at a place: itself, or the station of a village, a grid or a unit."""
    if find_unit(session, place) is not None:
        return place
    try:
        return get_jurisdiction(session, place).station_code
    except NotFound:
        return place


def _holders(session: Session, post_id: str, at: datetime) -> set[int]:
    return set(list_holder_ids(session, [post_id], at=at).get(post_id, ()))
