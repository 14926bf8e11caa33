"""Self-inspection: accounts of businesses, what they owe and reported, who is watched more."""

from typing import Any, Final

import marshmallow as ma

from api.http import auth, cursors
from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Reply, Resource, Takes
from api.http.shapes.cases import Moved, Paged, moved
from api.http.shapes.fields import Moment, Written
from api.resources.patrols.planning import SELF_INSPECTION, plan_obligations
from engine.run.record import Done
from handlers.patrols.representatives import open_account, require_watching
from handlers.registry.keeping import holds
from storage.errors import Conflict, NotFound
from storage.patrols import watching
from storage.patrols.obligations import OpenPeriod, find_open
from storage.people.actors import Actor
from storage.processes.recurring import Recurring, get_recurring, list_of_subject
from storage.registry.businesses import Business, get_business

routes = Resource("self_inspections", "Self-inspection of businesses, and more checks for some.")

DEPARTMENTS: Final = auth.roles("station", "county", "city")
BUSINESSES: Final = auth.roles("business")

_TASK: Final = "inspect_self"
_OUTCOMES: Final = ("done", "missed")
_MOST: Final = 200


class NewBusinessAccount(ma.Schema):
    """The account of a business; its password is set through the link that is answered."""

    username = ma.fields.String(required=True, validate=Written(1, 60))
    name = ma.fields.String(required=True, validate=Written(1, 60))


class BusinessAccount(ma.Schema):
    """The account, the link shown this once, and the periods the business owes from now on."""

    officer = ma.fields.Integer()
    username = ma.fields.String()
    link = ma.fields.String()
    owed = ma.fields.List(ma.fields.String())


class OwedPeriods(ma.Schema):
    """The periods a business owes."""

    owed = ma.fields.List(ma.fields.String(metadata={"example": "month"}))


class Obligation(ma.Schema):
    """One kind of period a business owes; `task` is the open one."""

    id = ma.fields.Integer()
    period = ma.fields.String(metadata={"example": "month"})
    current = ma.fields.String(allow_none=True, metadata={"example": "2026-03"})
    task = ma.fields.String(allow_none=True)
    due_at = Moment(allow_none=True)
    next_at = Moment()


class Obligations(ma.Schema):
    """What the caller's own business owes."""

    business = ma.fields.Integer()
    items = ma.fields.List(ma.fields.Nested(Obligation))


class SelfInspectionForm(ma.Schema):
    """The form `inspect_self`, see `bpmn/forms`."""

    form = ma.fields.Dict(keys=ma.fields.String(), required=True)


class SelfReportShown(ma.Schema):
    """One closed period; it is never changed."""

    id = ma.fields.Integer()
    business = ma.fields.Integer(attribute="business_id")
    name = ma.fields.String(attribute="business")
    category = ma.fields.String()
    area = ma.fields.String(attribute="area_code")
    obligation = ma.fields.String()
    period = ma.fields.String()
    outcome = ma.fields.String(validate=ma.validate.OneOf(_OUTCOMES))
    due_at = Moment()
    closed_at = Moment()
    found = ma.fields.List(ma.fields.String())


class SelfReports(ma.Schema):
    """Closed periods, the newest first."""

    items = ma.fields.List(ma.fields.Nested(SelfReportShown))
    next = ma.fields.String(allow_none=True)


class SelfReportSearch(Paged):
    """Which closed periods."""

    business = ma.fields.Integer(validate=ma.validate.Range(1, 2**53))
    outcome = ma.fields.String(validate=ma.validate.OneOf(_OUTCOMES))


class IntensityChange(ma.Schema):
    """A change of how closely a business is watched; the business itself reads no reasons."""

    state = ma.fields.String(metadata={"example": "watch"})
    since = Moment()
    because = ma.fields.Dict(keys=ma.fields.String(), allow_none=True)


class IntensityShown(ma.Schema):
    """How closely a business is watched now, and how that came."""

    business = ma.fields.Integer()
    state = ma.fields.String(metadata={"example": "normal"})
    history = ma.fields.List(ma.fields.Nested(IntensityChange))


class WatchedBusiness(ma.Schema):
    """A business that is watched more closely than others."""

    business = ma.fields.Integer(attribute="business_id")
    name = ma.fields.String(attribute="business")
    category = ma.fields.String()
    area = ma.fields.String(attribute="area_code")
    state = ma.fields.String()
    since = Moment()
    because = ma.fields.Dict(keys=ma.fields.String())


class Watched(ma.Schema):
    """Businesses of one's areas that are watched more closely."""

    items = ma.fields.List(ma.fields.Nested(WatchedBusiness))


