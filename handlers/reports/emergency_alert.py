"""紧急告警。Drawn in bpmn/emergency_alert.bpmn: one alerted post says that it knows (A11).

It runs beside the case, once for every post alerted, and never changes who handles the case.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.contract import (
    Actor,
    Case,
    Form,
    decision_task,
    service_task,
    start_event,
    user_task,
)
from storage.delivery.notifications import mark_told
from storage.people.ladder import find_filled_post
from storage.people.roles import role_standing_in

EMERGENCY = "emergency"
"""The notice by which a post is alerted."""

Answer = dict[str, Any]


@start_event(asks={"post": str}, gives={"named_post": str, "level": ""})
def alert_raised(case: Case, form: Form, *, officer: Actor | None) -> Answer:  # noqa: ARG001 - as every rule
    """发出告警：由被告知的岗位签收。"""
    return {"named_post": form["post"], "level": ""}


@decision_task(
    gives={"acknowledge_supervise_at": datetime}, row={"limit": (int, float), "unit": str}
)
def acknowledge_deadline(case: Case, row: Mapping[str, Any]) -> Answer:
    """告警签收时限：昼夜计时，到期转督办。"""
    due = case.limits.due(case.now, row["limit"], row["unit"])
    return {"acknowledge_supervise_at": due.isoformat()}


@user_task(reads={"named_post": str}, gives={})
def acknowledge(case: Case, form: Form, *, officer: Actor) -> Answer:  # noqa: ARG001 - as every rule
    """签收告警：已经知道，可写明已采取的措施；签收人的突发消息算已读。"""
    mark_told(case.session, officer.id, case_id=case.id, template=EMERGENCY, at=case.now)
    case.note("alert_acknowledged", post=case.data["named_post"])
    return {}


@service_task(reads={"named_post": str}, gives={})
def supervise_alert(case: Case) -> None:
    """逾期无人签收：转督办，由督办人员另行通知。"""
    post = case.data["named_post"]
    role = role_standing_in()
    found = find_filled_post(case.session, role, case.area, at=case.now).staffing
    superior = None if found is None else found.post.id
    if superior is not None:
        case.tell(superior, "alert_not_acknowledged", case=case.number, post=post)
    case.change(supervised=True)
    case.note("alert_not_acknowledged", post=post, told=superior)
