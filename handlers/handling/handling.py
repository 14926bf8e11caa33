"""一个层级上的处置。Drawn in bpmn/handling.bpmn, which is called once for each level.

What is kept in the data of the diagram: the level of the last person who passed the case up
(`passed_up_by`, empty once somebody accepted), whether it was returned before (`was_returned`), and
who handled it last (`handled_level`, `handled_post`, `handled_by`), which the verifier of the
calling diagram reads.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.contract import (
    A_ROLE,
    FORM,
    NEVER,
    Actor,
    Case,
    Form,
    FormInvalid,
    NotAllowed,
    Refused,
    decision_task,
    service_task,
    user_task,
)
from storage.cases.duplicates import get_original
from storage.people.posts import Staffing, find_staffing, find_staffing_of, role_of
from storage.people.roles import DEPARTMENT
from storage.places.levels import RANKS, top_rank
from storage.video.rules import VIDEO_PATROL

TOP = "city"
ASSISTANT = "village_assistant"
SUPERVISOR = "supervisor"
ABOVE = {"station": "county", "county": "city"}

Answer = dict[str, Any]

CLOCK = {"limit": (int, float), "unit": str, "on_overdue": (str, "pass_up")}
"""The columns that a rule of a limit reads."""


@service_task(
    reads={"level": A_ROLE},
    gives={
        "outcome": ("", "pass_up"),
        "reason": ("", "vacant", "conflict_of_interest"),
        "answer": "",
        "enter_at": ("accept", "handle"),
        "is_filled": bool,
    },
)
def assign_owner(case: Case) -> Answer:
    """确定本级承办岗：首办归采集人，其余按辖区；无人或应回避的跨过本级并记录原因。"""
    # A gateway that reads a name nobody has set is a fault: every name begins here.
    fresh = {"outcome": "", "reason": "", "answer": "", "enter_at": _way_in(case)}
    level = str(case.data["level"])
    staffing, is_collector = _post_of_level(case, level)
    gap = _gap(case, staffing)
    if gap is None and staffing is not None:
        is_first = case.owner is None
        case.take_over(
            staffing.post,
            why="collected" if is_collector else "level",
            officer=_person(case, staffing, is_collector=is_collector),
        )
        if is_first and is_collector and case.row["owner_officer"] is not None:
            case.note("accepted_at_filing", level=level, post=staffing.post.id)
            return fresh | {"is_filled": True, "enter_at": "handle"}
        return fresh | {"is_filled": True}
    if level == TOP:
        _give_to_supervisor(case, gap or "vacant")
        return fresh | {"is_filled": True}
    post_id = None if staffing is None else staffing.post.id
    case.note("post_stepped_over", level=level, post=post_id, reason=gap or "vacant")
    return fresh | {
        "is_filled": False,
        "outcome": "pass_up",
        "reason": gap or "vacant",
        "enter_at": "accept",
    }


@decision_task(gives={"accept_pass_up_at": datetime, "accept_inform_at": datetime}, row=CLOCK)
def accept_deadline(case: Case, row: Mapping[str, Any]) -> Answer:
    """签收时限：网格层到期自动上报，部门层到期告知上级。"""
    due = case.limits.due(case.now, row["limit"], row["unit"]).isoformat()
    if row["on_overdue"] == "pass_up":
        return {"accept_pass_up_at": due, "accept_inform_at": NEVER}
    return {"accept_pass_up_at": NEVER, "accept_inform_at": due}


@user_task(
    asks={"answer": ("accept", "return"), "reason": (str, None)},
    reads={"passed_up_by": (A_ROLE, "")},
    gives={"answer": FORM},
    may_give={"passed_up_by": ""},
)
def accept(case: Case, form: Form, *, officer: Actor) -> Answer:
    """签收；需要退回的写明理由，签收前退给上一承办岗，只能退一次。"""
    _check_owner(case, officer)
    if form["answer"] == "return":
        _check_return(case, form)
        return {"answer": "return"}
    case.change(owner_officer=officer.id)
    if case.data.get("failed_verifications"):
        case.send_back("not_verified")
    # Accepted: from here on nobody can return it (退回) or take it back (撤回).
    return {"answer": "accept", "passed_up_by": ""}


@service_task(
    reads={"level": A_ROLE, "passed_up_by": (A_ROLE, "")},
    gives={
        "outcome": "return",
        "start_level": A_ROLE,
        "enter_at": "accept",
        "was_returned": True,
        "passed_up_by": "",
    },
)
def return_to_previous(case: Case) -> Answer:
    """退回上一承办岗，原因入卷。"""
    level = case.data["passed_up_by"]
    case.send_back("returned")
    case.note("returned", from_level=case.data["level"], to_level=level)
    return {
        "outcome": "return",
        "start_level": level,
        "enter_at": "accept",
        "was_returned": True,
        "passed_up_by": "",
    }


@service_task(
    reads={"level": A_ROLE},
    gives={
        "outcome": "withdrawn",
        "start_level": A_ROLE,
        "enter_at": "handle",
        "passed_up_by": "",
    },
)
def take_back(case: Case) -> Answer:
    """上报人在签收前撤回，由其继续办理。"""
    level = case.data.get("passed_up_by")
    if not level:
        message = "案件不是上报到这里的，没有可以撤回的人。"
        raise Refused(message, code="too_late_to_withdraw")
    case.note("withdrawn", from_level=case.data["level"], to_level=level)
    return {
        "outcome": "withdrawn",
        "start_level": level,
        "enter_at": "handle",
        "passed_up_by": "",
    }


@service_task(
    reads={"level": A_ROLE},
    gives={"outcome": "pass_up", "reason": "not_accepted", "enter_at": "accept"},
)
def pass_up_not_accepted(case: Case) -> Answer:
    """超时未签收，自动上报上一级。"""
    # Nobody here ever answered for it, so it still goes back to whoever passed it up before.
    return _passed_up_by_itself(case, "not_accepted")


@service_task(reads={"level": A_ROLE}, gives={})
def inform_superior(case: Case) -> None:
    """部门逾期未签收：告知上级，承办岗不变；市级的转督办。"""
    superior = ABOVE.get(str(case.data["level"]))
    if superior is None:
        _supervise(case, "not_accepted")
        return
    informed = _tell(case, superior, "not_accepted_in_time")
    case.note("superior_informed", level=case.data["level"], reason="not_accepted", told=informed)


@decision_task(
    gives={
        "handle_pass_up_at": datetime,
        "handle_supervise_at": datetime,
        "long_running_at": datetime,
    },
    row=CLOCK,
)
def handle_deadline(case: Case, row: Mapping[str, Any]) -> Answer:
    """处置时限：网格层和村居协管员到期自动上报，部门层到期督办；短期难办结的开始跟踪。"""
    due = case.limits.due(case.now, row["limit"], row["unit"]).isoformat()
    if row["on_overdue"] == "pass_up":
        return {
            "handle_pass_up_at": due,
            "handle_supervise_at": NEVER,
            "long_running_at": NEVER,
        }
    return {
        "handle_pass_up_at": NEVER,
        "handle_supervise_at": due,
        "long_running_at": _long_running_at(case),
    }


@user_task(
    reads={"level": A_ROLE},
    asks={
        "outcome": (str, "pass_up", "duplicate", "case_lead", "unclear"),
        "reason_code": (str, None),
        "reason": (str, None),
        "original": object,
    },
    gives={"outcome": FORM, "reason": str, "enter_at": "accept"},
    may_give={
        "passed_up_by": A_ROLE,
        "handled_level": A_ROLE,
        "handled_post": str,
        "handled_by": int,
    },
)
def resolve_or_pass_up(case: Case, form: Form, *, officer: Actor) -> Answer:
    """处置或上报：办结的写明措施并附处置后照片，办不了的写明原因上报一级。"""
    _check_owner(case, officer)
    outcome = str(form["outcome"])
    if outcome == "pass_up":
        return _pass_up(case, form)
    _check_outcome(case, outcome)
    if outcome == "duplicate":
        original = get_original(case.session, form.get("original"), of=case.row, actor=case.actor)
        case.link(original.id, "duplicate_of")
    # Measures, photos after and reasons are on file with the form itself.
    case.note("handled", level=case.data["level"], post=case.owner, outcome=outcome)
    return {
        "outcome": outcome,
        "reason": "",
        "enter_at": "accept",
        "handled_level": case.data["level"],
        "handled_post": case.owner,
        "handled_by": officer.id,
    }


@service_task(
    reads={"level": A_ROLE},
    gives={
        "outcome": "pass_up",
        "reason": "overdue",
        "enter_at": "accept",
        "passed_up_by": A_ROLE,
    },
)
def pass_up_overdue(case: Case) -> Answer:
    """超时未办结，自动上报上一级。"""
    return _passed_up_by_itself(case, "overdue") | {"passed_up_by": case.data["level"]}


@service_task(reads={"level": A_ROLE}, gives={})
def supervise_overdue(case: Case) -> None:
    """部门逾期未办结：转督办，承办岗不变。"""
    _supervise(case, "overdue")


def _long_running_at(case: Case) -> str:
    """R43: when the case as a whole is no longer one that is settled soon, as the drawing says.

    A case that runs on an older drawing, which says nothing, becomes long by choice only.
    """
    days = case.properties.get("long_running_after")
    if days is None:
        return NEVER
    return case.limits.due(case.row["opened_at"], int(days), "working_day").isoformat()


# ── who holds the level ──────────────────────────────────────────────────────────────────────────


def _way_in(case: Case) -> str:
    return "handle" if case.data.get("enter_at") == "handle" else "accept"


def _post_of_level(case: Case, level: str) -> tuple[Staffing | None, bool]:
    """The post that holds this level, and whether it is the collector's own (R24, R39)."""
    collector = case.row["collector_post"]
    if collector is not None and collector == _collector_at(case, level):
        return find_staffing_of(case.session, collector, at=case.now), True
    return find_staffing(case.session, level, case.area, at=case.now), False


