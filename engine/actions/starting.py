"""Starting a case of any published process whose drawn start allows the caller.

A process whose start event has a function fills its case there. For any other, the fields of
its start form do: the first of each type that a case has a column for.
"""

from collections.abc import Mapping
from typing import Any

from engine.contract import Actor, Post
from engine.definitions import Definition
from engine.forms.forms import Form
from engine.run.access import starting_posts
from engine.run.record import Done
from engine.run.runner import Runner
from storage.database.session import Session
from storage.errors import FormInvalid, NotAllowed
from storage.moments import CHINA
from storage.people.roles import stands_in_area
from storage.places.areas import find_area
from storage.places.matters import read_matter
from storage.registry.businesses import find_business

STARTED = "started"
"""Source of a case that somebody began by its process."""


def start_case(
    runner: Runner, session: Session, process_id: str, form: Mapping[str, Any], *, actor: Actor
) -> Done:
    """File a case of a process; its area is that of the form, else of the caller's post.

    Raises:
        NotAllowed: the start names none of the caller's roles, or nobody.
        FormInvalid: a field is wrong, or the area is not the caller's.
    """
    definition = runner.published(session, process_id)
    posts = starting_posts(definition, actor)
    if not posts:
        message = "您的岗位不能发起这个流程。"
        raise NotAllowed(message, code="may_not_start")
    columns: dict[str, Any] = {}
    if runner.functions.find(process_id, definition.start.id, "start") is None:
        columns = _columns(runner, session, definition, form, actor, posts[0])
    return runner.start(session, process_id, form, actor=actor, columns=columns)


def _columns(
    runner: Runner,
    session: Session,
    definition: Definition,
    form: Mapping[str, Any],
    actor: Actor,
    post: Post,
) -> dict[str, Any]:
    document = definition.form(definition.start.id)
    values = document.load(dict(form))
    business = _value(document, values, "business")
    if business is not None and find_business(session, business) is None:
        raise FormInvalid.at(_name(document, "business"), "主体库里没有这个食品主体。")
    matter = read_matter(session, _value(document, values, "matter"))
    return {
        "title": definition.diagrams[definition.process_id].label,
        "description": _value(document, values, "longtext") or "",
        "area_code": _area(runner, session, document, values, actor, post),
        "business_id": business,
        "matter": None if matter is None else matter.code,
        "location": _value(document, values, "location"),
        "source": STARTED,
        "collector_officer": actor.id,
        "collector_post": post.id,
        # Who begins it answers for it, until the drawing gives it to somebody else.
        "owner_post": post.id,
        "owner_officer": actor.id,
        "owner_rank": post.rank,
        "owner_area": post.place,
    }


def _name(document: Form, kind: str) -> str:
    return next((field.name for field in document.fields if field.type == kind), "")


def _value(document: Form, values: Mapping[str, Any], kind: str) -> Any:
    return values.get(_name(document, kind))


def _area(
    runner: Runner,
    session: Session,
    document: Form,
    values: Mapping[str, Any],
    actor: Actor,
    post: Post,
) -> str:
    name = _name(document, "area")
    given = values.get(name)
    if given is None:
        return _area_of_post(session, actor, post)
    today = runner.clock.now().astimezone(CHINA).date()
    if find_area(session, given, on=today) is None:
        raise FormInvalid.at(name, "没有这个区划代码。")
    if actor.prefixes and not given.startswith(actor.prefixes):
        raise FormInvalid.at(name, "这个地点不在您的辖区。")
    return str(given)


def _area_of_post(session: Session, actor: Actor, post: Post) -> str:
    """The place of a post of an area; of a unit the first of its areas, of a business its own."""
    if stands_in_area(post.role):
        return post.place
    business = None if actor.business_id is None else find_business(session, actor.business_id)
    if business is not None:
        return business.area_code
    return min(actor.prefixes, default="")
