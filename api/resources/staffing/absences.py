"""Leave and who stands in: offered what waits for the absent, between the dates."""

from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.fields import Day, Moment, Written
from handlers.staffing import leave
from storage.staffing.absences import Absence, get_absence, list_absences_of
from storage.staffing.people import Employee, get_person

routes = Resource("absences", "Leave, and who stands in meanwhile.")

_OFFICER = ma.validate.Range(1, 10**15)


class AbsenceShown(ma.Schema):
    """A leave; `until` is when the officer is back."""

    id = ma.fields.Integer()
    officer = ma.fields.Integer(attribute="officer_id")
    name = ma.fields.String()
    substitute = ma.fields.Integer(attribute="substitute_id", allow_none=True)
    substitute_name = ma.fields.String(attribute="substitute", allow_none=True)
    since = Moment()
    until = Moment()
    reason = ma.fields.String(allow_none=True)


class Absences(ma.Schema):
    """Leaves, the newest first."""

    items = ma.fields.List(ma.fields.Nested(AbsenceShown))
    next = ma.fields.String(allow_none=True)


class NewAbsence(ma.Schema):
    """From which day to which, both included; oneself when no officer is named."""

    officer = ma.fields.Integer(validate=_OFFICER)
    substitute = ma.fields.Integer(validate=_OFFICER, allow_none=True)
    since = Day(required=True)
    until = Day(required=True)
    reason = ma.fields.String(validate=Written(1, 500))


@routes.get("/absences", needs=SIGNED_IN, gives=Gives(Absences))
def search(ask: Ask) -> dict[str, Any]:
    """List one's own leaves and those one stands in for."""
    return {"items": list_absences_of(ask.session, ask.actor.id), "next": None}


@routes.post(
    "/absences",
    needs=SIGNED_IN,
    takes=Takes(NewAbsence, example={"since": "2026-03-03", "until": "2026-03-05"}),
    gives=Gives(AbsenceShown, status=201),
)
def record(ask: Ask) -> Absence:
    """Put a leave on file; the substitute holds the posts of the absent between the dates."""
    body = dict(ask.body)
    officer, substitute = body.pop("officer", ask.actor.id), body.pop("substitute", None)
    new = leave.Leave(
        person=_find(ask, officer),
        substitute=None if substitute is None else _find(ask, substitute),
        **body,
    )
    made = leave.record(ask.session, new, actor=ask.actor, now=ask.now)
    ask.keep_on_file("leave_recorded", "officer", officer, {"substitute": substitute})
    _distrust(ask, made)
    return made


@routes.post("/absences/<row:absence_id>/end", needs=SIGNED_IN, gives=Gives(AbsenceShown))
def end(ask: Ask, absence_id: int) -> Absence:
    """Come back early, or cancel a leave that has not begun."""
    known = get_absence(ask.session, absence_id)
    person = _find(ask, known.officer_id)
    leave.call_back(ask.session, known, person, actor=ask.actor, now=ask.now)
    ask.keep_on_file("leave_ended", "officer", known.officer_id)
    _distrust(ask, known)
    return get_absence(ask.session, absence_id)


def _find(ask: Ask, officer_id: int) -> Employee:
    return get_person(ask.session, officer_id, actor=ask.actor, at=ask.now)


def _distrust(ask: Ask, known: Absence) -> None:
    for officer_id in (known.officer_id, known.substitute_id):
        if officer_id is not None:
            ask.composition.actors.distrust(officer_id)
