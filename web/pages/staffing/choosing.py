"""Choosing a person: found by name, with the posts they hold; only who may be chosen is offered."""

from typing import Any

from engine.reads.reading import Reading
from handlers.staffing.appointing import may_choose
from storage.people.posts import Post
from storage.people.roles import are_apart
from storage.staffing.people import Employee, PeopleFilter, list_people
from web.frame.reading import search_text

SEARCHED = 200
OFFERED = 20


def candidates(reading: Reading, post: Post) -> list[dict[str, Any]]:
    """Who may be appointed to a post, by the name that was typed; nobody before a search."""
    wanted = search_text()
    if not wanted:
        return []
    found = list_people(
        reading.session,
        PeopleFilter(q=wanted, active=True),
        actor=reading.actor,
        at=reading.now,
        limit=SEARCHED,
    )
    fit = (one for one in found.items if _is_fit(reading, one, post))
    return [
        {
            "id": one.id,
            "name": one.name,
            "posts": [held.title for held in one.holdings if held.is_current(reading.now)],
        }
        for one, _ in zip(fit, range(OFFERED), strict=False)
    ]


def _is_fit(reading: Reading, person: Employee, post: Post) -> bool:
    return (
        person.id != reading.actor.id
        and may_choose(reading.session, reading.actor, person)
        and not any(are_apart(held.role, post.role) for held in person.holdings)
    )
