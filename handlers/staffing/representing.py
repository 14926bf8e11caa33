"""Businesses that hold grid posts, and the people who act for them (R54)."""

from dataclasses import dataclass
from datetime import datetime

from storage.database.session import Session
from storage.people.actors import Actor
from storage.people.roles import ROLES
from storage.places.levels import town_of
from storage.places.units import list_jurisdictions, list_units
from storage.registry.businesses import Business, list_in_post
from storage.staffing.people import list_representatives


@dataclass(frozen=True, slots=True)
class PostedBusiness:
    """One business with its posts (id, title) and its representatives (id, name, telephone)."""

    business: Business
    posts: list[tuple[str, str]]
    people: list[tuple[int, str, str | None]]


@dataclass(frozen=True, slots=True)
class PostedBusinesses:
    """The businesses of the towns one bureau answers for."""

    name: str
    businesses: list[PostedBusiness]


def posted_businesses(
    session: Session, *, actor: Actor, area: str | None, now: datetime
) -> list[PostedBusinesses]:
    """List the businesses of an actor's areas that hold a grid post, by bureau."""
    wanted = [code for code in actor.prefixes if area is None or code.startswith(area)]
    if area is not None and area.startswith(actor.prefixes or ("-",)):
        wanted = [area]
    found = list_in_post(session, wanted, at=now)
    people: dict[int, list[tuple[int, str, str | None]]] = {}
    posts: dict[int, dict[str, str]] = {}
    for person in list_representatives(session, [one.id for one in found], at=now):
        ident = person.business_id or 0
        people.setdefault(ident, []).append((person.id, person.name, person.phone))
        for held in person.holdings:
            if ROLES[held.role].tier == "grid" and held.is_current(now):
                posts.setdefault(ident, {})[held.post_id] = held.title
    bureaus = {one.town_code: one.jurisdiction_code for one in list_jurisdictions(session)}
    names = {unit.code: unit.name for unit in list_units(session)}
    parts: dict[str, list[PostedBusiness]] = {}
    for one in found:
        bureau = bureaus.get(town_of(one.area_code), "")
        shown = PostedBusiness(one, sorted(posts.get(one.id, {}).items()), people.get(one.id, []))
        parts.setdefault(bureau, []).append(shown)
    return [PostedBusinesses(names.get(code, code), every) for code, every in sorted(parts.items())]
