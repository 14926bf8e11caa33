"""Marking a business as ceased: opens the case that whoever marked it works on (R14, R15)."""

from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Reply, Resource, Takes
from api.http.shapes.cases import Moved, moved
from engine.actions.starting import start_case
from handlers.registry.business_ceased import KIND

routes = Resource("ceasing", "Businesses that have ceased to trade.")


class Ceased(ma.Schema):
    """What was seen; without photos the reason says it."""

    seen_on = ma.fields.Date(required=True)
    suspected = ma.fields.Boolean(load_default=False)
    photos = ma.fields.List(ma.fields.String(), validate=ma.validate.Length(max=9))
    reason = ma.fields.String(validate=ma.validate.Length(1, 2000))


@routes.post(
    "/businesses/<row:business_id>/cease",
    needs=SIGNED_IN,
    takes=Takes(Ceased, example={"seen_on": "2026-03-02", "reason": "卷帘门关闭，贴有转让告示"}),
    gives=Gives(Moved, status=201, is_versioned=True, shape=moved),
)
def cease(ask: Ask, business_id: int) -> Reply:
    """Mark a business as ceased; the task to contact its operator is the caller's."""
    form: dict[str, Any] = {**ask.body, "business": business_id}
    form["seen_on"] = ask.body["seen_on"].isoformat()
    done = start_case(ask.runner, ask.session, KIND, form, actor=ask.actor)
    return Reply(done, {"Location": f"/api/v1/cases/{done.number}"})
