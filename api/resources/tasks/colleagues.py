"""Whom a holder may turn to: posts to ask for help or advice, officers to hand a task to."""

from collections.abc import Iterator
from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from engine.actions.colleagues import Colleague, list_colleagues
from storage.cases import cases, tasks
from storage.cases.tasks import Task
from storage.people import posts as people
from storage.people.posts import Staffing
from storage.people.roles import ROLES

routes = Resource("colleagues", "Whom to ask.")


class PostChoice(ma.Schema):
    """A post somebody holds."""

    id = ma.fields.String(metadata={"example": "station:ST-350322100"})
    title = ma.fields.String()
    role = ma.fields.String()
    holders = ma.fields.List(ma.fields.String())


class OfficerChoice(ma.Schema):
    """Somebody of the same standing."""

    id = ma.fields.Integer()
    name = ma.fields.String()
    post = ma.fields.String(metadata={"description": "Title of the post"})


class Colleagues(ma.Schema):
    """Posts to ask, and officers to delegate to."""

    posts = ma.fields.List(ma.fields.Nested(PostChoice))
    officers = ma.fields.List(ma.fields.Nested(OfficerChoice))


@routes.get("/tasks/<task:key>/colleagues", needs=SIGNED_IN, gives=Gives(Colleagues))
def read(ask: Ask, key: str) -> dict[str, Any]:
    """List the filled posts of the task's area, and the officers it may be handed to."""
    task = tasks.get_visible_task(ask.session, key, actor=ask.actor).task
    case = cases.get_case(ask.session, task.case_id)
    posts = [one for one in _staffed(ask, task) if not ask.actor.holds(one.post.id)]
    alike = list_colleagues(ask.session, task, case, at=ask.now, but=ask.actor.id)
    return {"posts": [_post(one) for one in posts], "officers": [_officer(one) for one in alike]}


def _staffed(ask: Ask, task: Task) -> Iterator[Staffing]:
    for role in ROLES.values():
        if not role.is_asked:
            continue
        found = people.find_staffing(ask.session, role.id, task.area_code, at=ask.now)
        if found is not None and found.holders:
            yield found


def _post(found: Staffing) -> dict[str, Any]:
    post, names = found.post, [one.name for one in found.holders]
    return {"id": post.id, "title": post.title, "role": post.role, "holders": names}


def _officer(found: Colleague) -> dict[str, Any]:
    return {"id": found.id, "name": found.name, "post": found.post.title}
