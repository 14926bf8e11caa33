"""Choosing a person: found by name, with the posts they hold; only who may be chosen is offered."""

from collections.abc import Callable
from typing import Any

from engine.reads.reading import Reading
from handlers.staffing.appointing import may_choose
from handlers.staffing.duties import may_answer_for_units
from handlers.staffing.leave import may_stand_in
from storage.people.posts import Post
from storage.people.roles import are_apart, capacity
from storage.staffing.people import Employee, PeopleFilter, list_people
from web.frame.reading import search_text

SEARCHED = 200
OFFERED = 20


def candidates(reading: Reading, post: Post) -> list[dict[str, Any]]:
    """Who may be appointed to a post, by the name that was typed; nobody before a search."""
    wanted = search_text()
    if not wanted:
        return []
    return _offered(reading, wanted, lambda person: _is_fit(reading, person, post))


def stand_ins(reading: Reading, absent: Employee) -> list[dict[str, Any]]:
    """Who may stand in for somebody, by a search; those of the same posts before one."""
    own = [held for held in absent.holdings if held.kind != "substitute"]
    roles = [held.role for held in own]

    typed = search_text()
    own_ids = {held.post_id for held in own}

    def is_fit(person: Employee) -> bool:
        if not typed and not own_ids & {held.post_id for held in person.holdings}:
            return False
        theirs = [held.role for held in person.holdings if held.kind != "substitute"]
        return (
            person.id != absent.id
            and person.business_id is None
            and bool(theirs)
            and set(map(capacity, roles)) <= set(map(capacity, theirs))
            and may_stand_in(theirs, roles)
        )

    texts = [typed] if typed else sorted({held.title for held in own})
    found = [each for text in texts for each in _offered(reading, text, is_fit)]
    return list({each["id"]: each for each in found}.values())


def who_may_answer(reading: Reading) -> list[dict[str, Any]]:
    """Who may answer for a unit, by a search; nobody before one."""
    typed = search_text()
    if not typed:
        return []
    return _offered(reading, typed, lambda person: may_answer_for_units(person, reading.now))


def _offered(
    reading: Reading, text: str, is_fit: Callable[[Employee], bool]
) -> list[dict[str, Any]]:
    """The first people found by a text of whom something holds, with the posts they hold."""
    found = list_people(
        reading.session,
        PeopleFilter(q=text, active=True),
        actor=reading.actor,
        at=reading.now,
        limit=SEARCHED,
    )
    fit = (one for one in found.items if is_fit(one))
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
