"""Chasing many cases at once, with a result for each."""

from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.cases import moved
from api.http.shapes.fields import Written
from engine.actions import cases as acts
from storage.errors import NotFound

routes = Resource("chases", "Chasing many cases.")


class Chases(ma.Schema):
    """Which cases, and what is asked of their holders."""

    text = ma.fields.String(required=True, validate=Written(1, 2000))
    cases = ma.fields.List(
        ma.fields.Dict(keys=ma.fields.String()),
        required=True,
        validate=ma.validate.Length(1, 100),
        metadata={"description": "Each with the number of a case as `id`"},
    )


class ChaseResult(ma.Schema):
    """The outcome for one case: a result or a problem."""

    id = ma.fields.String()
    status = ma.fields.Integer()
    result = ma.fields.Dict()
    problem = ma.fields.Dict()


class ChaseResults(ma.Schema):
    """One entry per case, in the order asked."""

    items = ma.fields.List(ma.fields.Nested(ChaseResult))


@routes.post_each(
    "/dashboards/chases",
    needs=SIGNED_IN,
    takes=Takes(Chases, example={"text": "请今天办理", "cases": [{"id": "2025000000015"}]}),
    gives=Gives(ChaseResults),
    items="cases",
)
def chase_many(ask: Ask, item: dict[str, Any]) -> dict[str, Any]:
    """Chase many cases; each has its own transaction and result."""
    number = item.get("id")
    if not isinstance(number, str):
        raise NotFound("没有这个案件，或者您无权查看。", code="case_not_found")
    text = ask.body["text"]
    return moved(acts.chase(ask.runner, ask.session, number, text=text, actor=ask.actor))
