"""自查自纠。Drawn in bpmn/self_inspection.bpmn: each period a business owes (R55, R56).

What the business found itself protects it: only what others found counts in the table.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from engine.contract import (
    FORM,
    ROW,
    Actor,
    Case,
    Form,
    FormInvalid,
    Post,
    Refused,
    decision_task,
    lane,
    service_task,
    start_event,
    user_task,
)
from storage.city.rules import installed
from storage.errors import FieldMessage
from storage.inspections.checklists import ChecklistLine, lines_for
from storage.moments import in_china, start_of
from storage.patrols.watching import (
    NewIntensity,
    NewSelfReport,
    PeriodStanding,
    add_intensity,
    add_self_report,
    holds_grid_post,
    is_reported,
    read_standing,
)
from storage.people.posts import Staffing, find_staffing, find_staffing_of, post_id
from storage.people.staffing import add_post
from storage.places.matters import read_matter
from storage.registry.businesses import find_business, get_business

SEVERE: Final = frozenset({"high", "urgent"})
"""Priorities of matters that a second person checks, although the business put them right."""

TITLE: Final = "自查自纠"

SOURCE: Final = "self_inspection"
"""What a business finds itself is its own way in, whoever asked for it (R20)."""

Answer = dict[str, Any]
_STANDING: Final[Mapping[str, Any]] = {
    "missed": int,
    "found_by_others": int,
    "unrectified": int,
    "clean": int,
    "current": ("normal", "watch", "intensified"),
}


@start_event(
    asks={
        "period": str,
        "business": (int, None),
        "period_key": (str, None),
        "period_after": (date, None),
    },
    gives={
        "category": str,
        "holds_post": bool,
        "period": FORM,
        "period_key": str,
        "is_asked_for": bool,
        "inspect_due_at": datetime,
        "rectification": "",
    },
)
def period_opened(case: Case, form: Form, *, officer: Actor | None) -> Answer:
    """周期开始：由日历为有自查义务的主体开始；市场监管所可以另外要求自查一次。"""
    if case.row["business_id"] is None:
        _ask_for(case, form.get("business"), officer)
    case.change(source=SOURCE)
    known = get_business(case.session, int(case.row["business_id"]))
    after = form.get("period_after")
    today = in_china(case.now).date()
    # What is asked for beside the calendar has so many whole days after today.
    last = today + timedelta(days=installed().thresholds.asked_days + 1)
    ends = start_of(last if after is None else date.fromisoformat(after))
    return {
        "category": listed_category(known.category),
        "holds_post": holds_grid_post(case.session, known.id, at=case.now),
        "period": form["period"],
        "period_key": form.get("period_key") or f"{today:%Y-%m-%d}-{case.id}",
        "is_asked_for": officer is not None,
        "inspect_due_at": (ends - timedelta(seconds=1)).isoformat(),
        "rectification": "",
    }


@decision_task(
    row={"owed": ("yes", "no"), "grace": int}, gives={"owed": ROW, "give_up_at": datetime}
)
def decide_obligation(case: Case, row: Mapping[str, Any]) -> Answer:
    """按类别定自查义务：类别变了、不再担任网格岗位的，这一期就不用自查。"""
    if row["owed"] == "no":
        _refuse_what_is_asked_for(case)
    if is_reported(case.session, case.id):
        # Only a reopened case comes here with a report: a period is closed for good (R55).
        message = "这一期自查已经结束，不再变动；要再查的，请另外要求自查一次。"
        raise Refused(message, code="period_closed", clause="R55")
    due = datetime.fromisoformat(str(case.data["inspect_due_at"]))
    give_up = case.limits.due(due, max(1, int(row["grace"])), "working_day")
    return {"owed": row["owed"], "give_up_at": give_up.isoformat()}


@service_task(gives={})
def open_self_inspection(case: Case) -> None:
    """定期限并告知：市场监管所承办，食品主体收到通知。"""
    station = find_staffing(case.session, "station", case.area, at=case.now)
    if station is None:
        message = "这个地方没有市场监管所，不能开始自查。"
        raise Refused(message, code="no_station", clause="R55")
    case.take_over(station.post, why="self_inspection")
    staffing = _of_business(case)
    told, due = None if staffing is None else staffing.post.id, case.data["inspect_due_at"]
    case.note("self_inspection_opened", period=case.data["period_key"], until=due, told=told)
    if told is not None:
        case.tell(told, "self_inspection_due", case=case.number, until=due)
        return
    # Its task waits in the business's own post, for whoever is given an account in time.
    add_post(case.session, "business", str(case.row["business_id"]))
    case.tell(str(case.owner), "nobody_represents", case=case.number, until=due)


@lane()
def business(case: Case) -> Post:
    """食品主体：由其账号自查，别人不能代替；没有账号的等市场监管所开通。"""
    staffing = find_staffing_of(case.session, _post_of(case), at=case.now)
    return _owner(case) if staffing is None else staffing.post


@user_task(
    asks={
        "lines": list,
        "found": ("nothing", "put_right", "problems"),
        "description": (str, None),
        "matter": (str, None),
        "photos": (list, None),
        "photos_after": (list, None),
        "no_photo_reason": (str, None),
        "ready_by": (date, None),
    },
    gives={"closed_as": ("clean", "problems"), **_STANDING},
)
def inspect_self(case: Case, form: Form, *, officer: Actor) -> Answer:
    """自查：对照清单，没有问题的也要报；有问题的附照片，写明整改。"""
    found = str(form["found"])
    listed = _listed_for(case)
    answers = _answers(listed, form)
    wrong = [line for line in listed if answers[line.item] == "no"]
    _check_photos(form, found, wrong)
    matter = None if found == "nothing" else read_matter(case.session, form.get("matter"))
    _check_date(case, form, found)
    is_severe = matter is not None and (
        matter.priority in SEVERE or any(line.severity == "key" for line in wrong)
    )
    is_left = found == "problems" or (found == "put_right" and is_severe)
    if matter is not None:
        case.change(matter=matter.code, description=form["description"])
    is_own = officer.business_id == case.row["business_id"]
    case.note(
        "self_inspected",
        found=found,
        matter=None if matter is None else matter.code,
        lines=[{"item": line.item, "answer": answers[line.item]} for line in listed],
        entered_by="business" if is_own else "officer",
        checked_by="second_person" if is_left else "photo_only",
    )
    codes = [] if matter is None else [matter.code]
    return {"closed_as": "problems" if is_left else "clean"} | _closed(case, "done", codes)


@service_task(gives={})
def chase_business(case: Case) -> None:
    """到期提醒：提醒食品主体，同时告知市场监管所。"""
    staffing = _of_business(case)
    receivers = [str(case.owner)] if staffing is None else [staffing.post.id, str(case.owner)]
    for receiver in receivers:
        until = case.data["give_up_at"]
        case.tell(receiver, "self_inspection_overdue", case=case.number, until=until)
    case.note("business_reminded", told=receivers, of="self_inspection")


@service_task(gives={"closed_as": "missed", **_STANDING})
def note_missed(case: Case) -> Answer:
    """记为未自查：这一期就此结束，告知市场监管所。"""
    case.note("self_inspection_missed", period=case.data["period_key"])
    case.tell(str(case.owner), "self_inspection_missed", case=case.number)
    return {"closed_as": "missed"} | _closed(case, "missed", [])


@decision_task(row={"state": ("normal", "watch", "intensified"), "extra_visits": int}, gives={})
def decide_intensity(case: Case, row: Mapping[str, Any]) -> Answer:
    """定检查强度：有变化的记下依据，告知市场监管所加查（食品安全法第一百一十三条）。"""
    current, state = str(case.data["current"]), str(row["state"])
    if state == current:
        return {}
    because = {name: case.data[name] for name in _STANDING} | {
        "obligation": case.data["period"],
        "period": case.data["period_key"],
        "extra_visits": int(row["extra_visits"]),
    }
    add_intensity(
        case.session,
        NewIntensity(int(case.row["business_id"]), state, case.now, because, case.id),
    )
    case.note("intensity_changed", previous=current, state=state, because=because)
    case.tell(str(case.owner), "intensity_changed", case=case.number, state=state)
    return {}


def _refuse_what_is_asked_for(case: Case) -> None:
    """Begin nothing a person asks for that is not owed; what the calendar began just ends."""
    if case.data.get("is_asked_for"):
        message = "这家食品主体不用按这个周期自查；它要做的是哪几种，见“账号与自查”页。"
        raise FormInvalid.at("period", message, clause="R55")


def _ask_for(case: Case, business_id: int | None, officer: Actor | None) -> None:
    """Let a station ask a business of its area for one more."""
    known = None if business_id is None else find_business(case.session, business_id)
    areas = () if officer is None else officer.prefixes
    if known is None or not known.area_code.startswith(areas or ("-",)):
        raise FormInvalid.at("business", "请选择本辖区的食品主体。", clause="R55")
    case.change(business_id=known.id, area_code=known.area_code, title=TITLE)


# ── how a period is closed ───────────────────────────────────────────────────────────────────────


def _closed(case: Case, outcome: str, found: list[str]) -> Answer:
    """Close the period for good; return where the business stands after it."""
    obligation, known = str(case.data["period"]), int(case.row["business_id"])
    add_self_report(
        case.session,
        NewSelfReport(
            business_id=known,
            case_id=case.id,
            obligation=obligation,
            period=str(case.data["period_key"]),
            outcome=outcome,
            due_at=datetime.fromisoformat(str(case.data["inspect_due_at"])),
            closed_at=case.now,
            found=found,
        ),
    )
    standing: PeriodStanding = read_standing(case.session, known, obligation, at=case.now)
    return {name: getattr(standing, name) for name in _STANDING}


def _listed_for(case: Case) -> tuple[ChecklistLine, ...]:
    """The checklist of the city for the category of the business."""
    known = get_business(case.session, int(case.row["business_id"]))
    return lines_for(installed().checklists, known.category)


def _answers(listed: Sequence[ChecklistLine], form: Form) -> dict[str, str]:
    """What is answered of every line of the checklist.

    Raises:
        FormInvalid: a line is not on the list, or has no answer.
    """
    pairs = (str(entry).rpartition(":") for entry in form["lines"])
    answers = {item: answer for item, _, answer in pairs}
    if strange := sorted(set(answers) - {line.item for line in listed}):
        message = f"清单里没有 {strange[0]} 这一项，请刷新后再填。"
        raise FormInvalid.at("lines", message, clause="R55")
    if missing := [line for line in listed if line.item not in answers]:
        names = "；".join(line.name_zh for line in missing)
        message = FieldMessage(
            f"清单还有 {len(missing)} 项没有答：{names}。不适用的选“不适用”。",
            f"{len(missing)} lines are not answered: "
            f"{'; '.join(line.name_en for line in missing)}. What does not apply says so.",
        )
        raise FormInvalid(message, errors=[("/lines", message)], clause="R55", english=message.en)
    return answers


def _check_photos(form: Form, found: str, wrong: Sequence[ChecklistLine]) -> None:
    if found == "nothing" and wrong:
        message = f"清单里有 {len(wrong)} 项不符合，结果不能是“没有问题”。"
        raise FormInvalid.at("found", message, clause="R55")
    if found == "nothing" and (form.get("photos") or form.get("photos_after")):
        message = "附了问题照片却报没有问题；请选有问题，或者去掉照片。"
        raise FormInvalid.at("found", message, clause="R55")
    is_proved = form.get("photos_after") or form.get("no_photo_reason")
    if found == "put_right" and not is_proved:
        message = "请附整改后的照片；没有照片的写明原因。"
        raise FormInvalid.at("photos_after", message, clause="R55")
    is_shown = form.get("photos") or is_proved
    for line in wrong:
        if line.wants_photo and not is_shown:
            message = f"“{line.name_zh}”不符合：请附照片；拍不了的写明原因。"
            raise FormInvalid.at("photos", message, clause="R38")


def _check_date(case: Case, form: Form, found: str) -> None:
    if found != "problems":
        return
    ready = start_of(date.fromisoformat(str(form["ready_by"])))
    if ready <= case.now:
        raise FormInvalid.at("ready_by", "整改期限应当在今天之后。", clause="R55")
    most = installed().thresholds.rectify_most_days
    if ready > case.now + timedelta(days=most):
        message = f"整改期限最长 {most} 天；一时改不好的，请联系市场监管所。"
        raise FormInvalid.at("ready_by", message, clause="R55")


# ── who ──────────────────────────────────────────────────────────────────────────────────────────


def _of_business(case: Case) -> Staffing | None:
    staffing = find_staffing_of(case.session, _post_of(case), at=case.now)
    return staffing if staffing is not None and staffing.holders else None


def _post_of(case: Case) -> str:
    return post_id("business", str(case.row["business_id"]))


def _owner(case: Case) -> Post:
    staffing = find_staffing_of(case.session, str(case.owner), at=case.now)
    if staffing is None:
        raise AssertionError(case.owner)  # a post that a case names is never deleted
    return staffing.post


def listed_category(category: str) -> str:
    """The category as the table lists it; an unlisted subtype counts as the one above."""
    names = installed().categories.names
    return category if category in names else category.partition(".")[0]
