"""Filing an event as an officer, an assistant or a business; what happens then is drawn."""

from typing import Final

import marshmallow as ma

from api.http import auth
from api.http.routes import Ask, Gives, Reply, Resource, Takes
from api.http.shapes.cases import Moved, moved
from handlers.patrols.visiting import record_found

PROCESS: Final = "grid_report"

COLLECTORS: Final = auth.roles_that("collects")
"""Section 14 of the requirements: who collects."""

routes = Resource("reports", "Filing an event.")


class Report(ma.Schema):
    """The start form of `grid_report`; its fields are in `bpmn/forms`."""

    class Meta:
        """The form itself refuses unknown fields."""

        unknown = ma.INCLUDE

    matter = ma.fields.Raw(
        required=True, metadata={"description": "Code of the list, or `other`", "example": "L01"}
    )
    area = ma.fields.Raw(required=True, metadata={"example": "350322100001001001"})
    description = ma.fields.Raw(required=True, metadata={"example": "流动摊贩无证经营"})
    business = ma.fields.Raw()
    location = ma.fields.Raw(metadata={"example": {"lat": 25.27, "lon": 118.81, "crs": "wgs84"}})
    photos = ma.fields.Raw(metadata={"description": "Ids of uploads", "example": []})
    no_photo_reason = ma.fields.Raw()
    urgent = ma.fields.Raw()


@routes.post(
    "/reports",
    needs=COLLECTORS,
    takes=Takes(
        Report,
        example={
            "matter": "L01",
            "area": "350322100001001001",
            "description": "流动摊贩无证经营",
            "no_photo_reason": "摊主已离开",
        },
    ),
    gives=Gives(Moved, status=201, is_versioned=True, shape=moved),
)
def file_report(ask: Ask) -> Reply:
    """File an event; it becomes a case and goes to the post the matter list names."""
    done = ask.runner.start(ask.session, PROCESS, ask.body, actor=ask.actor)
    if ask.body.get("business"):
        matters = ask.reading.matters_of(ask.session)
        record_found(ask.session, done.case_id, matters, actor=ask.actor, now=ask.now)
    return Reply(done, {"Location": f"/api/v1/cases/{done.number}"})
