"""Whose names an actor may learn by number: who works where they do, and who is on their cases."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select

from storage.database.session import Session
from storage.moments import in_force
from storage.people.actors import Actor
from storage.people.scope import under_area, visible_case
from storage.places.levels import LEVEL_OF_LENGTH, town_of
from storage.places.units import UNIT_COLUMNS, in_unit_of
from storage.tables import case_, holding, officer, org_unit, post, task, town_jurisdiction


def list_known(
    session: Session, officer_ids: Collection[int], *, actor: Actor, at: datetime
) -> set[int]:
    """Return those of these officers whose names are visible to the actor.

    Themselves; who holds a post in the actor's areas or of a place or unit above them; who
    collected a case the actor sees, has a task of it, or did one.
    """
    question = select(officer.c.id).where(
        officer.c.id.in_(sorted(officer_ids)),
        or_(officer.c.id == actor.id, works_near(actor, at), _on_their_cases(actor)),
    )
    return set(session.execute(question).scalars())


def works_near(actor: Actor, at: datetime) -> ColumnElement[bool]:
    """Filter officers: who holds a post in the actor's areas, or of a place or unit above."""
    if not actor.prefixes:
        return false()
    return exists().where(
        holding.c.officer_id == officer.c.id,
        holding.c.post_id == post.c.id,
        in_force(holding, at),
        place_near(actor),
    )


def place_near(actor: Actor) -> ColumnElement[bool]:
    """Filter posts: of a place in the actor's areas, or of a place or unit above them."""
    if not actor.prefixes:
        return false()
    above = {code[:length] for code in actor.prefixes for length in LEVEL_OF_LENGTH}
    towns = or_(
        *(under_area(town_jurisdiction.c.town_code, code) for code in actor.prefixes),
        town_jurisdiction.c.town_code.in_({town_of(code) for code in actor.prefixes}),
    )
    return or_(
        *(under_area(post.c.place, code) for code in actor.prefixes),
        post.c.place.in_(above),
        in_unit_of(post.c.place, towns),
        post.c.place.in_(_units_of_the_city()),
    )


def _units_of_the_city() -> Select[tuple[str]]:
    """The units that are responsible for no single town: they stand above every area."""
    of_a_town = or_(*(unit == org_unit.c.code for unit in UNIT_COLUMNS.values()))
    of_none = ~exists(select(town_jurisdiction.c.town_code).where(of_a_town).correlate(org_unit))
    return select(org_unit.c.code).where(of_none)


def _on_their_cases(actor: Actor) -> ColumnElement[bool]:
    seen = visible_case(actor)
    collected = exists().where(case_.c.collector_officer == officer.c.id, seen)
    # Under a name of its own: what the actor sees asks for tasks as well.
    theirs = task.alias()
    has = and_(theirs.c.state == "open", theirs.c.officer_id == officer.c.id)
    did = and_(theirs.c.state == "done", theirs.c.closed_by == officer.c.id)
    of_a_task = [exists().where(theirs.c.case_id == case_.c.id, one, seen) for one in (has, did)]
    return or_(collected, *of_a_task)
