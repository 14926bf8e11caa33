"""What a printed paper says, as data; reading one is on the audit log like an export."""

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from api.http.shapes.fields import Moment
from engine.reads.tasks import see_task
from handlers.inspections import papers

routes = Resource("inspection_papers", "Papers to print and sign: orders, records of inspections.")


class PartyShown(ma.Schema):
    """The business a paper is about."""

    name = ma.fields.String()
    credit_code = ma.fields.String(allow_none=True)
    licence_number = ma.fields.String(allow_none=True)
    address = ma.fields.String(allow_none=True)
    person_in_charge = ma.fields.String(allow_none=True)


class PaperLineShown(ma.Schema):
    """A line of the checklist, its photos by their numbers."""

    name_zh = ma.fields.String()
    name_en = ma.fields.String()
    clause = ma.fields.String()
    answer = ma.fields.String(metadata={"example": "no"})
    remark = ma.fields.String(allow_none=True)
    photos = ma.fields.List(ma.fields.Integer())


class PaperShown(ma.Schema):
    """What is on file for a paper; its other words are in the city's pack."""

    kind = ma.fields.String(metadata={"example": "rectification_order"})
    number = ma.fields.String(metadata={"example": "责改〔2026〕2026000000017-1号"})
    case = ma.fields.String(metadata={"example": "2026000000017"})
    office = ma.fields.String(allow_none=True, metadata={"example": "station:S-350322100"})
    at = Moment()
    party = ma.fields.Nested(PartyShown, allow_none=True)
    officers = ma.fields.List(ma.fields.String())
    lines = ma.fields.List(ma.fields.Nested(PaperLineShown))
    photos = ma.fields.List(ma.fields.String(), metadata={"description": "Ids of attachments"})
    text = ma.fields.String()
    inspection_kind = ma.fields.String(allow_none=True)
    found = ma.fields.String(allow_none=True)
    seen = ma.fields.String()
    until = ma.fields.Date(allow_none=True)
    legal_basis = ma.fields.String(allow_none=True)


@routes.get(
    "/tasks/<task:key>/paper", needs=SIGNED_IN, gives=Gives(PaperShown), audits="paper_printed"
)
def read(ask: Ask, key: str) -> papers.OfficialPaper:
    """Show the order or the record a task was completed with; to a business, its own order."""
    seen = see_task(ask.reading, key)
    return papers.paper_of(ask.session, seen.task, seen.case)
