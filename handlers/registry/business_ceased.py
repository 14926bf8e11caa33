"""停止经营。Drawn in bpmn/business_ceased.bpmn: from the mark to the end of the registration.

Whoever marked the business contacts its operator; what an assistant cannot find out the station
confirms (R03). The status of the business moves with the step, in its transaction (R14, R15).
"""

from datetime import date, datetime, timedelta
from typing import Any

from engine.contract import (
    NEVER,
    Actor,
    Case,
    Form,
    FormInvalid,
    NotAllowed,
    Post,
    Refused,
    lane,
    service_task,
    start_event,
    user_task,
)
from handlers.registry.keeping import reaches
from storage.city.rules import installed
from storage.moments import in_china, start_of
from storage.people.ladder import find_filled_post
from storage.people.posts import find_post, find_staffing_of
from storage.people.roles import ROLES, capacity, role_standing_in, stands_in_area
from storage.registry import statuses, told
from storage.registry.businesses import Business

KIND = "business_ceased"
SAID = ("temporary", "terminated", "unreachable")

Answer = dict[str, Any]


@start_event(
    asks={
        "business": int,
        "seen_on": date,
        "suspected": (bool, None),
        "photos": (list, None),
        "reason": (str, None),
    },
    gives={
        "marked": ("ceased", "suspected_ceased"),
        "said": "",
        "attempts": 0,
        "recheck_at": datetime,
        "try_again_at": datetime,
        "seen": "",
        "found": "",
        "ended_as": "",
    },
)
def marked_ceased(case: Case, form: Form, *, officer: Actor) -> Answer:
    """标注停止经营：哪个主体、哪天发现，附照片或写明情况；由标注的本人联系经营者。"""
    shop = statuses.lock(case.session, int(form["business"]))
    post = _marking_post(case, officer, shop)
    _require_unmarked(case, shop, is_suspected=bool(form.get("suspected")))
    if not form.get("photos") and not form.get("reason"):
        raise FormInvalid.at("reason", "没有照片的，请写明情况。", clause="R14")
    if date.fromisoformat(str(form["seen_on"])) > in_china(case.now).date():
        raise FormInvalid.at("seen_on", "发现日期不能晚于今天。", clause="R14")
    is_department = capacity(post.role) == "enforcement"
    case.change(
        title=f"停止经营：{shop.name}",
        description=form.get("reason") or "",
        area_code=shop.area_code,
        business_id=shop.id,
        source="department_patrol" if is_department else "grid_patrol",
        collector_officer=officer.id,
        collector_post=post.id,
        owner_post=post.id,
        owner_officer=officer.id,
        owner_rank=post.rank,
        owner_area=post.place,
    )
    word = "suspected_ceased" if form.get("suspected") else "ceased"
    case.note("business_marked", status=word, seen_on=form["seen_on"])
    return {
        "marked": word,
        "said": "",
        "attempts": 0,
        "recheck_at": NEVER,
        "try_again_at": NEVER,
        "seen": "",
        "found": "",
        "ended_as": "",
    }


@service_task(reads={"marked": ("ceased", "suspected_ceased")}, gives={})
def set_ceased(case: Case) -> None:
    """登记停止经营：主体库和地图标注“停止经营”；疑似的标注疑似。"""
    marked = str(case.data["marked"])
    if _shop(case).status != marked:
        _move(case, marked)


@lane()
def marker(case: Case) -> tuple[Post, int | None]:
    """采集人：标注停止经营的本人；离岗的由其岗位，岗位空缺的由上级。"""
    staffing = find_staffing_of(case.session, str(case.owner), at=case.now)
    if staffing is not None and staffing.holders:
        person = case.row["owner_officer"]
        is_there = person in {holder.id for holder in staffing.holders}
        return staffing.post, person if is_there else None
    role = ROLES[str(case.owner).partition(":")[0]].above or role_standing_in()
    above = find_filled_post(case.session, role, case.area, at=case.now).staffing
    if above is None:
        above = find_filled_post(case.session, role_standing_in(), case.area, at=case.now).staffing
    if above is None:
        message = "标注人的岗位和上级都没有在岗的人，请先任命。"
        raise Refused(message, code="nobody_in_post")
    return above.post, None


@user_task(
    reads={"attempts": int},
    asks={
        "reached": ("reached", "unreachable"),
        "ended": ("temporary", "terminated", None),
        "recheck_on": (date, None),
        "contacted_by": str,
    },
    gives={"said": SAID, "attempts": int, "recheck_at": datetime, "try_again_at": datetime},
)
def contact_operator(case: Case, form: Form, *, officer: Actor) -> Answer:  # noqa: ARG001 - as every rule
    """联系经营者：问清暂时停业还是终止经营；联系不上的 5 个工作日后再联系。"""
    is_reached = form["reached"] == "reached"
    said = str(form["ended"]) if is_reached else "unreachable"
    recheck_at = _recheck_at(case, form) if said == "temporary" else NEVER
    attempts = int(case.data["attempts"]) + (not is_reached)
    again = case.limits.due(case.now, installed().thresholds.ceased_attempt_days, "working_day")
    if is_reached:
        _no_longer_suspected(case)
    case.note("operator_contacted", said=said, by=form["contacted_by"], attempts=attempts)
    return {
        "said": said,
        "attempts": attempts,
        "recheck_at": recheck_at,
        "try_again_at": again.isoformat(),
    }


