"""Saved views of the inbox: kept under a name, listed, removed; everybody has their own."""

from typing import Any, Final

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Nothing, Reply, Resource, Takes
from api.http.shapes.fields import Written
from storage.people import views
from storage.people.views import SavedView

routes = Resource("views", "How somebody wants their inbox shown.")

_LONGEST_QUERY: Final = 500


class ViewShown(ma.Schema):
    """A view by its name."""

    id = ma.fields.Integer()
    name = ma.fields.String()
    query = ma.fields.String(metadata={"example": "view=mine&due=week"})


class ViewList(ma.Schema):
    """All views of the caller."""

    items = ma.fields.List(ma.fields.Nested(ViewShown))


class NewView(ma.Schema):
    """Name and query of a view."""

    name = ma.fields.String(required=True, validate=Written(1, 30))
    query = ma.fields.String(required=True, validate=ma.validate.Length(0, _LONGEST_QUERY))


@routes.get("/views", needs=SIGNED_IN, gives=Gives(ViewList))
def list_views(ask: Ask) -> dict[str, Any]:
    """List one's own views."""
    return {"items": views.list_views(ask.session, ask.actor.id)}


@routes.post(
    "/views",
    needs=SIGNED_IN,
    takes=Takes(NewView, example={"name": "本周到期", "query": "view=mine&due=week"}),
    gives=Gives(ViewShown, status=201),
)
def add_view(ask: Ask) -> SavedView:
    """Keep a view; one of the same name is replaced."""
    name, query = ask.body["name"].strip(), ask.body["query"]
    ask.keep_on_file("view_kept", "officer", ask.actor.id, {"name": name})
    return views.put_view(ask.session, ask.actor.id, name=name, query=query, at=ask.now)


@routes.post(
    "/views/<row:ident>",
    method="DELETE",
    needs=SIGNED_IN,
    gives=Gives(Nothing, status=204),
)
def remove_view(ask: Ask, ident: int) -> Reply:
    """Remove one of one's own views."""
    views.remove_view(ask.session, ask.actor.id, ident)
    ask.keep_on_file("view_removed", "officer", ask.actor.id)
    return Reply(None)
