"""Plans of inspections: what is planned, a new plan with its rehearsal, one plan and its start."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import redirect, render_template, request, url_for

from engine.reads.reading import Reading
from handlers.inspections import plans
from handlers.inspections.frequency import (
    Frequency,
    OtherOffice,
    frequencies_of,
    inspected_elsewhere,
)
from storage.city.rules import installed
from storage.inspections.plans import InspectionPlan, PlanChange, list_changes, list_draws
from storage.inspections.records import CaseOfPlan, cases_of_plan
from storage.moments import in_china
from storage.people.actors import list_names
from storage.people.posts import list_holders
from storage.registry.businesses import Business, find_business, list_businesses
from web.frame import sessions, unsent
from web.frame.answers import detail, new_key, posted_key, problem_page, rendered
from web.frame.fields import id_of
from web.frame.language import in_brackets, listed, moment, pick, t
from web.frame.naming import category_name, names_for
from web.frame.reading import search_text, seen
from web.frame.site import site
from web.frame.words import word
from web.frame.writing import PageAnswer, rehearse, write
from web.pages.inspections.draws import drawn_people, drawn_shops, shown_draws

STATES = {
    "planned": ("待启动", "Planned"),
    "started": ("已启动", "Started"),
    "cancelled": ("已作废", "Cancelled"),
}
FOUND = {
    "nothing": ("未发现问题", "Nothing found"),
    "problems": ("有问题，要整改", "Problems to be put right"),
    "case_lead": ("有案件线索", "A lead for enforcement"),
    "both": ("要整改，也有线索", "Problems and a lead"),
}
"""What a record found, in words."""
CHANGES = {
    "changed": ("修改", "Changed"),
    "drawn": ("重新抽取", "Drawn again"),
    "cancelled": ("作废", "Cancelled"),
}
FIELDS = {
    "title": ("名称", "title"),
    "since": ("开始日期", "first day"),
    "until": ("截止日期", "last day"),
    "businesses": ("主体", "businesses"),
    "inspectors": ("检查人员", "inspectors"),
    "visible_from_rank": ("保密", "hidden"),
    "embargo_until": ("保密到", "hidden until"),
}
OK = 200
MOST_SHOPS = 30
_MOVED = (
    "截止日期是休息日，已顺延到 {}。",
    "The last day is a day off; it was moved to {}.",
)


@site.get("/inspection-plans")
@sessions.signed_in
def inspection_plans() -> Any:
    """The plans one may know of."""
    return render_template("inspections/plans.html", **seen(_listed))


@site.get("/inspection-plans/new")
@sessions.signed_in
def new_inspection_plan() -> Any:
    """The form of a plan: businesses are found by name or drawn."""
    return _form()


@site.post("/inspection-plans/new")
@sessions.signed_in
@sessions.keeps_typed
def make_inspection_plan() -> Any:
    """Find businesses, show who would be drawn, or make the plan; the input is shown again."""
    if unsent.is_for_review():
        return _form(status=unsent.OUT_OF_DATE)
    if "find" in request.form:
        return _form()
    body = _typed()
    if "rehearse" in request.form:
        answer = rehearse("inspections.plan", {}, body)
        return _form(answer, drawn=None if answer.is_problem else answer.data["draw"])
    answer = write("inspections.plan", {}, body, key=posted_key())
    if answer.is_problem:
        return _form(answer)
    made = answer.data["plan"]
    moved = body["until"] if made["until"] != body["until"] else None
    return redirect(url_for("web.inspection_plan", plan_id=made["id"], moved=moved), code=303)


@site.get("/inspection-plans/<row:plan_id>")
@sessions.signed_in
def inspection_plan(plan_id: int) -> Any:
    """One plan: who inspects what, how it was drawn, and the cases it opened."""
    return plan_page(plan_id)


def plan_page(plan_id: int, *, failed: PageAnswer | None = None) -> Any:
    """Show a plan; `failed` is a change of it that was refused, whose input is shown again."""
    shown = seen(lambda reading: _plan(reading, plan_id))
    problem = "" if failed is None else detail(failed)
    errors = {} if failed is None else _errors(failed.data)
    return rendered(
        "inspections/plan.html",
        OK if failed is None else failed.status,
        key=new_key(),
        problem=problem,
        errors=errors,
        typed=request.form if failed is not None else {},
        **shown,
    )


@site.post("/inspection-plans/<row:plan_id>/start")
@sessions.signed_in
def start_inspection_plan(plan_id: int) -> Any:
    """Open a case for each business."""
    answer = write("inspections.start", {"plan_id": str(plan_id)}, {}, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.inspection_plan", plan_id=plan_id), code=303)


def _plan(reading: Reading, plan_id: int) -> dict[str, Any]:
    plan = plans.look(reading.session, plan_id, actor=reading.actor, now=reading.now)
    draws, changes = list_draws(reading.session, plan_id), list_changes(reading.session, plan_id)
    is_own = reading.actor.holds(plan.post) and plan.state == "planned"
    people = list_holders(reading.session, plan.post, at=reading.now) if is_own else []
    opened = cases_of_plan(reading.session, plan.id, reading.actor)
    keys = {*plan.inspectors, *(one.id for one in people), *(one.changed_by for one in changes)}
    keys |= {key for found in opened.values() for key in found.inspectors}
    officers = list_names(reading.session, [*keys, *drawn_people(draws)])
    shops = [*plan.businesses, *drawn_shops(draws)]
    others = elsewhere_of(reading, plan.businesses)
    names = names_for(reading, posts=[plan.post], businesses=shops)
    return {
        "plan": _row(plan),
        "others": others,
        "post": names.post(plan.post),
        "rows": [
            _of_business(names.businesses.get(key, str(key)), key, opened.get(key), officers)
            for key in plan.businesses
        ],
        "inspectors": [(key, officers.get(key, str(key))) for key in plan.inspectors],
        "people": [(one.id, officers[one.id]) for one in people],
        "draws": shown_draws(draws, names.businesses, officers),
        "changes": [_change(change, officers) for change in changes],
        "may_start": is_own,
        "is_early": plan.since > in_china(reading.now).date(),
        "moved": t(*_MOVED).format(plan.until) if "moved" in request.args else "",
    }


def _of_business(
    name: str, key: int, found: CaseOfPlan | None, people: Mapping[int, str]
) -> dict[str, Any]:
    """A business of the plan: its case, how far that is, who went, and what they found."""
    if found is None:
        return {"business": name, "id": key, "number": "", "state": "", "who": "", "result": ""}
    state = word(found.status) + (in_brackets(word(found.outcome)) if found.outcome else "")
    return {
        "business": name,
        "id": key,
        "number": found.number,
        "is_closed": found.status == "closed",
        "state": state,
        "who": listed(people[key] for key in found.inspectors if key in people),
        "result": t(*FOUND[found.result]) if found.result in FOUND else "",
        "ended": moment(found.ended_at),
    }


def _change(change: PlanChange, officers: Mapping[int, str]) -> dict[str, str]:
    """Who changed what of a plan, and why."""
    fields = listed(t(*FIELDS[name]) for name in change.before if name in FIELDS)
    return {
        "what": t(*CHANGES[change.kind]),
        "fields": fields,
        "who": officers.get(change.changed_by, ""),
        "when": moment(change.changed_at),
        "reason": change.reason,
    }


def _listed(reading: Reading) -> dict[str, Any]:
    state = "planned" if request.args.get("state") == "planned" else None
    found = plans.list_seen(reading.session, actor=reading.actor, now=reading.now, state=state)
    names = names_for(reading, posts=[plan.post for plan in found])
    rows = [{**_row(plan), "post": names.post(plan.post)} for plan in found]
    may_plan = plans.plans_inspections(reading.actor)
    return {"rows": rows, "is_narrowed": state is not None, "may_plan": may_plan}


def _row(plan: InspectionPlan) -> dict[str, Any]:
    return {
        "id": plan.id,
        "title": plan.title,
        "kind": kind_name(plan.kind),
        "state": t(*STATES.get(plan.state, (plan.state, plan.state))),
        "version": plan.version,
        "since": plan.since.isoformat(),
        "until": plan.until.isoformat(),
        "is_started": plan.state == "started",
        "is_cancelled": plan.state == "cancelled",
        "is_hidden": plan.visible_from_rank is not None and plan.state != "started",
        "period": f"{plan.since.isoformat()} — {plan.until.isoformat()}",
        "count": len(plan.businesses),
        "started": moment(plan.started_at),
    }


def kind_name(kind_id: str) -> str:
    """The name of a kind; its id where the city has dropped it since."""
    kind = installed().inspection_kinds.get(kind_id)
    return kind_id if kind is None else t(kind.name_zh, kind.name_en)


def elsewhere_of(reading: Reading, businesses: Sequence[int]) -> dict[int, str]:
    """In words, which other offices inspect businesses or did lately; nobody has to stay away."""
    found = inspected_elsewhere(reading.session, businesses, actor=reading.actor, now=reading.now)
    names = names_for(reading, posts=[one.post for each in found.values() for one in each])
    return {
        key: listed(_elsewhere(one, names.post(one.post)) for one in each)
        for key, each in found.items()
    }


def _elsewhere(other: OtherOffice, office: str) -> str:
    if other.ended_on is not None:
        return t(f"{office} {other.ended_on} 检查过", f"{office} inspected on {other.ended_on}")
    days = f"{other.since} — {other.until}"
    return t(f"{office}也要检查（{days}）", f"{office} inspects as well ({days})")


def _proposal(found: Frequency) -> str:
    """How often, and since when: a proposal beside the name."""
    last = found.last_on
    if last is None:
        return t("还没有检查过", "Never inspected")
    return t(
        f"每 {found.every_days} 天一次，上次 {last}，应在 {found.due_on} 前",
        f"Every {found.every_days} days, last on {last}, next by {found.due_on}",
    )


def _typed() -> dict[str, Any]:
    """The plan as the page sends it; empty fields are left out."""
    form = request.form
    body: dict[str, Any] = {
        name: form[name].strip()
        for name in ("kind", "title", "since", "until")
        if form.get(name, "").strip()
    }
    if form.get("hidden"):
        body["hidden"] = True
    count = id_of(form.get("count", ""))
    if count is not None:
        inspectors = id_of(form.get("drawn_inspectors", "")) or 2
        body["draw"] = {"count": count, "inspectors": inspectors}
        if form.get("category"):
            body["draw"]["category"] = form["category"]
    for name in ("businesses", "inspectors"):
        chosen = [key for text in form.getlist(name) if (key := id_of(text)) is not None]
        if chosen or count is None:
            body[name] = chosen
    return body


def _ticked(reading: Reading, shown: set[int]) -> list[Business]:
    """The businesses chosen before another search: none of them is lost by it."""
    chosen = (id_of(text) for text in request.form.getlist("businesses"))
    found = (find_business(reading.session, key) for key in chosen if key and key not in shown)
    own = tuple(reading.actor.prefixes)
    return [shop for shop in found if shop is not None and shop.area_code.startswith(own)]


def _errors(problem: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with which field of the page."""
    errors = {}
    for error in problem.get("errors") or []:
        *above, name = str(error["pointer"]).strip("/").split("/")
        if "draw" in above and name == "inspectors":
            name = "drawn_inspectors"
        errors[name] = pick(error["message"])
    return errors


