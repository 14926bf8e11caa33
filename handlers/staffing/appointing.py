"""Who appoints whom: departments in their area, up to their own level (R16, R17)."""

from typing import Final

from storage.database.session import Session
from storage.errors import NotAllowed
from storage.people.actors import Actor
from storage.people.posts import Post
from storage.people.roles import ROLES
from storage.places.units import Unit, list_jurisdictions, list_units
from storage.registry.businesses import get_business
from storage.staffing.people import Employee

ADMINISTRATORS: Final = frozenset({"admin_system", "admin_security", "admin_audit"})
"""The three who look after the system and each other, and handle no case."""


def is_administrator(person: Employee) -> bool:
    """Whether somebody holds a post of an administrator."""
    return any(held.role in ADMINISTRATORS for held in person.holdings)


def covers(session: Session, actor: Actor, place: str) -> bool:
    """Whether a place lies in the area of the actor: by its code, a unit by all its towns."""
    if not actor.prefixes:
        return False
    if place.startswith(actor.prefixes):
        return True
    # A bureau has towns, not a county of the tree: a wider place counts by the towns in it.
    towns = [
        served.town_code
        for served in list_jurisdictions(session)
        if place in served.units or (place.isdigit() and served.town_code.startswith(place))
    ]
    return bool(towns) and all(town.startswith(actor.prefixes) for town in towns)


def own_units(session: Session, actor: Actor) -> list[Unit]:
    """List the units whose people the actor keeps: all of them, or those whose towns are theirs."""
    units = list_units(session)
    if keeps_accounts(actor):
        return units
    towns: dict[str, list[str]] = {}
    for served in list_jurisdictions(session):
        for code in served.units:
            towns.setdefault(code, []).append(served.town_code)
    return [
        unit
        for unit in units
        if actor.prefixes
        and towns.get(unit.code)
        and all(town.startswith(actor.prefixes) for town in towns[unit.code])
    ]


def may_choose(session: Session, actor: Actor, person: Employee) -> bool:
    """Whether the actor may appoint this person: one of the areas and units they answer for.

    Who keeps the accounts chooses among all. Others choose whom they employ, who holds a post of
    theirs, and who acts for a business of their areas; never an administrator.
    """
    if keeps_accounts(actor):
        return True
    if is_administrator(person):
        return False
    if person.business_id is not None:
        return get_business(session, person.business_id).area_code.startswith(actor.prefixes)
    places = [held.place for held in person.holdings if held.kind != "substitute"]
    if not places and person.employer_unit is not None:
        places = [person.employer_unit]
    return any(covers(session, actor, place) for place in places)


def is_near(actor: Actor, place: str) -> bool:
    """Whether an area lies in one of the actor's, or around one of them."""
    return any(place.startswith(own) or own.startswith(place) for own in actor.prefixes)


def keeps_accounts(actor: Actor) -> bool:
    """Whether the actor keeps accounts everywhere: a post that appoints and has no area."""
    return any(ROLES[post.role].appoints and not ROLES[post.role].sees_area for post in actor.posts)


def may_appoint(actor: Actor) -> bool:
    """Whether the actor holds a post that appoints."""
    return any(ROLES[post.role].appoints for post in actor.posts)


def may_fill(session: Session, actor: Actor, post: Post) -> bool:
    """Whether the actor may fill this post: in the area, not above the level they appoint at."""
    if keeps_accounts(actor):
        return True
    highest = max((held.rank for held in actor.posts if ROLES[held.role].appoints), default=0)
    return 0 < post.rank <= highest and covers(session, actor, post.place)


def require_filling(session: Session, actor: Actor, post: Post) -> None:
    """Refuse who may not fill this post.

    Raises:
        NotAllowed: the post is of another area, or of a rank above the actor's.
    """
    if not may_fill(session, actor, post):
        message = f"{post.title}不在您可以安排的岗位之内：只能安排本辖区、不高于本级的岗位。"
        raise NotAllowed(message, code="post_not_yours", clause="R16")


def may_manage(session: Session, actor: Actor, person: Employee) -> bool:
    """Whether the actor keeps this account: all its posts are theirs to fill, or else its unit."""
    if person.id == actor.id:
        return False
    if keeps_accounts(actor):
        return True
    if not person.holdings:
        return person.employer_unit is not None and covers(session, actor, person.employer_unit)
    held_posts = (
        Post(held.post_id, held.role, held.place, ROLES[held.role].rank, held.title)
        for held in person.holdings
    )
    return may_appoint(actor) and all(may_fill(session, actor, post) for post in held_posts)


def require_managing(session: Session, actor: Actor, person: Employee) -> None:
    """Refuse who may not keep this account.

    Raises:
        NotAllowed: it is one's own account, or somebody of another department.
    """
    if person.id == actor.id:
        message = "不能给自己办理任免、停用或重置；请由上级或系统管理员办理。"
        raise NotAllowed(message, code="not_oneself")
    if not may_manage(session, actor, person):
        message = f"{person.name}不归您的部门管理：请由其所在部门或系统管理员办理。"
        raise NotAllowed(message, code="person_not_yours", clause="R16")
