"""Whom a holder may turn to: posts to ask for help or advice, officers to hand a task to."""

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from engine.reads import colleagues as reads

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
    """Posts and colleagues to ask, and officers to delegate to."""

    posts = ma.fields.List(ma.fields.Nested(PostChoice))
    officers = ma.fields.List(ma.fields.Nested(OfficerChoice))
    own_office = ma.fields.List(
        ma.fields.Nested(OfficerChoice),
        metadata={"description": "Who else holds the post of the task: asked as `officer:<id>`"},
    )


@routes.get("/tasks/<task:key>/colleagues", needs=SIGNED_IN, gives=Gives(Colleagues))
def read(ask: Ask, key: str) -> reads.Colleagues:
    """List the filled posts of the task's area, and the officers it may be handed to."""
    return reads.read_colleagues(ask.reading, key)