def _form(
    answer: PageAnswer | None = None, *, drawn: dict[str, Any] | None = None, status: int = 200
) -> Any:
    def look(reading: Reading) -> dict[str, Any]:
        post = plans.planner(reading.actor)
        wanted = search_text()
        shops = [
            shop
            for prefix in reading.actor.prefixes
            for shop in list_businesses(
                reading.session, area=prefix, status="operating", q=wanted, limit=MOST_SHOPS
            ).items
        ][:MOST_SHOPS]
        shops += _ticked(reading, {shop.id for shop in shops})
        proposals = frequencies_of(reading.session, shops, now=reading.now)
        others = elsewhere_of(reading, [shop.id for shop in shops])
        shops.sort(key=lambda shop: proposals[shop.id].due_on)
        people = list_holders(reading.session, post.id, at=reading.now)
        return {
            "post": post.title,
            "wanted": wanted,
            "others": others,
            "shops": [(shop, _proposal(proposals[shop.id])) for shop in shops],
            "people": list(list_names(reading.session, [one.id for one in people]).items()),
            "categories": [(code, category_name(code)) for code in installed().categories.names],
            "today": in_china(reading.now).date().isoformat(),
        }

    is_wrong = answer is not None and answer.is_problem
    errors = _errors(answer.data) if answer is not None and is_wrong else {}
    values = {
        "kinds": [(kind, kind_name(kind)) for kind in installed().inspection_kinds],
        "key": new_key(),
        "problem": detail(answer) if answer is not None and is_wrong else "",
        "errors": errors,
        "typed": request.form,
        "drawn": drawn,
        "could_be": {kind: len(ids) for kind, ids in drawn["population"].items()} if drawn else {},
    }
    status = answer.status if answer is not None and is_wrong else status
    return rendered("inspections/new_plan.html", status, **seen(look), **values)