@routes.post(
    "/businesses/<row:business_id>/account",
    needs=DEPARTMENTS,
    takes=Takes(NewBusinessAccount, example={"username": "shop01", "name": "演示主体09"}),
    gives=Gives(BusinessAccount, status=201, is_secret=True),
)
def open_for_business(ask: Ask, business_id: int) -> dict[str, Any]:
    """Open the account of a business: it does what is asked of it there, and sees only itself."""
    known = get_business(ask.session, business_id)
    made = open_account(ask.session, known, ask.body, actor=ask.actor, now=ask.now)
    ask.keep_on_file("business_account_opened", "business", business_id, {"officer": made})
    link = ask.composition.links.issue(made, 1, now=ask.now)
    return {
        "officer": made,
        "username": ask.body["username"],
        "link": f"/set-password?link={link}",
        "owed": plan_obligations(ask.runner, ask.session, known),
    }


@routes.post(
    "/businesses/<row:business_id>/obligations", needs=DEPARTMENTS, gives=Gives(OwedPeriods)
)
def plan_again(ask: Ask, business_id: int) -> dict[str, Any]:
    """Plan what a business owes by its category and posts of today; what is open goes on."""
    known = get_business(ask.session, business_id)
    require_watching(ask.actor, known)
    owed = plan_obligations(ask.runner, ask.session, known)
    ask.keep_on_file("obligations_planned", "business", business_id, {"owed": owed})
    return {"owed": owed}


@routes.get("/me/obligations", needs=BUSINESSES, gives=Gives(Obligations))
def mine(ask: Ask) -> dict[str, Any]:
    """Show what the caller's own business owes, and which period is open."""
    rows, periods = _own(ask, ask.actor)
    items = [_shown(row, periods.get(_key(row))) for row in rows]
    return {"business": ask.actor.business_id, "items": items}


@routes.post(
    "/self-inspections/<row:obligation_id>",
    needs=BUSINESSES,
    takes=Takes(SelfInspectionForm, example={"form": {"found": "nothing"}}),
    gives=Gives(Moved, shape=moved),
)
def report(ask: Ask, obligation_id: int) -> Reply | Done:
    """Report the open period of an obligation; a report of no problem counts as well."""
    row = get_recurring(ask.session, obligation_id)
    if row.process_id != SELF_INSPECTION or row.subject != str(ask.actor.business_id):
        message = "没有这项自查义务。"
        raise NotFound(message, code="obligation_not_found")
    period = find_open(ask.session, [_key(row)], task_id=_TASK).get(_key(row))
    if period is None:
        message = "这一期还没有开始，或者已经结束；请按下一期的日期再报。"
        raise Conflict(message, code="period_not_open")
    return ask.runner.complete(
        ask.session, period.running_id, period.token, ask.body["form"], actor=ask.actor
    )


@routes.get("/self-inspections", needs=SIGNED_IN, gives=Gives(SelfReports), query=SelfReportSearch)
def search(ask: Ask) -> dict[str, Any]:
    """List closed periods of one's areas, or of one's own business."""
    page = watching.list_reports(
        ask.session,
        actor=ask.actor,
        business_id=ask.query.get("business"),
        outcome=ask.query.get("outcome"),
        cursor=cursors.of_query(ask),
        limit=ask.query["limit"],
    )
    return {"items": page.items, "next": cursors.next_of(ask, page)}


@routes.get("/businesses/<row:business_id>/intensity", needs=SIGNED_IN, gives=Gives(IntensityShown))
def read_intensity(ask: Ask, business_id: int) -> dict[str, Any]:
    """Show how closely a business is watched; the business itself reads no reasons (R54)."""
    known = get_business(ask.session, business_id)
    _require_seen(ask.actor, known)
    is_itself = ask.actor.business_id == business_id
    history = [
        {"state": row.state, "since": row.since, "because": None if is_itself else row.because}
        for row in watching.list_history(ask.session, business_id)
    ]
    state = history[0]["state"] if history else "normal"
    return {"business": business_id, "state": state, "history": history}


@routes.get("/intensity", needs=DEPARTMENTS, gives=Gives(Watched))
def list_watched(ask: Ask) -> dict[str, Any]:
    """List the businesses of one's areas that are watched more closely."""
    return {"items": watching.list_watched(ask.session, ask.actor.prefixes, limit=_MOST)}


def _own(ask: Ask, actor: Actor) -> tuple[list[Recurring], dict[str, OpenPeriod]]:
    subject = str(actor.business_id)
    rows = list_of_subject(ask.session, SELF_INSPECTION, "business", subject)
    return rows, find_open(ask.session, [_key(row) for row in rows], task_id=_TASK)


def _key(row: Recurring) -> str:
    return row.start_key(row.last_key or "")


def _shown(row: Recurring, period: OpenPeriod | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "period": row.period,
        "current": row.last_key,
        "task": None if period is None else period.task,
        "due_at": None if period is None else period.due_at,
        "next_at": row.next_at,
    }


def _require_seen(actor: Actor, known: Business) -> None:
    """Another business, and one of another area, is not there."""
    if not holds(actor, known):
        message = "主体库里没有这个食品主体。"
        raise NotFound(message, code="unknown_business")
