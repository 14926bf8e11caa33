"""Cases that stopped on a fault, and accounts under attack: the failure, and its retry.

For the supervisor and the administrator of the system; accounts for that of security as well.
"""

from typing import Any, Final

import marshmallow as ma

from api.http import auth, cursors
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.cases import Paged
from api.http.shapes.fields import Moment
from engine.background import incidents as acts
from handlers.dashboards.failures import WATCHERS, list_failures, require_watching
from storage.cases.incidents import Incident
from storage.staffing.people import GUARDS

routes = Resource("incidents", "Cases that could not go on.")

_WATCHERS: Final = auth.roles(*WATCHERS, *GUARDS)


class IncidentShown(ma.Schema):
    """One failure of one case."""

    id = ma.fields.Integer()
    case = ma.fields.String(attribute="case_number", allow_none=True)
    element = ma.fields.String(allow_none=True)
    error_code = ma.fields.String()
    message = ma.fields.String()
    attempts = ma.fields.Integer()
    state = ma.fields.String()
    created_at = Moment()
    resolved_at = Moment(allow_none=True)


class IncidentPage(ma.Schema):
    """Incidents, newest first."""

    items = ma.fields.List(ma.fields.Nested(IncidentShown))
    next = ma.fields.String(allow_none=True)


class IncidentSearch(Paged):
    """Which incidents."""

    state = ma.fields.String(
        load_default="open", validate=ma.validate.OneOf(("open", "resolved", "any"))
    )


@routes.get("/incidents", needs=_WATCHERS, gives=Gives(IncidentPage), query=IncidentSearch)
def search(ask: Ask) -> dict[str, Any]:
    """List what could not go on."""
    state = ask.query["state"]
    page = list_failures(
        ask.session,
        ask.actor,
        state=None if state == "any" else state,
        cursor=cursors.of_query(ask),
        limit=ask.query["limit"],
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.post("/incidents/<row:incident_id>/retry", needs=_WATCHERS, gives=Gives(IncidentShown))
def retry(ask: Ask, incident_id: int) -> Incident:
    """Let a case try again; what is about an account is settled."""
    require_watching(ask.session, ask.actor, incident_id)
    settled = acts.retry(ask.runner, ask.session, incident_id, actor=ask.actor)
    ask.keep_on_file("incident_settled", "incident", incident_id, {"kind": settled.error_code})
    return settled