def _collector_at(case: Case, level: str) -> str | None:
    """The collector's post when it stands on this rung.

    The sections of the city bureau stand on its rung: what they collect, they handle (R24). What
    a unit saw by video is the bureau's own first: the unit is not on the spot (R26).
    """
    collector = str(case.row["collector_post"])
    role = role_of(collector)
    if case.row["source"] == VIDEO_PATROL and role != level:
        return None
    if role == level or (level == TOP and role in RANKS and RANKS[role] == top_rank()):
        return collector
    return None


def _gap(case: Case, staffing: Staffing | None) -> str | None:
    """Why nobody may act here: the reason code of the automatic pass-up."""
    if staffing is None or not staffing.holders:
        return "vacant"
    # R54: a business in a grid post never handles a case about itself.
    if not staffing.is_filled(without_business=case.row["business_id"]):
        return "conflict_of_interest"
    return None


def _person(case: Case, staffing: Staffing, *, is_collector: bool) -> int | None:
    """The very person who collected, or who answered for the case before; None is the post."""
    present = {holder.id for holder in staffing.holders}
    wanted = case.row["owner_officer"] if case.owner == staffing.post.id else None
    if wanted is None and is_collector:
        wanted = case.row["collector_officer"]
    return wanted if wanted in present else None


def _give_to_supervisor(case: Case, reason: str) -> None:
    """Above the city there is nobody: the supervisor answers in its place, with its rank."""
    staffing = find_staffing(case.session, SUPERVISOR, case.area, at=case.now)
    if staffing is None:
        message = "市级岗位和督办岗位都没有设置，案件无人承办。请先设置岗位。"
        raise Refused(message, code="nobody_in_post", clause="R40")
    case.note("post_stepped_over", level=TOP, post=None, reason=reason)
    stand_in = staffing.post._replace(rank=top_rank())
    case.take_over(stand_in, why=reason)


