"""Who may see and act on what has been locked; what lists show is filtered in `people.scope`.

`sees_case` and `is_seen` answer as `visible_case` and `visible_tasks` there; a test holds them
together.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from engine.contract import Actor, Post
from engine.definitions import Definition
from storage.cases.cases import Case, LockedCase, list_processes
from storage.cases.tasks import Task
from storage.database.session import Session
from storage.errors import NotAllowed, NotFound, NotSignedIn, NotYourTask, Refused, TaskClosed
from storage.people.posts import list_holders, receiver_at
from storage.people.second_person import is_barred

__all__ = [
    "as_held",
    "awaits_answers",
    "held_now",
    "is_about",
    "is_seen",
    "require_account",
    "require_another",
    "require_answered",
    "require_case_seen",
    "require_holding",
    "require_open",
    "require_seen",
    "require_theirs",
    "sees_case",
    "standing_in",
    "starting_posts",
    "waits_for",
    "without_its_story",
]


def is_seen(actor: Actor, case: Case, task: Task) -> bool:
    """Whether the actor may know of the task: area or post.

    Of what is about itself, a business sees only what it is asked to do.
    """
    if not case.is_listed:
        return False
    if is_about(actor, case) and task.post_id not in actor.own_business_posts:
        return False
    return _sees_area(actor, case, task.area_code) or _is_theirs(actor, task)


def sees_case(actor: Actor, case: Case, tasks: Iterable[Task]) -> bool:
    """Whether the actor may know of the case, `tasks` being all it ever had.

    Area, owner's post, collected by them, or a task of theirs; never about itself.
    """
    if not case.is_listed or is_about(actor, case):
        return False
    if _sees_area(actor, case, case.area_code) or actor.holds(case.owner_post):
        return True
    is_collector = case.collector_officer == actor.id
    if is_collector and _still_holds(actor, case.collector_post):
        return True
    return any(_is_theirs(actor, task) for task in tasks)


def is_about(actor: Actor, case: Case) -> bool:
    """Whether a case is about the actor's business, which never sees it (R54)."""
    return actor.business_id is not None and actor.business_id == case.business_id


def without_its_story(case: Case) -> Case:
    """What a business sees of a case about itself: not how it came in, nor from whom (R54)."""
    return case._replace(
        description="",
        source="",
        channel=None,
        location=None,
        collector_officer=None,
        collector_post=None,
    )


def _is_theirs(actor: Actor, task: Task) -> bool:
    """Waiting for a post of theirs, or done by them in a post they still hold."""
    if task.state == "open":
        return actor.holds(task.post_id)
    is_own = task.state == "done" and task.closed_by == actor.id
    return is_own and _still_holds(actor, task.post_id)


def _still_holds(actor: Actor, post_id: str | None) -> bool:
    return post_id is None or actor.holds(post_id)


def _sees_area(actor: Actor, case: Case, area_code: str) -> bool:
    """Whether the actor sees the case by its area: theirs, and no higher post's alone."""
    from_rank = case.visible_from_rank
    is_low = from_rank is None or from_rank <= actor.sees_rank
    return is_low and area_code.startswith(actor.prefixes)


def starting_posts(definition: Definition, actor: Actor) -> list[Post]:
    """The posts of the actor whose roles the drawn start names, in the order they are held."""
    return [post for post in actor.posts if post.role in definition.starters]


def require_seen(actor: Actor, case: Case, task: Task) -> None:
    """NotFound when the actor may not know of the task."""
    if not is_seen(actor, case, task):
        message = "没有这个环节，或者您无权查看。"
        raise NotFound(message, code="task_not_found")


def require_case_seen(actor: Actor, case: Case, tasks: Iterable[Task]) -> None:
    """NotFound when the actor may not know of the case."""
    if not sees_case(actor, case, tasks):
        message = "没有这个案件，或者您无权查看。"
        raise NotFound(message, code="case_not_found")


def require_theirs(session: Session, actor: Actor, case: Case, task: Task, *, at: datetime) -> None:
    """NotFound when hidden from the actor, NotYourTask when somebody else is to act."""
    require_seen(actor, case, task)
    require_holding(session, actor, task, at=at)


def require_holding(session: Session, actor: Actor, task: Task, *, at: datetime) -> None:
    """NotYourTask when somebody else is to act.

    Who acts holds the post the task waits for, now. A task of somebody who has left the post is
    free again for those who hold it.
    """
    if not actor.holds(task.post_id):
        message = "这个环节属于其他岗位。"
        raise NotYourTask(message, post=task.post_id)
    if task.officer_id in {None, actor.id}:
        return
    if held_now(session, task, at=at).officer_id is not None:
        message = "这个环节由他人办理。需要接手时请先让对方释放或转交。"
        raise NotYourTask(message, holder=task.officer_id)


def require_another(actor: Actor, task: Task) -> None:
    """Refuse a task to who acted before it, where its drawing wants somebody else (R42).

    Raises:
        NotAllowed: the actor did, or stands in for who did.
    """
    if is_barred(task.not_by, actor):
        message = "您经手过这件事前面的环节，这个环节要由没有经手的人办理，请由同岗的其他人认领。"
        raise NotAllowed(message, code="acted_before", clause="R42")


def held_now(session: Session, task: Task, *, at: datetime) -> Task:
    """The task as it stands with who holds its post now: see `as_held`."""
    present = {holder.id for holder in list_holders(session, task.post_id or "", at=at)}
    return as_held(task, present)


def waits_for(session: Session, task: Task, *, at: datetime) -> str:
    """The receiver of notifications about a task: who holds it now, or the post it waits for.

    Who has left the post is not told of what they left behind.
    """
    return str(receiver_at(session, task.post_id, task.officer_id, at=at))


def as_held(task: Task, present: Collection[int]) -> Task:
    """The task as it stands when `present` hold its post: left behind by who is gone, it is free.

    A completed task stays with its last holder.
    """
    if task.state != "open" or task.officer_id is None or task.officer_id in present:
        return task
    return task._replace(officer_id=None)


def require_account(locked: LockedCase, actor: Actor) -> None:
    """NotSignedIn when the account was suspended, or its tokens voided, since it was read.

    The version came with the lock of the step: no cache of any process outlives a suspension.
    """
    if locked.actor_version != actor.token_version:
        message = "The token is not valid; sign in again."
        raise NotSignedIn(message, code="token_invalid")


def awaits_answers(session: Session, task: Task) -> bool:
    """Whether answers its holder chose to wait for have not come; they are given by side tasks."""
    if not task.awaits:
        return False
    processes = list_processes(session, task.case_id)
    return any(each.id in task.awaits and each.state == "running" for each in processes)


def require_answered(session: Session, task: Task) -> None:
    """Refuse to go on before the answers that the holder chose to wait for (R69).

    Raises:
        Refused: there is an answer missing.
    """
    if awaits_answers(session, task):
        message = "您选择了等答复再办：还有岗位没有答复。可以等他们答复，或者先“不再等答复”。"
        raise Refused(message, code="answers_awaited", clause="R69")


def standing_in(actor: Actor, task: Task) -> dict[str, int]:
    """Return whom the actor stands in for in the post of a task; empty when for nobody."""
    absent = actor.stand_ins.get(task.post_id or "")
    return {} if absent is None else {"stands_in_for": absent}


def require_open(task: Task) -> None:
    """TaskClosed, with who and when, when the task no longer waits."""
    if task.state != "open":
        message = "环节已经办结或已被收回。"
        closed_at = None if task.closed_at is None else task.closed_at.isoformat()
        raise TaskClosed(message, closed_by=task.closed_by, closed_at=closed_at)
