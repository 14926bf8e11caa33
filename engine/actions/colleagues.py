"""Officers of equal standing who may take a task over, for the offer and for the check (委派).

Eligible are the task's own post and posts of the same role: for villages, grids and units those in
the town of the case, for every other role the post responsible for its area. The owner of the
business that the case is about is excluded (R54).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.contract import Actor, Post
from engine.run.access import require_another
from storage.cases.cases import Case
from storage.cases.tasks import Task
from storage.database.session import Session
from storage.errors import Refused
from storage.people import posts as people
from storage.people.posts import Holder, Staffing
from storage.people.roles import DEPARTMENT, ROLES
from storage.people.second_person import is_named
from storage.places.levels import AreaLevel, town_of

__all__ = [
    "Colleague",
    "Staffed",
    "find_staffed",
    "list_colleagues",
    "others_of",
    "post_to_take_over",
    "require_asked",
]

_OF_A_TOWN = frozenset(level.word for level in AreaLevel if level > AreaLevel.TOWN)


@dataclass(frozen=True, slots=True)
class Colleague:
    """An officer who may take the task over, and the post."""

    id: int
    name: str
    post: Post


@dataclass(frozen=True, slots=True)
class Staffed:
    """The task's own post, and the post responsible for its area by role, with their holders."""

    own: Staffing | None
    by_role: Mapping[str, Staffing]


def find_staffed(session: Session, task: Task, *, at: datetime) -> Staffed:
    """Find the staffed posts of the task and of every role that can be asked for help."""
    roles = {role.id for role in ROLES.values() if role.is_asked}
    if task.role in ROLES:
        roles.add(task.role)
    ids = people.responsible_posts(session, roles, task.area_code)
    staffings = people.find_staffings(session, {*ids.values(), task.post_id or ""}, at=at)
    by_role = {role: staffings[post_id] for role, post_id in ids.items() if post_id in staffings}
    return Staffed(staffings.get(task.post_id or ""), by_role)


def list_colleagues(
    session: Session, task: Task, case: Case, staffed: Staffed, *, at: datetime, but: int
) -> list[Colleague]:
    """List the officers a task may be delegated to, without `but`, the nearest posts first.

    Each officer is listed once; of a town with many posts of the role only the nearest are read.
    """
    found: dict[int, Colleague] = {}
    for staffing in _near(session, task, staffed, at):
        for holder in staffing.holders:
            if (
                holder.id != but
                and not _is_about(case, holder)
                and not is_named(task.not_by, holder.id)
            ):
                found.setdefault(holder.id, Colleague(holder.id, holder.name, staffing.post))
    return list(found.values())


def others_of(staffing: Staffing, case: Case, *, but: int) -> list[Holder]:
    """The holders of a post without `but` and without the party of the case."""
    return [one for one in staffing.holders if one.id != but and not _is_about(case, one)]


def require_asked(
    session: Session, named: str, task: Task, case: Case, actor: Actor, *, at: datetime
) -> None:
    """Require a post that exists, or by name somebody else of the task's own office (R69).

    Raises:
        NotFound: there is no such post.
        Refused: the officer is the asker, of another office, or the party of the case.
    """
    officer_id = people.officer_of(named)
    if officer_id is None:
        people.get_staffing_of(session, named, at=at)
        return
    own = people.get_staffing_of(session, task.post_id or "", at=at)
    if all(one.id != officer_id for one in others_of(own, case, but=actor.id)):
        message = "指名请教的只能是本岗在岗的同事，不能是自己；其他单位请选岗位。"
        raise Refused(message, code="not_of_own_office", clause="R69")


def post_to_take_over(
    session: Session, target: Actor, task: Task, case: Case, *, at: datetime
) -> Post:
    """The post in which `target` may take the task over.

    Raises:
        NotAllowed: they acted before it, and it wants somebody else (R42).
        Refused: the business itself (R54), an officer below the office that collected (R26), or one
            of another level or area.
    """
    if _is_about(case, target):
        message = "食品主体不得办理关于自己的事件。"
        raise Refused(message, code="conflict_of_interest", clause="R54")
    require_another(target, task)
    same = [post for post in target.posts if post.id == task.post_id]
    alike = (post for post in target.posts if _is_near(session, post, task, at))
    post = same[0] if same else next(alike, None)
    if post is not None:
        return post
    needed = case.floor_rank or 0
    if any(post.role in DEPARTMENT and post.rank < needed for post in target.posts):
        message = "上级采集的事件不得流转到下级办理。"
        raise Refused(message, code="owner_below_collector", clause="R26")
    message = "只能委派给同一岗位或本辖区同级岗位的人员；向上请用流转，协助请用协办。"
    raise Refused(message, code="not_same_standing")


def _is_about(case: Case, officer: Actor | Holder) -> bool:
    """Whether the case is about the officer's own business."""
    return officer.business_id is not None and officer.business_id == case.business_id


def _is_near(session: Session, post: Post, task: Task, at: datetime) -> bool:
    """Whether another post of the task's role could work on its case."""
    if post.role != task.role:
        return False
    if ROLES[post.role].place in _OF_A_TOWN:
        return post.place.startswith(_town_of(task))
    responsible = people.find_post(session, post.role, task.area_code, at=at)
    return responsible is not None and responsible.id == post.id


def _near(session: Session, task: Task, staffed: Staffed, at: datetime) -> Iterator[Staffing]:
    """The task's own post, then the posts that pass `_is_near`."""
    if staffed.own is not None:
        yield staffed.own
    role = ROLES.get(task.role or "")
    if role is None:
        return
    if role.place in _OF_A_TOWN:
        yield from people.list_staffed(session, role.id, _town_of(task), near=task.area_code, at=at)
    elif role.id in staffed.by_role:
        yield staffed.by_role[role.id]


def _town_of(task: Task) -> str:
    return town_of(task.area_code)
