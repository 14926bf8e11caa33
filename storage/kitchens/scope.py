"""Who may know of the cameras and pictures of a kitchen; one rule for lists, items and counts.

The station of the area, the catering section and the emergency centre see pictures; enforcement
sees those that are wanted as evidence. Nobody sees their own business's.
"""

from typing import Final

from sqlalchemy import ColumnElement, and_, not_, or_, select

from storage.database.session import Session
from storage.people.actors import Actor
from storage.people.scope import under_areas
from storage.places.units import towns_of
from storage.tables import camera, snapshot

CITY_WIDE: Final = frozenset({"catering_section", "emergency_center"})
OF_AREA: Final = frozenset({"station"})
OF_EVIDENCE: Final = frozenset({"enforcement"})


def kitchens_of(session: Session, actor: Actor) -> list[str] | None:
    """Return the areas whose kitchens an actor may look into; None for the whole city."""
    if actor.roles & CITY_WIDE:
        return None
    return _towns(session, actor, OF_AREA)


def sees_kitchens(actor: Actor) -> bool:
    """Whether an actor may look into any kitchen at all."""
    return bool(actor.roles & (CITY_WIDE | OF_AREA | OF_EVIDENCE))


def visible_snapshot(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Filter snapshots as an actor may see them."""
    areas = kitchens_of(session, actor)
    own = select(camera.c.id).where(camera.c.business_id == (actor.business_id or 0))
    elsewhere = not_(snapshot.c.camera_id.in_(own))
    if areas is None:
        return elsewhere
    evidence = and_(
        snapshot.c.evidence.is_not(None),
        under_areas(snapshot.c.area_code, _towns(session, actor, OF_EVIDENCE)),
    )
    return and_(or_(under_areas(snapshot.c.area_code, areas), evidence), elsewhere)


def _towns(session: Session, actor: Actor, roles: frozenset[str]) -> list[str]:
    units = [post.place for post in actor.posts if post.role in roles]
    return [town for unit in units for town in towns_of(session, unit)]
