"""Starts by the calendar: which processes begin by themselves, for whom, how often."""

from typing import Any, Final

import marshmallow as ma

from api.http import auth
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.fields import Moment
from engine.background.recurring import plan
from engine.time.periods import PERIODS
from storage.processes import recurring
from storage.processes.recurring import NewRecurring, Recurring

routes = Resource("recurring", "Processes that the calendar starts.")

_ADMINISTRATORS: Final = auth.roles("admin_system")
_SUBJECTS: Final = ("area", "business", "post")
_EXAMPLE: Final = {
    "process_id": "stall_registration",
    "subject_kind": "post",
    "subject": "station:ST-350322100",
    "period": "month",
    "form": {},
}


class RecurringNew(ma.Schema):
    """What is to be started, for whom, how often."""

    process_id = ma.fields.String(required=True, validate=ma.validate.Length(1, 64))
    subject_kind = ma.fields.String(required=True, validate=ma.validate.OneOf(_SUBJECTS))
    subject = ma.fields.String(
        required=True,
        validate=ma.validate.Length(1, 100),
        metadata={"description": "Code of the area, id of the business or post"},
    )
    period = ma.fields.String(required=True, validate=ma.validate.OneOf(PERIODS))
    offset_days = ma.fields.Integer(
        load_default=0,
        validate=ma.validate.Range(0, 364),
        metadata={"description": "Days after the first day of each period"},
    )
    form = ma.fields.Dict(keys=ma.fields.String(), load_default=dict)


class RecurringShown(RecurringNew):
    """One start by the calendar."""

    id = ma.fields.Integer()
    next_at = Moment()
    last_key = ma.fields.String(allow_none=True, metadata={"example": "2026-11"})
    ended_at = Moment(allow_none=True)


class RecurringList(ma.Schema):
    """Every start by the calendar that is in force."""

    items = ma.fields.List(ma.fields.Nested(RecurringShown))


@routes.get("/recurring", needs=_ADMINISTRATORS, gives=Gives(RecurringList))
def search(ask: Ask) -> dict[str, Any]:
    """List what the calendar starts."""
    return {"items": recurring.list_recurring(ask.session)}


@routes.post(
    "/recurring",
    needs=_ADMINISTRATORS,
    takes=Takes(RecurringNew, example=_EXAMPLE),
    gives=Gives(RecurringShown, status=201),
)
def add(ask: Ask) -> Recurring:
    """Start a process once a period, from its next beginning on."""
    row = plan(ask.runner, ask.session, NewRecurring(**ask.body))
    ask.keep_on_file("recurring_planned", "recurring", row.id, {**ask.body, "form": None})
    return row


@routes.post(
    "/recurring/<row:recurring_id>/end", needs=_ADMINISTRATORS, gives=Gives(RecurringShown)
)
def end(ask: Ask, recurring_id: int) -> Recurring:
    """Start nothing more by this row; what was started goes on."""
    recurring.get_recurring(ask.session, recurring_id)
    recurring.end_recurring(ask.session, recurring_id, at=ask.now)
    ask.keep_on_file("recurring_ended", "recurring", recurring_id)
    return recurring.get_recurring(ask.session, recurring_id)
