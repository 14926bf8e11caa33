"""Plans of inspections over HTTP: planned, drawn, started; a hidden one answers 404 (R21)."""

from functools import partial
from typing import Any

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.fields import AreaCode, Day, Moment, Written
from handlers.inspections import changing, plans
from handlers.inspections.drawing import is_repeated
from handlers.inspections.plans import PROCESS, Planning
from storage.cases.cases import get_case
from storage.errors import Stale
from storage.inspections.plans import Draw, InspectionPlan, list_changes, list_draws

routes = Resource("inspections", "Plans of inspections, their draws and their start.")

_KEY = ma.validate.Range(1, 10**15)


class DrawWanted(ma.Schema):
    """Of which businesses so many are drawn, and how many inspectors of one's office."""

    area = AreaCode()
    category = ma.fields.String(validate=ma.validate.Length(1, 60))
    count = ma.fields.Integer(required=True, validate=ma.validate.Range(1, plans.MOST_BUSINESSES))
    inspectors = ma.fields.Integer(load_default=2, validate=ma.validate.Range(2, 20))


class NewPlan(ma.Schema):
    """A plan: businesses and inspectors are named, or drawn."""

    kind = ma.fields.String(required=True, validate=ma.validate.Length(1, 60))
    title = ma.fields.String(required=True, validate=Written(1, 200))
    since = Day(required=True)
    until = Day(required=True)
    businesses = ma.fields.List(
        ma.fields.Integer(validate=_KEY), validate=ma.validate.Length(1, plans.MOST_BUSINESSES)
    )
    inspectors = ma.fields.List(
        ma.fields.Integer(validate=_KEY), validate=ma.validate.Length(1, 20)
    )
    draw = ma.fields.Nested(DrawWanted)
    hidden = ma.fields.Boolean()
    embargo_until = Moment()


class PlanChanged(ma.Schema):
    """What is new of a plan that has not started, and why; what is left out stays."""

    reason = ma.fields.String(required=True, validate=Written(2, 500))
    base_version = ma.fields.Integer(
        validate=_KEY, metadata={"description": "The version one has seen, instead of If-Match"}
    )
    title = ma.fields.String(validate=Written(1, 200))
    since = Day()
    until = Day()
    businesses = ma.fields.List(
        ma.fields.Integer(validate=_KEY), validate=ma.validate.Length(1, plans.MOST_BUSINESSES)
    )
    inspectors = ma.fields.List(
        ma.fields.Integer(validate=_KEY), validate=ma.validate.Length(1, 20)
    )
    draw = ma.fields.Nested(DrawWanted, metadata={"description": "Draws again"})
    hidden = ma.fields.Boolean()
    embargo_until = Moment(allow_none=True)


class PlanCancelled(ma.Schema):
    """Why a plan is cancelled."""

    reason = ma.fields.String(required=True, validate=Written(2, 500))
    base_version = ma.fields.Integer(validate=_KEY)


class PlanShown(ma.Schema):
    """A plan; the day it has to end by is a working day."""

    id = ma.fields.Integer()
    kind = ma.fields.String(metadata={"example": "double_random"})
    title = ma.fields.String()
    post = ma.fields.String()
    businesses = ma.fields.List(ma.fields.Integer())
    inspectors = ma.fields.List(ma.fields.Integer())
    since = ma.fields.Date()
    until = ma.fields.Date()
    visible_from_rank = ma.fields.Integer(allow_none=True)
    embargo_until = Moment(allow_none=True)
    state = ma.fields.String(metadata={"example": "planned"})
    started_at = Moment(allow_none=True)
    version = ma.fields.Integer()


class Plans(ma.Schema):
    """Plans, newest first."""

    items = ma.fields.List(ma.fields.Nested(PlanShown))


class PlanSearch(ma.Schema):
    """Which plans."""

    state = ma.fields.String(validate=ma.validate.OneOf(("planned", "started", "cancelled")))


class DrawShown(ma.Schema):
    """What was drawn of whom; `is_repeated` when the seed draws the same again."""

    seed = ma.fields.String()
    population_hash = ma.fields.String()
    population = ma.fields.Dict(ma.fields.String(), ma.fields.List(ma.fields.Integer()))
    drawn = ma.fields.Dict(ma.fields.String(), ma.fields.List(ma.fields.Integer()))
    at = Moment()
    is_repeated = ma.fields.Boolean()


class PlanChangeShown(ma.Schema):
    """A change of a plan: what it was before, and why."""

    version = ma.fields.Integer()
    kind = ma.fields.String(metadata={"example": "changed"})
    reason = ma.fields.String()
    before = ma.fields.Dict()
    changed_by = ma.fields.Integer()
    changed_at = Moment()


class PlanAndDraw(ma.Schema):
    """A plan, with its draw when it was drawn, every draw it had, and what was changed of it."""

    version = ma.fields.Integer()
    plan = ma.fields.Nested(PlanShown)
    draw = ma.fields.Nested(DrawShown, allow_none=True)
    draws = ma.fields.List(ma.fields.Nested(DrawShown))
    changes = ma.fields.List(ma.fields.Nested(PlanChangeShown))