def _supervise(case: Case, reason: str) -> None:
    case.change(supervised=True)
    informed = _tell(case, SUPERVISOR, "overdue_supervised")
    case.note("supervised", level=case.data["level"], reason=reason, told=informed)


def _tell(case: Case, role: str, template: str) -> str | None:
    """Tell the post of a role; gives the post, None when there is none."""
    staffing = find_staffing(case.session, role, case.area, at=case.now)
    if staffing is None:
        return None
    case.tell(staffing.post.id, template, case=case.number, level=case.data["level"])
    return staffing.post.id


# ── rules ────────────────────────────────────────────────────────────────────────────────────────


def _check_owner(case: Case, officer: Actor) -> None:
    """R42: only who holds the post that answers for the case acts on it, as long as they do."""
    if not officer.holds(case.owner):
        message = "只有承办岗可以办理本环节。"
        raise NotAllowed(message, code="not_the_owner", clause="R42")


def _check_return(case: Case, form: Form) -> None:
    """A3: with a reason, and not below the collector; when at all, the drawing says."""
    if not form.get("reason"):
        raise FormInvalid.at("reason", "请写明退回的理由。")
    floor = case.row["floor_rank"]
    if floor is not None and RANKS[case.data["passed_up_by"]] < floor:
        message = "上级采集的事件不得退到下级办理。"
        raise Refused(message, code="owner_below_collector", clause="R26")


def _check_outcome(case: Case, outcome: str) -> None:
    level = str(case.data["level"])
    if outcome == "case_lead" and level not in DEPARTMENT:
        message = "网格单元协管员和村居协管员没有执法权；案件线索请上报市场监管部门。"
        raise NotAllowed(message, code="no_enforcement_power", clause="R03")
    if outcome == "unclear" and level != ASSISTANT:
        message = "本级没有“地点或内容不清楚”这个结果；请办理，或者上报。"
        raise FormInvalid.at("outcome", message)


def _pass_up(case: Case, form: Form) -> Answer:
    level = str(case.data["level"])
    if level == TOP:
        message = "市级是最高一级，不能再上报；请办结，或者列为长期事项跟踪。"
        raise Refused(message, code="top_of_chain", clause="R40")
    code = form.get("reason_code")
    if not code:
        raise FormInvalid.at("reason_code", "请选择上报的原因。")
    if not form.get("reason"):
        raise FormInvalid.at("reason", "请写明为什么解决不了。")
    case.note("passed_up", level=level, post=case.owner, reason_code=code)
    return {
        "outcome": "pass_up",
        "reason": code,
        "enter_at": "accept",
        "passed_up_by": level,
    }


def _passed_up_by_itself(case: Case, reason: str) -> Answer:
    level = str(case.data["level"])
    case.note("passed_up", level=level, post=case.owner, reason_code=reason)
    return {"outcome": "pass_up", "reason": reason, "enter_at": "accept"}
