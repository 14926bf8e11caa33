"""Results of inspections over HTTP: waiting, as the public will see them, published."""

from functools import partial
from typing import Any

import marshmallow as ma

from api.http import cursors
from api.http.auth import ANYONE, SIGNED_IN
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.cases import Paged
from api.http.shapes.fields import Moment, Written
from engine.actions.cases import put_on_file
from handlers.inspections import publishing
from storage.inspections.results import list_published, list_waiting

routes = Resource("inspection_results", "Results of inspections: reviewed, then public.")


class ProblemShown(ma.Schema):
    """A line of the checklist that did not fit."""

    name_zh = ma.fields.String()
    name_en = ma.fields.String()
    clause = ma.fields.String()


class CorrectionShown(ma.Schema):
    """What the public was told of a result after it was published."""

    corrected_at = Moment()
    text = ma.fields.String()


class CorrectionWritten(ma.Schema):
    """What the public is told, and why; the reason stays in the case file."""

    text = ma.fields.String(required=True, validate=Written(2, 500))
    reason = ma.fields.String(required=True, validate=Written(2, 500))


class PublicResultShown(ma.Schema):
    """What the public is shown of an inspection."""

    business = ma.fields.String()
    area = ma.fields.String(metadata={"example": "350322100001"})
    kind = ma.fields.String(metadata={"example": "double_random"})
    inspected_on = ma.fields.Date()
    result = ma.fields.String(metadata={"example": "nothing_found"})
    problems = ma.fields.List(ma.fields.Nested(ProblemShown))
    published_at = Moment(allow_none=True)
    corrections = ma.fields.List(ma.fields.Nested(CorrectionShown))


class PublicResults(ma.Schema):
    """Published results, newest first."""

    items = ma.fields.List(ma.fields.Nested(PublicResultShown))
    next = ma.fields.String(allow_none=True)


class ResultShown(ma.Schema):
    """A result that waits; it has to be public by the end of `publish_on`."""

    number = ma.fields.String(metadata={"example": "2026000000017"})
    business = ma.fields.String()
    area = ma.fields.String()
    kind = ma.fields.String(metadata={"example": "double_random"})
    outcome = ma.fields.String(metadata={"example": "nothing_found"})
    ended_at = Moment()
    publish_on = ma.fields.Date()


class ResultPage(ma.Schema):
    """Results that wait, the most urgent first."""

    items = ma.fields.List(ma.fields.Nested(ResultShown))
    next = ma.fields.String(allow_none=True)


class PublishedResult(ma.Schema):
    """When it became public."""

    number = ma.fields.String()
    published_at = Moment()


@routes.get("/inspections/results", needs=SIGNED_IN, gives=Gives(ResultPage), query=Paged)
def waiting(ask: Ask) -> dict[str, Any]:
    """List the results of cases one may see that are not public yet."""
    page = list_waiting(
        ask.session, ask.actor, cursor=cursors.of_query(ask), limit=ask.query["limit"]
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.get(
    "/cases/<number:number>/inspection/result", needs=SIGNED_IN, gives=Gives(PublicResultShown)
)
def preview(ask: Ask, number: str) -> publishing.PublicResult:
    """Show a result as the public sees it, or will see it."""
    return publishing.preview(ask.session, number, actor=ask.actor)[1]


@routes.post(
    "/cases/<number:number>/inspection/publish", needs=SIGNED_IN, gives=Gives(PublishedResult)
)
def publish(ask: Ask, number: str) -> dict[str, Any]:
    """Publish a result; whoever took part in the inspection leaves that to somebody else."""
    found = publishing.publish(ask.session, number, actor=ask.actor, now=ask.now)
    facts = {"number": number, "outcome": found.outcome}
    ask.keep_on_file("inspection_published", "inspection", found.case_id, facts)
    return {"number": number, "published_at": ask.now}


@routes.post(
    "/cases/<number:number>/inspection/correct",
    needs=SIGNED_IN,
    takes=Takes(
        CorrectionWritten,
        example={"text": "第二项已经复核，符合要求。", "reason": "登记时看错了证件"},
    ),
    gives=Gives(PublicResultShown),
)
def correct(ask: Ask, number: str) -> publishing.PublicResult:
    """Correct a published result: the public reads it with its day, the earlier text stays."""
    file = partial(put_on_file, ask.runner, ask.session, number, actor=ask.actor)
    found = publishing.correct(ask.session, number, **ask.body, actor=ask.actor, file=file)
    ask.keep_on_file("inspection_corrected", "inspection", found.case_id, {"number": number})
    return publishing.preview(ask.session, number, actor=ask.actor)[1]


@routes.get("/public/inspections", needs=ANYONE, gives=Gives(PublicResults), query=Paged)
def published(ask: Ask) -> dict[str, Any]:
    """List what was published, for anybody."""
    page = list_published(ask.session, cursor=cursors.of_query(ask), limit=ask.query["limit"])
    items = publishing.public_results(ask.session, page.items)
    return {"items": items, "next": cursors.next_of(ask, page)}
