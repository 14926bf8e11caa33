"""A task handed to a colleague, and taken back while the colleague has not begun (委派, 收回).

What was the holder's before stands in `why` of the task, so that a list needs no reading of the
file to say what may be taken back.
"""

from typing import Any

from engine.actions.colleagues import post_to_take_over
from engine.actions.locked import capacity_of, lock_task
from engine.contract import Actor, Post
from engine.run.access import require_seen, require_theirs
from engine.run.record import Act, Done, Entry, write_entry
from engine.run.runner import Runner
from storage.cases import cases
from storage.cases.cases import Case
from storage.cases.steps import NewDelivery
from storage.cases.tasks import Task
from storage.database.session import Session
from storage.errors import Refused
from storage.people import actors
from storage.people.posts import reference_of

HANDED_BY = "handed_by"
"""In `why` of a task: the officer who handed it over."""
_HANDED_TO = "handed_to"
"""In `why` of a task: the officer it was handed to."""
_HANDED_FROM = "handed_from"
"""In `why` of a task: the post it was handed over from."""


def delegate(
    runner: Runner, session: Session, key: str, *, officer_id: int, reason: str, actor: Actor
) -> Done:
    """Hand a task to another officer of the same standing who could work on the case (委派).

    Raises:
        Refused: the officer is not in `actions.colleagues`, or below the office that collected
            (R26).
    """
    locked, task = lock_task(session, key, actor)
    at = runner.clock.now()
    require_theirs(session, actor, locked.case, task, at=at)
    target = actors.load_actor(session, officer_id, at=at)
    post = post_to_take_over(session, target, task, locked.case, at=at)
    handed = {HANDED_BY: actor.id, _HANDED_TO: target.id, _HANDED_FROM: task.post_id}
    data = {"token": task.token, "to": target.reference, "post": post.id, "reason": reason}
    said = {"case": locked.case.number, "label": task.label, "reason": reason}
    entry = Entry(
        Act("task_delegated", data, capacity_of(task)),
        task_changes=_held(target.id, post) | {"why": {**(task.why or {}), **handed}},
        case_changes=_owned(task, locked.case, target.id, post),
        outbox=[
            NewDelivery(
                key=f"{locked.case.number}:{locked.case.version}:handed:{task.key}",
                channel="notice",
                receiver=target.reference,
                template="task_delegated",
                payload=said,
                at=at,
            )
        ],
    )
    return write_entry(session, locked, task, entry, actor=actor, now=at)


def may_take_back(session: Session, task: Task, actor: Actor) -> bool:
    """Whether the actor handed the task over, and the colleague has not begun with it.

    Begun is: a draft, a stopped clock, or something asked of others. Released or handed on, it is
    no longer the colleague's, and nobody takes it back from whoever has it then.
    """
    why = task.why or {}
    is_theirs = why.get(HANDED_BY) == actor.id and actor.holds(why.get(_HANDED_FROM))
    is_untouched = (
        task.officer_id is not None
        and task.officer_id == why.get(_HANDED_TO)
        and task.draft is None
        and task.paused_at is None
    )
    return is_theirs and is_untouched and not _has_asked(session, task)


def take_back(runner: Runner, session: Session, key: str, *, actor: Actor) -> Done:
    """Take back a task one has delegated, before the colleague began with it (收回).

    Raises:
        Refused: it was not handed over by the actor, or the colleague has begun.
    """
    locked, task = lock_task(session, key, actor)
    at = runner.clock.now()
    require_seen(actor, locked.case, task)
    if not may_take_back(session, task, actor):
        message = "只能收回自己委派、对方还没有动手的环节；"
        message += "对方已经填写、缓办、请人协助或转给别人的，请与对方商量。"
        raise Refused(message, code="too_late_to_take_back")
    why = dict(task.why or {})
    given_to, own = reference_of(why[_HANDED_TO]), why[_HANDED_FROM]
    post = next(post for post in actor.posts if post.id == own)
    kept = {name: why[name] for name in why.keys() - {HANDED_BY, _HANDED_TO, _HANDED_FROM}}
    entry = Entry(
        Act("task_taken_back", {"token": task.token, "from": given_to}, capacity_of(task)),
        task_changes=_held(actor.id, post) | {"why": kept},
        case_changes=_owned(task, locked.case, actor.id, post),
        outbox=[
            NewDelivery(
                key=f"{locked.case.number}:{locked.case.version}:taken_back:{task.key}",
                channel="notice",
                receiver=given_to,
                template="task_taken_back",
                payload={"case": locked.case.number, "label": task.label},
                at=at,
            )
        ],
    )
    return write_entry(session, locked, task, entry, actor=actor, now=at)


def _held(officer_id: int, post: Post) -> dict[str, Any]:
    """The columns of a task that say who has it."""
    return {"officer_id": officer_id, "post_id": post.id, "role": post.role}


def _owned(task: Task, case: Case, officer_id: int, post: Post) -> dict[str, Any]:
    """The columns of the case, where the task is its owner's."""
    if task.lane != "owner" or case.owner_post is None:
        return {}
    return {
        "owner_post": post.id,
        "owner_officer": officer_id,
        # A substitute for the city has the city's rank (R26).
        "owner_rank": max(post.rank, case.owner_rank or 0),
        "owner_area": post.place,
    }


def _has_asked(session: Session, task: Task) -> bool:
    """Whether something asked beside this task still runs."""
    return any(
        process.state == "running"
        and ((process.asked_by or {}).get("running"), (process.asked_by or {}).get("token"))
        == (task.running_id, task.token)
        for process in cases.list_processes(session, task.case_id)
    )
