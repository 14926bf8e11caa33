"""补齐空缺。Drawn in bpmn/staffing_gap.bpmn: a gap is filled, or its filler is supervised (R18).

The nightly check starts one case for each gap where an area has it switched on; it ends when the
gap is filled, reported or not.
"""

from datetime import datetime
from typing import Any

from engine.contract import (
    Actor,
    Case,
    Form,
    FormInvalid,
    Refused,
    service_task,
    start_event,
    user_task,
)
from storage.city.rules import installed
from storage.moments import in_china
from storage.people.ladder import find_filled_post
from storage.places.areas import get_area
from storage.staffing.gaps import find_gap
from storage.staffing.rules import StaffingRule

KIND = "staffing_gap"
SUPERVISING = "county"
FILLED = "gap_filled"
"""The message by which a case ends whose gap was filled."""

Answer = dict[str, Any]


@start_event(
    asks={"kind": str, "place": str},
    gives={
        "named_post": str,
        "level": "",
        "gap_kind": str,
        "gap_place": str,
        "fill_due_at": datetime,
        "is_filled": False,
    },
)
def gap_found(case: Case, form: Form, *, officer: Actor | None) -> Answer:  # noqa: ARG001 - as every rule
    """发现空缺：由补缺的岗位承办，5 个工作日到期；岗位无人的由上一级。"""
    rule = _rule(str(form["kind"]))
    area = get_area(case.session, str(form["place"]), on=in_china(case.now).date())
    found = find_filled_post(case.session, rule.filled_by, area.code, at=case.now).staffing
    if found is None:
        message = f"{area.name}没有可以补缺的岗位，请先设置岗位和人员。"
        raise Refused(message, code="nobody_in_post", clause="R18")
    case.change(
        title=f"{area.name}：{rule.name_zh}空缺",
        area_code=area.code,
        deadline_profile="standard",
    )
    case.take_over(found.post, why="gap_found")
    return {
        "named_post": found.post.id,
        "level": "",
        "gap_kind": rule.kind,
        "gap_place": area.code,
        "fill_due_at": case.limits.due(case.now, rule.days, "working_day").isoformat(),
        "is_filled": False,
    }


@user_task(reads={"named_post": str}, asks={"measures": str}, gives={})
def fill_gap(case: Case, form: Form, *, officer: Actor) -> Answer:  # noqa: ARG001 - as every rule
    """补齐人员：先任命或指定，再写明怎样补齐。"""
    case.note("gap_reported_filled", post=case.data["named_post"])
    return {}


@service_task(reads={"gap_kind": str, "gap_place": str}, gives={"is_filled": bool})
def check_gap(case: Case) -> Answer:
    """核对空缺：补齐的办结，没有补齐的退回补缺的岗位。"""
    gap = find_gap(case.session, str(case.data["gap_kind"]), str(case.data["gap_place"]))
    case.note("gap_checked", missing=0 if gap is None else gap.missing)
    return {"is_filled": gap is None}


@service_task(reads={"named_post": str}, gives={})
def supervise_gap(case: Case) -> None:
    """逾期未补齐：县级督办，告知县级和补缺的岗位。"""
    found = find_filled_post(case.session, SUPERVISING, case.area, at=case.now).staffing
    told = [str(case.data["named_post"]), *([] if found is None else [found.post.id])]
    for receiver in told:
        case.tell(receiver, "overdue_supervised", case=case.number)
    case.change(supervised=True)
    case.note("supervised", reason="overdue", told=told)


def _rule(kind: str) -> StaffingRule:
    rule = installed().staffing.get(kind)
    if rule is None:
        raise FormInvalid.at("kind", "没有这种人员配备规则。", clause="R18")
    return rule
