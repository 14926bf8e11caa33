"""The diagram of a case with what was passed and where it waits now."""

from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.fields import Moment
from engine.reads import diagrams

routes = Resource("case_diagrams", "A case on its diagram.")


class Visited(ma.Schema):
    """An element the case passed."""

    id = ma.fields.String(metadata={"example": "accept"})
    times = ma.fields.Integer()
    first_at = Moment()
    last_at = Moment()


class Active(ma.Schema):
    """An element the case waits at."""

    id = ma.fields.String()
    since = Moment()


class DiagramShown(ma.Schema):
    """One file of the definition, with the traces of the case."""

    process = ma.fields.String(metadata={"example": "escalation"})
    label = ma.fields.String()
    file = ma.fields.String()
    xml = ma.fields.String()
    active = ma.fields.List(ma.fields.Nested(Active))
    visited = ma.fields.List(ma.fields.Nested(Visited))


class CaseDiagrams(ma.Schema):
    """The definition a case is pinned to, its first diagram, and then all of them.

    The first is the one that was started; the others are those it calls.
    """

    xml = ma.fields.String()
    active = ma.fields.List(ma.fields.Nested(Active))
    visited = ma.fields.List(ma.fields.Nested(Visited))
    process = ma.fields.String(metadata={"example": "grid_report"})
    digest = ma.fields.String()
    state = ma.fields.String()
    diagrams = ma.fields.List(ma.fields.Nested(DiagramShown))


@routes.get("/cases/<number:number>/diagram", needs=SIGNED_IN, gives=Gives(CaseDiagrams))
def read(ask: Ask, number: str) -> dict[str, Any]:
    """Show the diagrams of a case: XML, visited and active elements with times."""
    whole = diagrams.read_diagrams(ask.reading, number)
    first = whole.diagrams[0]
    return {
        "xml": first.xml,
        "active": first.active,
        "visited": first.visited,
        "process": first.process,
        "digest": whole.digest,
        "state": whole.state,
        "diagrams": whole.diagrams,
    }
