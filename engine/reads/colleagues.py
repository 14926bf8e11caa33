"""Posts a holder may ask for help or advice, and officers to delegate a task to."""

from dataclasses import dataclass

from engine.actions.colleagues import find_staffed, list_colleagues, others_of
from engine.reads.reading import Reading
from engine.reads.tasks import SeenTask
from storage.cases import cases
from storage.cases.cases import Case
from storage.cases.tasks import Task
from storage.people.roles import ROLES

__all__ = ["Colleagues", "OfficerChoice", "PostChoice", "colleagues_of", "read_colleagues"]


@dataclass(frozen=True, slots=True)
class PostChoice:
    """A post somebody holds."""

    id: str
    title: str
    role: str
    holders: list[str]


@dataclass(frozen=True, slots=True)
class OfficerChoice:
    """An officer of equal standing, and the title of their post."""

    id: int
    name: str
    post: str


@dataclass(frozen=True, slots=True)
class Colleagues:
    """Posts and colleagues to ask, and officers to delegate to."""

    posts: list[PostChoice]
    officers: list[OfficerChoice]
    own_office: list[OfficerChoice]
    """Who else holds the task's own post, to be asked by name."""


def read_colleagues(reading: Reading, key: str) -> Colleagues:
    """List the filled posts of the task's area, and the officers it may be handed to."""
    task, case = cases.get_visible_task(reading.session, key, actor=reading.actor)
    return _colleagues(reading, task, case)


def colleagues_of(reading: Reading, seen: SeenTask) -> Colleagues:
    """The same for a task that was read already."""
    return _colleagues(reading, seen.task, seen.case)


def _colleagues(reading: Reading, task: Task, case: Case) -> Colleagues:
    actor, at = reading.actor, reading.now
    staffed = find_staffed(reading.session, task, at=at)
    asked = (staffed.by_role.get(role.id) for role in ROLES.values() if role.is_asked)
    alike = list_colleagues(reading.session, task, case, staffed, at=at, but=actor.id)
    own = staffed.own
    beside = [] if own is None else others_of(own, case, but=actor.id)
    return Colleagues(
        posts=[
            PostChoice(
                staffing.post.id,
                staffing.post.title,
                staffing.post.role,
                [holder.name for holder in staffing.holders],
            )
            for staffing in asked
            if staffing is not None and staffing.holders and not actor.holds(staffing.post.id)
        ],
        officers=[OfficerChoice(each.id, each.name, each.post.title) for each in alike],
        own_office=[OfficerChoice(one.id, one.name, own.post.title) for one in beside if own],
    )