@user_task(
    asks={
        "seen_state": ("operating", "still_ceased", "terminated"),
        "recheck_on": (date, None),
    },
    gives={"seen": ("operating", "still_ceased", "terminated")},
    may_give={"recheck_at": datetime},
)
def recheck(case: Case, form: Form, *, officer: Actor) -> Answer:  # noqa: ARG001 - as every rule
    """到场复查：恢复经营的办结，仍停业的再约复查，经营者确认终止的通知注销。"""
    seen = str(form["seen_state"])
    case.note("business_rechecked", seen=seen)
    if seen == "operating":
        _move(case, "operating")
    if seen == "still_ceased":
        return {"seen": seen, "recheck_at": _recheck_at(case, form)}
    return {"seen": seen}


@user_task(
    asks={"finding": ("terminated", "operating", "operator_found")},
    gives={"found": ("terminated", "operating", "operator_found"), "attempts": 1},
)
def confirm_by_station(case: Case, form: Form, *, officer: Actor) -> Answer:
    """监管所核实：两次联系不上的，由执法人员确认是否终止经营。"""
    _require_enforcement(officer)
    found = str(form["finding"])
    case.note("end_confirmed", found=found)
    if found == "operating":
        _move(case, "operating")
    return {"found": found, "attempts": 1}


@service_task(gives={})
def set_terminated(case: Case) -> None:
    """确认终止经营：主体库登记为已确认终止经营。"""
    _no_longer_suspected(case)
    _move(case, "terminated_confirmed")


@user_task(
    asks={
        "delivered_by": str,
        "delivered_on": date,
        "proof": (list, None),
        "no_proof_reason": (str, None),
    },
    gives={},
)
def notify_deregistration(case: Case, form: Form, *, officer: Actor) -> Answer:  # noqa: ARG001 - as every rule
    """通知办理注销：附通知书和送达凭证，没有凭证的写明原因。"""
    if not form.get("proof") and not form.get("no_proof_reason"):
        raise FormInvalid.at("proof", "请附送达凭证；没有凭证的写明原因。", clause="R15")
    on = date.fromisoformat(str(form["delivered_on"]))
    if on > in_china(case.now).date():
        raise FormInvalid.at("delivered_on", "送达日期不能晚于今天。", clause="R15")
    _move(case, "deregistration_notified")
    case.note("deregistration_notified", by=form["delivered_by"], on=on.isoformat())
    return {}


@service_task(gives={"became": ("operating", "deregistered")})
def look_up_register(case: Case) -> Answer:
    """查登记状态：恢复经营的和已注销的，各自办结。"""
    became = "operating" if _shop(case).status == "operating" else "deregistered"
    case.note("register_looked_up", became=became)
    return {"became": became}


@user_task(
    asks={"result": ("deregistered", "not_deregistered")},
    gives={"ended_as": ("deregistered", "not_deregistered")},
)
def follow_deregistration(case: Case, form: Form, *, officer: Actor) -> Answer:
    """跟进注销：30 日内没有注销的，由市场监管所跟进并写明结果。"""
    _require_enforcement(officer)
    ended_as = str(form["result"])
    if ended_as == "deregistered":
        _move(case, "deregistered")
    case.note("deregistration_followed", result=ended_as)
    return {"ended_as": ended_as}


# ── the business and its status ──────────────────────────────────────────────────────────────────


def _shop(case: Case) -> Business:
    return statuses.lock(case.session, int(case.row["business_id"]))


def _move(case: Case, status: str) -> None:
    by = "scheduler" if case.actor is None else case.actor.reference
    statuses.move(
        case.session,
        int(case.row["business_id"]),
        status,
        by=by,
        at=case.now,
        case_id=case.id,
    )


def _no_longer_suspected(case: Case) -> None:
    if _shop(case).status == "suspected_ceased":
        _move(case, "ceased")


def _require_unmarked(case: Case, shop: Business, *, is_suspected: bool) -> None:
    number = told.find_open_case(case.session, shop.id, KIND)
    if number is not None:
        message = f"这个主体的停止经营已在办理：{number}。"
        raise Refused(message, code="ceased_already", clause="R14")
    word = "suspected_ceased" if is_suspected else "ceased"
    if shop.status != word:
        statuses.require_move(shop, word)


# ── who, and when ────────────────────────────────────────────────────────────────────────────────


def _marking_post(case: Case, officer: Actor, shop: Business) -> Post:
    """The lowest of the officer's posts that is responsible where the business is."""
    fitting = [post for post in officer.posts if _is_responsible(case, post, shop.area_code)]
    if not fitting or not reaches(officer, shop.area_code):
        raise FormInvalid.at("business", "这个主体不在您的辖区。", clause="R14")
    return min(fitting, key=lambda post: (post.rank, post.id))


def _is_responsible(case: Case, post: Post, area: str) -> bool:
    if not ROLES[post.role].collects:
        return False
    if stands_in_area(post.role):
        return area.startswith(post.place)
    found = find_post(case.session, post.role, area, at=case.now)
    return found is not None and found.id == post.id


def _require_enforcement(officer: Actor) -> None:
    if not any(capacity(post.role) == "enforcement" for post in officer.posts):
        message = "是否终止经营由执法人员确认，协管员不能认定。"
        raise NotAllowed(message, code="not_for_assistants", clause="R03")


def _recheck_at(case: Case, form: Form) -> str:
    on = date.fromisoformat(str(form.get("recheck_on") or "0001-01-01"))
    today = in_china(case.now).date()
    days = installed().thresholds.ceased_recheck_days
    if not today < on <= today + timedelta(days=days):
        message = f"复查日期应当在今天之后、{days} 天以内。"
        raise FormInvalid.at("recheck_on", message, clause="R15")
    return start_of(on).isoformat()
