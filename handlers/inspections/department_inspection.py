"""部门检查。Drawn in bpmn/department_inspection.bpmn: one case for each business of a plan (R21).

The case begins when the plan is started, and only then has a number. Problems are put right in
`rectification`, leads go to `case_investigation`; the result is published after a review.
"""

from datetime import datetime, timedelta
from typing import Any

from engine.contract import (
    FORM,
    Actor,
    Case,
    Form,
    NotAllowed,
    Refused,
    service_task,
    start_event,
    user_task,
)
from handlers.inspections.ending import check_record
from handlers.inspections.inspectors import went
from storage.city.rules import installed
from storage.inspections.plans import get_plan
from storage.inspections.records import Item, end_inspection, list_items
from storage.moments import in_china, start_of
from storage.people.posts import find_staffing, get_staffing_of
from storage.registry.businesses import get_business

Answer = dict[str, Any]

_OUTCOME = {"nothing": "nothing_found", "case_lead": "case_lead"}


@start_event(
    asks={"plan": int, "business": int},
    gives={"found": "", "rectification": "", "inspect_by": datetime},
)
def inspection_started(case: Case, form: Form, *, officer: Actor) -> Answer:
    """开始检查：计划里的每个食品主体一件，由制定计划的岗位承办。"""
    plan = get_plan(case.session, int(form["plan"]))
    business = get_business(case.session, int(form["business"]))
    if plan.state != "started" or business.id not in plan.businesses:
        message = "这个主体不在已经启动的检查计划里。"
        raise Refused(message, code="not_in_plan", clause="R21")
    post = get_staffing_of(case.session, plan.post, at=case.now).post
    case.change(
        title="监督检查",
        area_code=business.area_code,
        business_id=business.id,
        description=plan.title,
        source="department_patrol",
        collector_officer=officer.id,
        collector_post=post.id,
        floor_rank=post.rank,
        visible_from_rank=post.rank,
    )
    case.take_over(post, why="inspection_planned")
    last = start_of(plan.until + timedelta(days=1)) - timedelta(seconds=1)
    # Who begins on the last evening has the hours of the next day, not those of the night.
    hours = installed().thresholds.inspect_least_hours
    due = max(last, case.limits.due(case.now, hours, "working_hour"))
    return {"found": "", "rectification": "", "inspect_by": in_china(due).isoformat()}


@user_task(
    asks={"found": ("nothing", "problems", "case_lead", "both"), "officers": (str, None)},
    gives={"found": FORM, "handled_by": int, "handled_post": (str, None), "handled_level": str},
)
def carry_out(case: Case, form: Form, *, officer: Actor) -> Answer:
    """现场检查：不少于两名检查人员；只有一个人去的改记为巡查。"""
    if not officer.holds(case.owner):
        message = "只有制定计划的单位可以填写检查记录。"
        raise NotAllowed(message, code="not_the_owner", clause="R21")
    named, reason = str(form.get("officers") or ""), str(form.get("officers_reason") or "")
    present = went(case.session, case.id, str(case.owner), named, reason, at=case.now)
    found = str(form["found"])
    lines = list_items(case.session, case.id)
    check_record(case.session, case.id, found, lines)
    end_inspection(case.session, case.id, result=found, inspectors=present, at=case.now)
    case.note(
        "inspected",
        result=found,
        problems=[line.item for line in lines if line.answer == "no"],
        lines=[_on_file(line) for line in lines],
        inspectors=present,
    )
    return {
        "found": found,
        "handled_by": officer.id,
        "handled_post": case.owner,
        "handled_level": str(case.owner).partition(":")[0],
    }


def _on_file(line: Item) -> Answer:
    """A line of the checklist as the case file keeps it; the photos are in the file too."""
    said = {"item": line.item, "answer": line.answer, "photos": line.photos}
    return said if line.remark is None else {**said, "remark": line.remark}


@service_task(reads={"found": str}, gives={})
def publish_result_later(case: Case) -> None:
    """结果待公开：二十个工作日内，审核后公开。"""
    outcome = _OUTCOME.get(str(case.data["found"]), "resolved")
    days = installed().thresholds.publish_days
    by = in_china(case.limits.due(case.now, days, "working_day")).date()
    end_inspection(case.session, case.id, publish_on=by)
    case.change(status="closed", outcome=outcome, closed_at=case.now)
    copied_to = _copied_to(case)
    case.note("inspection_closed", outcome=outcome, publish_by=by.isoformat(), copied_to=copied_to)
    case.tell("platform", "case_closed", case=case.number, outcome=outcome)
    if copied_to is not None:
        case.tell(copied_to, "inspection_copied", case=case.number, outcome=outcome)


def _copied_to(case: Case) -> str | None:
    """Let the station of the place read what a superior found; owner and floor stay (art. 35)."""
    station = find_staffing(case.session, "station", case.area, at=case.now)
    if station is None or station.post.rank >= int(case.row["floor_rank"]):
        return None
    case.change(visible_from_rank=station.post.rank)
    return station.post.id