class Begun(ma.Schema):
    """The numbers of the cases that were opened."""

    numbers = ma.fields.List(ma.fields.String())


@routes.get("/inspections", needs=SIGNED_IN, gives=Gives(Plans), query=PlanSearch)
def search(ask: Ask) -> dict[str, Any]:
    """List the plans one may know of."""
    found = plans.list_seen(ask.session, actor=ask.actor, now=ask.now, state=ask.query.get("state"))
    return {"items": found}


@routes.post(
    "/inspections",
    needs=SIGNED_IN,
    takes=Takes(
        NewPlan,
        example={
            "kind": "double_random",
            "title": "餐饮双随机检查",
            "since": "2030-03-04",
            "until": "2030-03-15",
            "draw": {"category": "catering", "count": 1, "inspectors": 2},
        },
    ),
    gives=Gives(PlanAndDraw, status=201, is_versioned=True),
)
def plan(ask: Ask) -> dict[str, Any]:
    """Plan inspections; a rehearsal shows who could be drawn, never the draw to come."""
    made, draw = _planning(ask).plan(ask.body)
    facts = {} if draw is None else {"seed": draw.seed, "population_hash": draw.population_hash}
    ask.keep_on_file("inspection_planned", "inspection_plan", made.id, facts)
    return _shown(ask, made)


@routes.get(
    "/inspections/<row:plan_id>", needs=SIGNED_IN, gives=Gives(PlanAndDraw, is_versioned=True)
)
def read(ask: Ask, plan_id: int) -> dict[str, Any]:
    """Show a plan and its draw, drawn again: `is_repeated` says whether it comes out the same."""
    found = plans.look(ask.session, plan_id, actor=ask.actor, now=ask.now)
    return _shown(ask, found)


@routes.post(
    "/inspections/<row:plan_id>",
    method="PATCH",
    needs=SIGNED_IN,
    takes=Takes(PlanChanged, example={"reason": "人员请假", "until": "2030-03-29"}),
    gives=Gives(PlanAndDraw, is_versioned=True),
)
def change(ask: Ask, plan_id: int) -> dict[str, Any]:
    """Change a plan that has not started; a drawn one is drawn again, and keeps both draws."""
    planning, plan = _own(ask, plan_id)
    changed, draw = changing.change(planning, plan, ask.body)
    facts = {"version": changed.version, "reason": ask.body["reason"]}
    drawn = {} if draw is None else {"seed": draw.seed, "population_hash": draw.population_hash}
    ask.keep_on_file("inspection_plan_changed", "inspection_plan", plan_id, {**facts, **drawn})
    return _shown(ask, changed)


@routes.post(
    "/inspections/<row:plan_id>/cancel",
    needs=SIGNED_IN,
    takes=Takes(PlanCancelled, example={"reason": "与上级检查重复"}),
    gives=Gives(PlanAndDraw, is_versioned=True),
)
def cancel(ask: Ask, plan_id: int) -> dict[str, Any]:
    """Cancel a plan before it starts; it stays on the list, with the reason."""
    planning, plan = _own(ask, plan_id)
    cancelled = changing.cancel(planning, plan, ask.body)
    facts = {"version": cancelled.version, "reason": ask.body["reason"]}
    ask.keep_on_file("inspection_plan_cancelled", "inspection_plan", plan_id, facts)
    return _shown(ask, cancelled)


@routes.post("/inspections/<row:plan_id>/start", needs=SIGNED_IN, gives=Gives(Begun))
def start(ask: Ask, plan_id: int) -> dict[str, Any]:
    """Open a case for each business; a second start opens none."""
    opened = _planning(ask).start(plan_id, partial(_file, ask, plan_id))
    ask.keep_on_file("inspection_started", "inspection_plan", plan_id, {"cases": len(opened)})
    return {"numbers": [get_case(ask.session, case_id).number for case_id in opened]}


def _file(ask: Ask, plan_id: int, business: int) -> int:
    form = {"plan": plan_id, "business": business}
    return ask.runner.start(ask.session, PROCESS, form, actor=ask.actor).case_id


def _planning(ask: Ask) -> Planning:
    due = ask.runner.calendar(ask.session).due
    return Planning(ask.session, ask.actor, ask.now, partial(plans.next_working_day, due))


def _own(ask: Ask, plan_id: int) -> tuple[Planning, InspectionPlan]:
    """A plan of the caller's office, locked, in the version they have seen."""
    planning = _planning(ask)
    plan = planning.own(plan_id)
    ask.agree_on(plan.version)
    if ask.body.get("base_version", plan.version) != plan.version:
        message = "Changed meanwhile; read it again."
        raise Stale(message, version=plan.version)
    return planning, plan


def _shown(ask: Ask, found: InspectionPlan) -> dict[str, Any]:
    draws = [
        {**{name: getattr(draw, name) for name in Draw.__dataclass_fields__}}
        | {"is_repeated": is_repeated(draw)}
        for draw in list_draws(ask.session, found.id)
    ]
    return {
        "version": found.version,
        "plan": found,
        "draw": draws[-1] if draws else None,
        "draws": draws,
        "changes": list_changes(ask.session, found.id),
    }
