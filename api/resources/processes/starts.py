"""Starting a case of any published process: who may is drawn, what is asked is its start form."""

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Reply, Resource, Takes
from api.http.shapes.cases import Moved, moved
from engine.actions.starting import start_case

routes = Resource("process_starts", "Starting a case by its process.")


class Started(ma.Schema):
    """The start form of the process: `GET /processes/{id}/form` lists its fields."""

    class Meta:
        """The form itself refuses unknown fields."""

        unknown = ma.INCLUDE


@routes.post(
    "/processes/<code:process>/cases",
    needs=SIGNED_IN,
    takes=Takes(Started, example={"area": "350322100001", "description": "申请临时摊位"}),
    gives=Gives(Moved, status=201, is_versioned=True, shape=moved),
)
def start(ask: Ask, process: str) -> Reply:
    """File a case of a process whose drawn start names a role of the caller."""
    done = start_case(ask.runner, ask.session, process, ask.body, actor=ask.actor)
    return Reply(done, {"Location": f"/api/v1/cases/{done.number}"})
