"""Platform centres (R67): one for an area, and the units of the department that work with it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, insert, or_, select, update

from storage.database.session import Session
from storage.people.staffing import add_post
from storage.tables import platform_center, platform_pairing

CENTER_ROLE = "platform_center"


@dataclass(frozen=True, slots=True)
class PlatformCenter:
    """The platform centre of an area, its post, and who is paired with it."""

    area_code: str
    level: str
    name: str
    post_id: str
    unit: str | None = None


_CENTERS: Select[Any] = select(
    platform_center.c.area_code,
    platform_center.c.level,
    platform_center.c.name,
    platform_center.c.post_id,
)


def list_pairings(session: Session) -> list[PlatformCenter]:
    """List every unit with its centre, in order of unit; a centre with no unit comes last."""
    question = (
        _CENTERS.add_columns(platform_pairing.c.unit)
        .outerjoin(platform_pairing, platform_pairing.c.center == platform_center.c.area_code)
        .order_by(platform_pairing.c.unit.is_(None), platform_pairing.c.unit)
    )
    return [PlatformCenter(*row) for row in session.execute(question)]


def find_center(session: Session, unit: str) -> PlatformCenter | None:
    """Find the centre a unit works with; of a department of an area, the centre of that area."""
    paired = select(platform_pairing.c.center).where(platform_pairing.c.unit == unit)
    here = platform_center.c.area_code
    question = _CENTERS.where(or_(here.in_(paired), here == unit))
    row = session.execute(question.order_by(func.length(here).desc()).limit(1)).first()
    if row is None:
        return None
    return PlatformCenter(row.area_code, row.level, row.name, row.post_id, unit)


def put_center(session: Session, area_code: str, level: str, name: str) -> bool:
    """Add a centre with its post, or rename it; return whether anything changed."""
    where = platform_center.c.area_code == area_code
    known = session.execute(select(platform_center.c.name).where(where)).scalar()
    if known == name:
        return False
    if known is not None:
        session.execute(update(platform_center).where(where).values(name=name))
        return True
    post = add_post(session, CENTER_ROLE, area_code, title=name)
    session.execute(
        insert(platform_center).values(area_code=area_code, level=level, name=name, post_id=post.id)
    )
    return True


def put_pairing(session: Session, unit: str, center: str) -> bool:
    """Pair a unit with a centre; return whether anything changed."""
    where = platform_pairing.c.unit == unit
    known = session.execute(select(platform_pairing.c.center).where(where)).scalar()
    if known == center:
        return False
    if known is None:
        session.execute(insert(platform_pairing).values(unit=unit, center=center))
    else:
        session.execute(update(platform_pairing).where(where).values(center=center))
    return True
