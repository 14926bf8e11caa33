"""Who inside a post is offered a task first, by matter or by category of business."""

from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource, Takes
from handlers.staffing.offering import OfferShown, set_offer, shown_offers
from storage.staffing.posts import get_post

routes = Resource("offers", "Who inside a post is offered a task first.")


class OfferedTo(ma.Schema):
    """An officer of the post."""

    id = ma.fields.Integer()
    name = ma.fields.String()


class OfferRuleShown(ma.Schema):
    """One rule: of a matter or a category of business, the officers in their order."""

    kind = ma.fields.String(metadata={"example": "matter"})
    code = ma.fields.String(metadata={"example": "L01"})
    officers = ma.fields.List(ma.fields.Nested(OfferedTo))


class OfferRules(ma.Schema):
    """The rules of a post; a matter goes before a category, a narrow category before a wide one."""

    items = ma.fields.List(ma.fields.Nested(OfferRuleShown))
    next = ma.fields.String(allow_none=True)


class NewOffer(ma.Schema):
    """The officers in their order; none removes the rule."""

    officers = ma.fields.List(
        ma.fields.Integer(validate=ma.validate.Range(1, 10**15)),
        required=True,
        validate=ma.validate.Length(0, 20),
    )


@routes.get("/posts/<post:post_id>/offers", needs=SIGNED_IN, gives=Gives(OfferRules))
def read(ask: Ask, post_id: str) -> dict[str, Any]:
    """Show who inside a post is offered what first."""
    post = get_post(ask.session, post_id, actor=ask.actor)
    return _shown(shown_offers(ask.session, post))


@routes.put(
    "/posts/<post:post_id>/offers/<code:kind>/<code:code>",
    needs=SIGNED_IN,
    takes=Takes(NewOffer, example={"officers": [7, 8]}),
    gives=Gives(OfferRules),
)
def put(ask: Ask, post_id: str, kind: str, code: str) -> dict[str, Any]:
    """Set in which order officers are offered a matter or category; who is away is passed over."""
    post = get_post(ask.session, post_id, actor=ask.actor)
    officers = ask.body["officers"]
    set_offer(ask.session, post, kind, code, officers, actor=ask.actor, now=ask.now)
    facts = {"kind": kind, "code": code, "officers": officers}
    ask.keep_on_file("offer_set", "post", post_id, facts)
    return _shown(shown_offers(ask.session, post))


def _shown(rules: list[OfferShown]) -> dict[str, Any]:
    items = [
        {
            "kind": rule.kind,
            "code": rule.code,
            "officers": [{"id": ident, "name": name} for ident, name in rule.officers],
        }
        for rule in rules
    ]
    return {"items": items, "next": None}
