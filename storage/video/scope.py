"""Who may know of quotas and of what was watched; one rule for lists, items and counts.

Units with a quota, the city bureau and supervisors see all of it; stations and county bureaus what
was watched in their areas. Nobody sees their own business's.
"""

from typing import Final

from sqlalchemy import ColumnElement, and_

from storage.database.session import Session
from storage.people.actors import Actor
from storage.people.scope import under_areas
from storage.places.units import towns_of
from storage.tables import business, video_patrol
from storage.video.rules import QUOTAS

OVERSEERS: Final = frozenset({"city", "supervisor"})
OF_AREA: Final = frozenset({"station", "county"})


def units_of(actor: Actor) -> list[str]:
    """Return the units with a quota an actor belongs to."""
    return [unit for unit in QUOTAS if unit in actor.roles]


def sees_quotas(actor: Actor) -> bool:
    """Whether an actor may know what units owe."""
    return bool(units_of(actor) or actor.roles & OVERSEERS)


def sees_patrols(actor: Actor) -> bool:
    """Whether an actor may know of any video patrol."""
    return sees_quotas(actor) or bool(actor.roles & OF_AREA)


def visible_video_patrol(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Filter video patrols joined with their business, as an actor may see them."""
    elsewhere = video_patrol.c.business_id != (actor.business_id or 0)
    if sees_quotas(actor):
        return elsewhere
    units = [post.place for post in actor.posts if post.role in OF_AREA]
    towns = [town for unit in units for town in towns_of(session, unit)]
    return and_(elsewhere, under_areas(business.c.area_code, towns))
