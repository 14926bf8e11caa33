"""What an actor may see: the one filter every list and look-up of cases and tasks goes through."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select

from storage.areas import prefix_end
from storage.people import Actor
from storage.tables import case_, task


def visible_cases(actor: Actor) -> ColumnElement[bool]:
    """Filter cases: of the actor's areas, owned or collected by them, or with a task of theirs.

    A business never sees a case about itself, whatever post it holds (R54).
    """
    theirs = select(task.c.case_id).where(_task_of(actor)).correlate(None)
    return and_(
        or_(
            _under(case_.c.area_code, actor.prefixes),
            case_.c.owner_post.in_(actor.post_ids),
            case_.c.collector_officer == actor.id,
            case_.c.id.in_(theirs),
        ),
        _not_about_itself(actor),
    )


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    """Filter tasks, joined with their case: of the actor's areas, posts, or their own."""
    return and_(
        or_(_under(task.c.area_code, actor.prefixes), _task_of(actor)),
        _not_about_itself(actor),
    )


def under_area(column: ColumnElement[Any], code: str) -> ColumnElement[bool]:
    """Filter by a whole subtree of areas, as one range of the index."""
    return and_(column >= code, column < prefix_end(code))


def _under(column: ColumnElement[Any], prefixes: Iterable[str]) -> ColumnElement[bool]:
    return or_(false(), *(under_area(column, code) for code in prefixes))


def _task_of(actor: Actor) -> ColumnElement[bool]:
    return or_(
        task.c.post_id.in_(actor.post_ids),
        task.c.officer_id == actor.id,
        and_(task.c.state == "done", task.c.closed_by == actor.id),
    )


def _not_about_itself(actor: Actor) -> ColumnElement[bool]:
    if actor.business_id is None:
        return and_(True)  # noqa: FBT003 - an empty condition
    return or_(case_.c.business_id.is_(None), case_.c.business_id != actor.business_id)
