"""Who answers for a unit, and the platform centre it works with."""

from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.fields import Day, Moment
from handlers.staffing import duties
from storage.staffing.centers import list_pairings
from storage.staffing.people import get_person
from storage.staffing.responsibilities import (
    DUTIES,
    Responsibility,
    get_responsibility,
    list_responsibilities,
)

routes = Resource("duties", "Responsibility lists of units (R66), platform centres (R67).")


class ResponsibilityShown(ma.Schema):
    """Somebody who answers for a unit; they get copies of its supervised cases."""

    id = ma.fields.Integer()
    unit = ma.fields.String(metadata={"example": "ST-350322100"})
    kind = ma.fields.String(validate=ma.validate.OneOf(DUTIES))
    officer = ma.fields.Integer(attribute="officer_id")
    name = ma.fields.String()
    since = Moment()
    until = Moment(allow_none=True)


class Responsibilities(ma.Schema):
    """Duties in order of unit."""

    items = ma.fields.List(ma.fields.Nested(ResponsibilityShown))
    next = ma.fields.String(allow_none=True)


class DutySearch(ma.Schema):
    """Of which unit; those of one's areas otherwise."""

    unit = ma.fields.String(validate=ma.validate.Length(1, 40))


class NewResponsibility(ma.Schema):
    """Who answers for which unit, from which day on; `until` is the first day without."""

    unit = ma.fields.String(required=True, validate=ma.validate.Length(1, 40))
    officer = ma.fields.Integer(required=True, validate=ma.validate.Range(1, 10**15))
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(DUTIES))
    since = Day(required=True)
    until = Day()


class PlatformCenterShown(ma.Schema):
    """A unit and the platform centre it works with."""

    unit = ma.fields.String(allow_none=True)
    area = ma.fields.String(attribute="area_code")
    level = ma.fields.String(metadata={"example": "town"})
    name = ma.fields.String()
    post = ma.fields.String(attribute="post_id")


class PlatformCenters(ma.Schema):
    """Units with their centres; a centre without a unit comes last."""

    items = ma.fields.List(ma.fields.Nested(PlatformCenterShown))
    next = ma.fields.String(allow_none=True)


@routes.get("/responsibilities", needs=SIGNED_IN, gives=Gives(Responsibilities), query=DutySearch)
def search(ask: Ask) -> dict[str, Any]:
    """List who answers for the units of one's areas."""
    unit = ask.query.get("unit")
    items = list_responsibilities(ask.session, actor=ask.actor, at=ask.now, unit=unit)
    return {"items": items, "next": None}


@routes.post(
    "/responsibilities",
    needs=SIGNED_IN,
    takes=Takes(
        NewResponsibility,
        example={
            "unit": "ST-350322100",
            "officer": 7,
            "kind": "in_charge",
            "since": "2026-03-02",
        },
    ),
    gives=Gives(ResponsibilityShown, status=201),
)
def enter(ask: Ask) -> Responsibility:
    """Enter who answers for a unit."""
    body = dict(ask.body)
    person = get_person(ask.session, body.pop("officer"), actor=ask.actor, at=ask.now)
    new = duties.NewDuty(person=person, **body)
    made = duties.enter(ask.session, new, actor=ask.actor, now=ask.now)
    ask.keep_on_file("duty_entered", "unit", made.unit, {"officer": person.id, "kind": made.kind})
    return made


@routes.post(
    "/responsibilities/<row:duty_id>/end", needs=SIGNED_IN, gives=Gives(ResponsibilityShown)
)
def end(ask: Ask, duty_id: int) -> Responsibility:
    """End a duty now."""
    duty = get_responsibility(ask.session, duty_id, actor=ask.actor)
    duties.end(ask.session, duty, actor=ask.actor, now=ask.now)
    facts = {"officer": duty.officer_id, "kind": duty.kind}
    ask.keep_on_file("duty_ended", "unit", duty.unit, facts)
    return get_responsibility(ask.session, duty_id, actor=ask.actor)


@routes.get("/platform-centers", needs=SIGNED_IN, gives=Gives(PlatformCenters))
def centers(ask: Ask) -> dict[str, Any]:
    """List every unit with the platform centre of its level."""
    return {"items": list_pairings(ask.session), "next": None}
