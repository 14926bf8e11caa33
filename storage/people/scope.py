"""The visibility filter for every list and look-up of cases and tasks."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    and_,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)

from storage.people.actors import Actor
from storage.places.areas import prefix_end
from storage.places.links import WHOLE, AreaLink, Origin, origins
from storage.tables import case_, case_owned, holding, task


def visible_case(actor: Actor) -> ColumnElement[bool]:
    """Filter one case at hand: of the actor's areas, owned or collected by them, or their task.

    A business never sees a case about itself, regardless of its posts (R54). What is not listed
    nobody sees as a case: its capability has pages of its own.
    """
    theirs = exists().where(task.c.case_id == case_.c.id, _task_of(actor))
    return and_(
        case_.c.is_listed,
        or_(
            _in_area(actor, case_.c.area_code),
            case_.c.owner_post.in_(actor.post_ids),
            _collected(actor),
            theirs,
        ),
        not_about_itself(actor),
    )


def open_to_partners() -> ColumnElement[bool]:
    """Filter cases the feed may tell of: listed ones that no rank keeps to itself (R21)."""
    return and_(case_.c.is_listed, case_.c.visible_from_rank.is_(None))


def ways_to_cases(actor: Actor) -> list[ColumnElement[bool]]:
    """Return the parts of `visible_case` one by one, for lists.

    A list queries each of them for its first page: the database then chooses for each whether to
    walk back from the newest case or to collect the few there are. Joined by "or" it could only
    scan every case of the city.
    """
    theirs = select(task.c.case_id).where(_task_of(actor))
    ways: list[ColumnElement[bool]] = [
        owned_by(actor.post_ids),
        _collected(actor),
        case_.c.id.in_(theirs),
    ]
    if actor.prefixes:
        ways.append(_in_area(actor, case_.c.area_code))
    return [and_(way, case_.c.is_listed, not_about_itself(actor)) for way in ways]


def owned_by(post_ids: Iterable[str]) -> ColumnElement[bool]:
    """Filter the cases some posts answer for, by an index of those they ever answered for."""
    posts = list(post_ids)
    ever = select(case_owned.c.case_id).where(case_owned.c.post_id.in_(posts))
    return and_(case_.c.owner_post.in_(posts), case_.c.id.in_(ever))


def left_behind_at(actor: Actor) -> ScalarSelect[Any]:
    """Return when the actor left the last post in which a case was theirs; null when it never was.

    Theirs is what they collected and what they did a task of. The case is joined by its table.
    """
    did = exists().where(
        task.c.case_id == case_.c.id,
        task.c.state == "done",
        task.c.closed_by == actor.id,
        task.c.post_id == holding.c.post_id,
    )
    collected = and_(
        case_.c.collector_officer == actor.id, case_.c.collector_post == holding.c.post_id
    )
    left = select(func.max(holding.c.until)).where(
        holding.c.officer_id == actor.id, or_(collected, did)
    )
    return left.correlate(case_).scalar_subquery()


def ways_to_done_tasks(actor: Actor) -> list[ColumnElement[bool]]:
    """Return the ways to a done task, its case joined: of the actor's areas, or done by them."""
    ways: list[ColumnElement[bool]] = [_done_by(actor)]
    if actor.prefixes:
        ways.append(_in_area(actor, case_.c.area_code))
    return [and_(way, case_.c.is_listed, not_about_itself_but_asked(actor)) for way in ways]


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    """Filter tasks, joined with their case: of the actor's areas, posts, or their own."""
    return and_(
        case_.c.is_listed,
        or_(_in_area(actor, task.c.area_code), _task_of(actor)),
        not_about_itself_but_asked(actor),
    )


def not_about_itself_but_asked(actor: Actor) -> ColumnElement[bool]:
    """Filter out what is about the actor's own business, but for what the business has to do.

    What it is asked for, it sees as a task, without the case: see `engine.reads.tasks`.
    """
    asked = actor.own_business_posts
    elsewhere = not_about_itself(actor)
    return or_(elsewhere, task.c.post_id.in_(asked)) if asked else elsewhere


def about_itself(actor: Actor) -> ColumnElement[bool]:
    """Filter what is about a business the actor speaks for in its own post; the case is joined."""
    if not actor.own_business_posts:
        return false()
    return and_(case_.c.business_id.is_not(None), case_.c.business_id == actor.business_id)


def not_about_itself(actor: Actor) -> ColumnElement[bool]:
    """Filter out what is about the actor's own business; the case is joined."""
    if actor.business_id is None:
        return true()
    return or_(case_.c.business_id.is_(None), case_.c.business_id != actor.business_id)


def under_area(column: ColumnElement[Any], code: str) -> ColumnElement[bool]:
    """Filter by a whole subtree of areas, as one range of the index."""
    return and_(column >= code, column < prefix_end(code))


def under_areas(column: ColumnElement[Any], codes: Iterable[str]) -> ColumnElement[bool]:
    """Filter by the subtrees of several areas; by none of them when there are none."""
    return or_(false(), *(under_area(column, code) for code in codes))


def cases_of_area(links: Sequence[AreaLink], code: str) -> ColumnElement[bool]:
    """Filter cases by an area: filed under its code, or under a former code that led to it."""
    return _of_area(links, code, case_.c.area_code)


def tasks_of_area(links: Sequence[AreaLink], code: str) -> ColumnElement[bool]:
    """Filter tasks by the area of their case, as `cases_of_area`; the case is joined."""
    return _of_area(links, code, task.c.area_code)


def _of_area(
    links: Sequence[AreaLink], code: str, column: ColumnElement[Any]
) -> ColumnElement[bool]:
    came = (_came_from(origin, column) for origin in origins(links, code))
    return or_(under_area(column, code), *came)


def _came_from(origin: Origin, column: ColumnElement[Any]) -> ColumnElement[bool]:
    elsewhere = [not_(under_area(column, code)) for code in origin.without]
    shares = [
        (case_.c.id % WHOLE).between(link.share_from, link.share_before - 1)
        for link in origin.links
        if (link.share_from, link.share_before) != (0, WHOLE)
    ]
    before = [case_.c.opened_at < link.made_at for link in origin.links]
    return and_(under_area(column, origin.code), *elsewhere, *shares, *before)


def _task_of(actor: Actor) -> ColumnElement[bool]:
    # Each arm is the condition of one partial index.
    return or_(
        and_(task.c.state == "open", task.c.post_id.in_(actor.post_ids)),
        and_(task.c.state == "done", _done_by(actor)),
    )


def _collected(actor: Actor) -> ColumnElement[bool]:
    """The collector, while they hold the post they collected it in."""
    in_post = or_(case_.c.collector_post.is_(None), case_.c.collector_post.in_(actor.post_ids))
    return and_(case_.c.collector_officer == actor.id, in_post)


def _done_by(actor: Actor) -> ColumnElement[bool]:
    """The officer who did the task, while they hold its post."""
    in_post = or_(task.c.post_id.is_(None), task.c.post_id.in_(actor.post_ids))
    return and_(task.c.closed_by == actor.id, in_post)


def _in_area(actor: Actor, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Of the actor's areas, and not a case that only posts of a higher rank are to see."""
    from_rank = case_.c.visible_from_rank
    is_low = or_(from_rank.is_(None), from_rank <= actor.sees_rank)
    return and_(under_areas(column, actor.prefixes), is_low)
