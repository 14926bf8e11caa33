"""逐级流转。Drawn in bpmn/escalation.bpmn; the rungs themselves are in `handling`.

Here is the one rung that does not handle: the village centre, which sorts and forwards (R40, A1).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.contract import (
    A_ROLE,
    FORM,
    Actor,
    Case,
    Form,
    FormInvalid,
    decision_task,
    service_task,
    user_task,
)
from storage.cases.duplicates import get_original
from storage.people.posts import find_staffing
from storage.places.matters import find_matter

VILLAGE_CENTER = "village_center"

Answer = dict[str, Any]

CLOCK = {"limit": (int, float), "unit": str}
"""The columns that the limit of a relay reads."""


@service_task(
    gives={"is_filled": bool, "enter_at": "accept"},
    may_give={"level": VILLAGE_CENTER, "outcome": "pass_up", "reason": str},
)
def assign_village_center(case: Case) -> Answer:
    """找村（社区）平台中心值守岗；无人值守的跨过并记录原因。"""
    staffing = find_staffing(case.session, VILLAGE_CENTER, case.area, at=case.now)
    if staffing is not None and staffing.is_filled(without_business=case.row["business_id"]):
        case.take_over(staffing.post, why="relay")
        return {"is_filled": True, "level": VILLAGE_CENTER, "enter_at": "accept"}
    is_vacant = staffing is None or not staffing.holders
    reason = "vacant" if is_vacant else "conflict_of_interest"
    post_id = None if staffing is None else staffing.post.id
    case.note("post_stepped_over", level=VILLAGE_CENTER, post=post_id, reason=reason)
    return {"is_filled": False, "outcome": "pass_up", "reason": reason, "enter_at": "accept"}


@decision_task(gives={"relay_forward_at": datetime}, row=CLOCK)
def relay_deadline(case: Case, row: Mapping[str, Any]) -> Answer:
    """转办时限：到期自动转市场监管所。"""
    due = case.limits.due(case.now, row["limit"], row["unit"])
    return {"relay_forward_at": due.isoformat()}


@user_task(
    asks={"outcome": (str, "pass_up", "duplicate"), "matter": (str, None), "original": object},
    gives={"outcome": FORM, "reason": "", "matter": str},
    may_give={"passed_up_by": VILLAGE_CENTER},
)
def relay(case: Case, form: Form, *, officer: Actor) -> Answer:  # noqa: ARG001 - as every rule
    """分类转办：可改列事项、标明重复，不能办结。"""
    matter = _reclassified(case, form.get("matter"))
    outcome = str(form["outcome"])
    if outcome == "duplicate":
        original = get_original(case.session, form.get("original"), of=case.row, actor=case.actor)
        case.link(original.id, "duplicate_of")
    case.note("relayed", outcome=outcome, matter=matter)
    answer = {"outcome": outcome, "reason": "", "matter": matter}
    # Whoever forwarded may take it back, and gets it back when the station returns it.
    return answer | ({"passed_up_by": VILLAGE_CENTER} if outcome == "pass_up" else {})


@service_task(gives={"outcome": "pass_up", "reason": "overdue"})
def forward_by_itself(case: Case) -> Answer:
    """停留超时，自动转市场监管所。"""
    case.note("passed_up", level=VILLAGE_CENTER, post=case.owner, reason_code="overdue")
    return {"outcome": "pass_up", "reason": "overdue"}


@service_task(reads={"outcome": str, "start_level": A_ROLE}, gives={"outcome": ""})
def step_back(case: Case) -> Answer:
    """退到上一承办级：退回的重新签收，撤回的直接继续处置。"""
    case.note("stepped_back", outcome=case.data["outcome"], to_level=case.data["start_level"])
    # The outcome of the level that was left says nothing about the level it goes back to.
    return {"outcome": ""}


def _reclassified(case: Case, code: str | None) -> str | None:
    """The matter from here on; another one of the list changes the case, not its route."""
    if code is None or code == case.matter:
        return case.data.get("matter") if code is None else code
    matter = find_matter(case.session, code)
    if matter is None:
        raise FormInvalid.at("matter", "事项清单里没有这个事项。")
    case.note("reclassified", previous=case.matter, matter=code)
    case.change(matter=code, title=matter.name_zh)
    return code
