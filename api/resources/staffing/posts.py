"""Posts and who holds them from when to when; the effect of an end is told before it happens."""

from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.fields import AreaCode, Day, Spoken, Written
from api.http.shapes.staffing import ClaimShown, HoldingShown
from handlers.staffing import holding
from storage.staffing import posts
from storage.staffing.holdings import get_holding, list_holdings
from storage.staffing.people import get_person

routes = Resource("posts", "Posts, and who holds them from when to when.")


class StaffedPost(ma.Schema):
    """A post and who holds it now."""

    id = ma.fields.String()
    role = ma.fields.String()
    place = ma.fields.String()
    title = ma.fields.String()
    holders = ma.fields.List(ma.fields.Nested(HoldingShown))


class Posts(ma.Schema):
    """Posts in order of their id."""

    items = ma.fields.List(ma.fields.Nested(StaffedPost))
    next = ma.fields.String(allow_none=True)


class PostSearch(ma.Schema):
    """Which posts."""

    area = AreaCode(metadata={"description": "Of its subtree and the units responsible for it"})
    role = ma.fields.String(validate=ma.validate.Length(1, 40))
    vacant = ma.fields.Boolean()
    cursor = ma.fields.String(validate=ma.validate.Length(1, 500))
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, 200))


class NewPost(ma.Schema):
    """A role of the city and the place it is set up at: an area code, or the code of a unit."""

    role = ma.fields.String(required=True, validate=ma.validate.Length(1, 40))
    place = ma.fields.String(required=True, validate=ma.validate.Length(1, 64))


class NewHolder(ma.Schema):
    """Who is to hold the post; from `until` on they no longer do."""

    officer = ma.fields.Integer(required=True, validate=ma.validate.Range(1, 10**15))
    since = Day(required=True)
    until = Day(allow_none=True)
    kind = ma.fields.String(load_default="main", validate=ma.validate.OneOf(("main", "acting")))
    document = ma.fields.String(validate=Written(1, 200))


class Ending(ma.Schema):
    """From which day on the post is no longer held, and why."""

    on = Day(required=True)
    reason = ma.fields.String(required=True, validate=Written(1, 500))


class Appointed(ma.Schema):
    """The holding, and what to look at."""

    holding = ma.fields.Nested(HoldingShown)
    warnings = ma.fields.List(Spoken())


class NextPost(ma.Schema):
    """The post that is given new work while another one is vacant."""

    id = ma.fields.String()
    title = ma.fields.String()


class Ended(ma.Schema):
    """What changes with the end of a holding."""

    holding = ma.fields.Nested(HoldingShown)
    claims = ma.fields.List(ma.fields.Nested(ClaimShown))
    open_tasks = ma.fields.Integer()
    is_last = ma.fields.Boolean()
    next_post = ma.fields.Nested(NextPost, allow_none=True)
    warnings = ma.fields.List(Spoken())


@routes.get("/posts", needs=SIGNED_IN, gives=Gives(Posts), query=PostSearch)
def search(ask: Ask) -> Any:
    """List the posts of one's areas and of the units responsible for them, with their holders."""
    query = dict(ask.query)
    cursor, limit = query.pop("cursor", None), query.pop("limit")
    wanted = posts.PostFilter(**query)
    return posts.list_posts(
        ask.session, wanted, actor=ask.actor, at=ask.now, cursor=cursor, limit=limit
    )


@routes.post(
    "/posts",
    needs=SIGNED_IN,
    takes=Takes(NewPost, example={"role": "unit_leader", "place": "350322100001001001"}),
    gives=Gives(StaffedPost, status=201),
)
def set_up(ask: Ask) -> dict[str, Any]:
    """Set up the post of a role at a place of one's areas; answer one that is there."""
    made = holding.set_up(ask.session, actor=ask.actor, now=ask.now, **ask.body)
    ask.keep_on_file("post_set_up", "post", made.id)
    return {**made._asdict(), "holders": []}


@routes.get("/posts/<post:post_id>/holders", needs=SIGNED_IN, gives=Gives(Posts))
def history(ask: Ask, post_id: str) -> dict[str, Any]:
    """Show a post with everybody who ever held it, the first of them first."""
    post = posts.get_post(ask.session, post_id, actor=ask.actor)
    held = list_holdings(ask.session, post_ids=[post_id])
    return {"items": [{**post._asdict(), "holders": held}], "next": None}


@routes.post(
    "/posts/<post:post_id>/holders",
    needs=SIGNED_IN,
    takes=Takes(NewHolder, example={"officer": 7, "since": "2026-03-02"}),
    gives=Gives(Appointed, status=201),
)
def appoint(ask: Ask, post_id: str) -> dict[str, Any]:
    """Let somebody hold a post from a day on."""
    post = posts.get_post(ask.session, post_id, actor=ask.actor)
    body = dict(ask.body)
    person = get_person(ask.session, body.pop("officer"), actor=ask.actor, at=ask.now)
    new = holding.Appointment(post=post, person=person, **body)
    holding.require_appointing(ask.session, ask.actor, new)
    made = holding.appoint(ask.session, new, actor=ask.actor, now=ask.now)
    facts = {"officer": person.id, "since": new.since.isoformat()}
    ask.keep_on_file("post_given", "post", post_id, facts)
    ask.composition.actors.distrust(person.id)
    return {"holding": made, "warnings": holding.warnings_of(ask.session, new)}


@routes.post(
    "/holdings/<row:holding_id>/end",
    needs=SIGNED_IN,
    takes=Takes(Ending, example={"on": "2026-03-02", "reason": "调离"}),
    gives=Gives(Ended),
)
def end(ask: Ask, holding_id: int) -> holding.HoldingEnd:
    """End a holding; a dry run answers what would change."""
    held = get_holding(ask.session, holding_id)
    post = posts.get_post(ask.session, held.post_id, actor=ask.actor)
    holding.require_ending(ask.session, ask.actor, held, post)
    ended = holding.end(ask.session, held, now=ask.now, **ask.body)
    facts = {"officer": held.officer_id, "claims": [claim.key for claim in ended.claims]}
    ask.keep_on_file("post_left", "post", held.post_id, {**facts, "reason": ask.body["reason"]})
    ask.composition.actors.distrust(held.officer_id)
    return ended
