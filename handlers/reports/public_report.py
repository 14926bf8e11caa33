"""群众举报。Drawn in bpmn/public_report.bpmn: from the report of a citizen to the public answer.

Who reported is in the vault, never in the case, its file or the data of the diagram.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from engine.contract import (
    A_ROLE,
    FORM,
    Actor,
    Case,
    Form,
    FormInvalid,
    Post,
    lane,
    service_task,
    start_event,
    user_task,
)
from handlers.reports.emergencies import alert, posts_to_alert
from handlers.reports.positions import is_outside
from handlers.reports.verification import may_verify, note_verification
from storage.cases.duplicates import get_original, list_possible_duplicates
from storage.city.rules import installed
from storage.moments import CHINA
from storage.people.posts import Staffing, find_post, find_staffing
from storage.places.areas import find_area, list_areas
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.places.matters import OTHER, Matter, read_matter
from storage.registry.businesses import Business, find_business, list_businesses

ASSISTANT = "village_assistant"
DISPUTE_DAYS = 7

KINDS = ("complaint", "tip", "inquiry")
"""From the one that decides the track of a case to the one any other outweighs."""

KIND_NAMES = {"complaint": "投诉", "tip": "举报", "inquiry": "咨询"}
ONE_LEVEL_UP = {
    "village_assistant": "station",
    "station": "county",
    "county": "city",
    "city": "city",
}
VERIFIERS = ("village_assistant", "station", "county", "city", "supervisor")

_PERSONAL = re.compile(r"(?<!\d)(1[3-9]\d{9}|\d{17}[\dXx])(?!\d)")

HANDED_BACK = {
    "not_food": "您反映的事项不属于食品安全监管范围，已退回社会治理平台，由平台转有关部门办理。",
    "not_valid": "您反映的情况经核对不成立或无法查找，未转办，已告知社会治理平台。",
}
"""The text for the reporter of a report that is not pursued here."""

Answer = dict[str, Any]

_FRESH = {"enter_at": "accept", "outcome": "", "passed_up_by": ""}
"""The initial data of a case that enters the chain."""

_CLASSIFIED = {
    "matter": str,
    "is_emergency": bool,
    "priority": str,
    "deadline_profile": str,
    "start_level": A_ROLE,
}
"""The properties a report gets from its matter."""


@start_event(
    asks={
        "kind": (list, *KINDS),
        "description": str,
        "channel": str,
        "matter": (str, None),
        "business_name": (str, None),
        "area": (str, None),
        "location": (dict, None),
    },
    gives={
        "kind": KINDS,
        "kinds": list,
        "subject": "food",
        "level": ASSISTANT,
        "was_returned": False,
        "is_place_known": bool,
        **_CLASSIFIED,
    },
)
def report_received(case: Case, form: Form, *, officer: Actor | None) -> Answer:
    """收到诉求：投诉、举报或咨询；可以匿名，地点不清的转初分。"""
    kinds = [kind for kind in KINDS if kind in form["kind"]]
    matter = read_matter(case.session, form.get("matter"))
    business = _business_named(case, form.get("business_name"), form.get("area"))
    area = _area(case, form.get("area"), business)
    case.change(
        title=KIND_NAMES[kinds[0]] if matter is None else matter.name_zh,
        area_code=area,
        business_id=None if business is None else business.id,
        description=form["description"],
        location=form.get("location"),
    )
    if is_outside(form.get("location")):
        # A citizen's phone may be wrong or far away; whoever sorts the report reads the doubt.
        case.note("position_doubted", location=dict(form["location"]))
    # A part of a split case came in as the whole did: the clerk who splits it reported nothing.
    if case.row["channel"] is None:
        case.change(
            source="public_report",
            channel=form["channel"],
            collector_officer=None if officer is None else officer.id,
        )
    # A gateway that reads a name nobody has set is a fault: every name begins here.
    return {
        "kind": kinds[0],
        "kinds": kinds,
        "subject": "food",
        "level": "village_assistant",
        "was_returned": False,
        "is_place_known": len(area) >= CODE_LENGTHS[AreaLevel.VILLAGE],
        **_classified(case, matter),
    }


@service_task(
    reads={"kind": str, "kinds": list, "is_emergency": bool, "subject": str},
    gives={
        "kinds": list,
        "subject": ("food", "unclear"),
        "finished": False,
        "start_level": A_ROLE,
        **_FRESH,
    },
)
def open_case_file(case: Case) -> Answer:
    """建档定位：列出可能重复的诉求；既投诉又举报的分成两件，各走各的程序。"""
    duplicates = list_possible_duplicates(
        case.session, case.row, metres=installed().thresholds.public_sees_metres
    )
    if duplicates:
        case.note("possible_duplicates", cases=[duplicate.on_file() for duplicate in duplicates])
    if {"complaint", "tip"} <= set(case.data["kinds"]):
        _split_off(case, "tip")
    if case.data["is_emergency"]:
        alert(case)
    # Said again, for a case that was reopened runs on the data of its last run; what was handed
    # back then is sorted again.
    subject = "food" if case.data["subject"] == "food" else "unclear"
    begins = _from(_first_department(is_emergency=bool(case.data["is_emergency"])))
    return {"kinds": [case.data["kind"]], "subject": subject, "finished": False, **begins}


@user_task(asks={"public_result": str}, gives={"outcome": "resolved"})
def answer_inquiry(case: Case, form: Form, *, officer: Actor) -> Answer:  # noqa: ARG001 - as every rule
    """答复咨询：写明答复内容，系统告知咨询人。"""
    text = _public_wording(form)
    case.change(public_result=text)
    case.note("inquiry_answered")
    return {"outcome": "resolved"}


@user_task(
    reads={"matter": str, "is_emergency": bool},
    asks={
        "subject": (str, "food", "duplicate"),
        "area": (str, None),
        "business": (int, None),
        "matter": (str, None),
        "original": object,
    },
    gives={"subject": FORM, "outcome": str, "matter": str},
    may_give={"is_place_known": True, **_CLASSIFIED},
)
def triage(case: Case, form: Form, *, officer: Actor) -> Answer:  # noqa: ARG001 - as every rule
    """初分：定地点、定事项；不属食品安全的退回平台，受理初分岗不办理。"""
    subject = str(form["subject"])
    case.note("triaged", answer=subject)
    if subject != "food":
        if subject == "duplicate":
            original = get_original(
                case.session, form.get("original"), of=case.row, actor=case.actor
            )
            case.link(original.id, "duplicate_of")
        return {"subject": subject, "outcome": subject, "matter": case.data["matter"]}
    area = _known_area(case, form.get("area"))
    if len(area) < CODE_LENGTHS[AreaLevel.VILLAGE]:
        raise FormInvalid.at("area", "请把地点定到村（社区）。")
    # What is known of the place tells further posts, not the same ones again.
    alerted = posts_to_alert(case) if case.data["is_emergency"] else ()
    case.change(area_code=area, business_id=_business(case, form.get("business")))
    matter = read_matter(case.session, form.get("matter") or case.matter)
    answer = _classified(case, matter)
    if answer["is_emergency"]:
        alert(case, but=alerted)
    return {"subject": "food", "is_place_known": True, "outcome": "", **answer}


@service_task(reads={"subject": str}, gives={})
def hand_back(case: Case) -> None:
    """退回平台并告知举报人。"""
    subject = str(case.data["subject"])
    outcome = "not_food" if subject == "food" else subject
    # The result of a duplicate is that of its original.
    result = HANDED_BACK.get(outcome)
    case.change(status="closed", outcome=outcome, closed_at=case.now, public_result=result)
    case.note("handed_back", outcome=outcome)
    case.tell("platform", "handed_back", case=case.number, outcome=outcome)
    case.tell("reporter", "handed_back", case=case.number, outcome=outcome)


@lane()
def verifier(case: Case) -> Post:
    """核查岗：村居食品安全协管员；协管员经手处置的，由市场监管所核查。"""
    fitting = (staffing.post for staffing in _verifiers(case) if may_verify(case, staffing))
    found = next(fitting, None) or find_post(case.session, "supervisor", case.area, at=case.now)
    if found is None:
        raise AssertionError(case.number)  # a city without a supervisor is refused at set-up
    return found


@user_task(
    asks={"verify_result": ("passed", "not_passed")},
    gives={"verify_result": FORM},
    may_give={"failed_verifications": int, "start_level": A_ROLE, **_FRESH},
)
def verify(case: Case, form: Form, *, officer: Actor) -> Answer:
    """核查：由没有经手处置的人核实结果，未通过的退回重办。"""
    result = note_verification(case, form, officer)
    if result == "passed":
        return {"verify_result": result}
    times = int(case.data.get("failed_verifications", 0)) + 1
    # The chain of the public route begins at the station: the assistant does not get it back.
    level = case.data["handled_level"]
    start_level = "station" if level == "village_assistant" else level
    case.note("verification_failed", times=times, to_level=start_level)
    return {"verify_result": result, "failed_verifications": times, **_from(start_level)}


@user_task(asks={"public_result": str}, gives={"verify_result": "passed"})
def write_public_result(case: Case, form: Form, *, officer: Actor) -> Answer:  # noqa: ARG001 - as every rule
    """拟公开答复：用公众看得懂的话，不写个人信息和内部情况。"""
    text = _public_wording(form)
    case.change(public_result=text)
    case.note("public_result_written")
    return {"verify_result": "passed"}


@service_task(reads={"outcome": str, "kind": str}, gives={})
def notify_reporter(case: Case) -> None:
    """告知举报人处理结果；咨询到此办结，其他诉求 7 日内可以提出异议。"""
    outcome = str(case.data["outcome"])
    case.change(outcome=outcome)
    case.note("reporter_notified", outcome=outcome)
    case.tell("platform", "public_result", case=case.number, outcome=outcome)
    if case.data["kind"] == "inquiry":
        case.change(status="closed", closed_at=case.now)
        case.tell("reporter", "inquiry_answered", case=case.number)
        return
    case.tell("reporter", "public_result", case=case.number, dispute_days=DISPUTE_DAYS)


@service_task(gives={"start_level": A_ROLE, **_FRESH})
def reopen_one_level_up(case: Case) -> Answer:
    """举报人提出异议：升一级重办，市级办的仍由市级重办。"""
    level = case.data.get("handled_level") or "village_assistant"
    start_level = ONE_LEVEL_UP[str(level)]
    # The text of the dispute is on file with the message; the diagram never sees it.
    # What was answered before stays readable beside the work that begins again.
    case.note("reopened", to_level=start_level, earlier=case.row["public_result"])
    case.change(outcome=None, public_result=None)
    return _from(start_level)


# ── what was reported, and where ─────────────────────────────────────────────────────────────────


def _classified(case: Case, matter: Matter | None) -> Answer:
    """The urgency of the matter; an unclassified report counts as ordinary food."""
    is_emergency = matter is not None and matter.is_emergency
    priority = "normal" if matter is None else matter.priority
    profile = "standard" if matter is None else matter.deadline_profile
    case.change(
        matter=None if matter is None else matter.code,
        priority=priority,
        deadline_profile="urgent" if is_emergency else profile,
    )
    return {
        "matter": OTHER if matter is None else matter.code,
        "is_emergency": is_emergency,
        "priority": priority,
        "deadline_profile": case.row["deadline_profile"],
        "start_level": _first_department(is_emergency=is_emergency),
    }


def _business_named(case: Case, name: str | None, area: str | None) -> Business | None:
    """The one business of exactly this name; several or none leave the place unknown.

    Of several the one that stands in the area given is meant, as where its own page led here.
    """
    if not name:
        return None
    page = list_businesses(case.session, q=name)
    same = [item for item in page.items if item.name == name]
    if len(same) > 1 and area:
        same = [item for item in same if item.area_code.startswith(area)]
    return same[0] if len(same) == 1 and page.next is None else None


def _business(case: Case, business_id: int | None) -> int | None:
    if business_id is None:
        known: int | None = case.row["business_id"]
        return known
    if find_business(case.session, business_id) is None:
        raise FormInvalid.at("business", "主体库里没有这个食品主体。")
    return business_id


def _area(case: Case, given: str | None, business: Business | None) -> str:
    """The deepest place known: what was given, the business's own, else the whole city."""
    if given is None:
        if business is not None:
            return business.area_code
        (city,) = list_areas(case.session, on=_today(case), level=AreaLevel.CITY)
        return city.code
    known = _known_area(case, given)
    if business is not None and business.area_code.startswith(known):
        return business.area_code
    return known


def _known_area(case: Case, code: str | None) -> str:
    if code is None or find_area(case.session, code, on=_today(case)) is None:
        raise FormInvalid.at("area", "没有这个区划代码。")
    return code


def _today(case: Case) -> date:
    return case.now.astimezone(CHINA).date()


def _split_off(case: Case, kind: str) -> None:
    """Two legal tracks, two cases: the second is filed with everything but the other kind."""
    row = case.row
    form = {
        "kind": [kind],
        "description": row["description"],
        "channel": row["channel"],
        "area": row["area_code"],
        "location": row["location"],
        "matter": row["matter"],
    }
    given = {name: one for name, one in form.items() if one is not None}
    case.start("public_report", given, link="split_from")
    case.note("split", track=kind)


def _public_wording(form: Form) -> str:
    text = str(form["public_result"])
    if _PERSONAL.search(text):
        raise FormInvalid.at("public_result", "公开答复里有电话或证件号码，请删去个人信息。")
    return text


def _first_department(*, is_emergency: bool) -> str:
    """The first level of the chain above the assistant; the county for an emergency (A11)."""
    return "county" if is_emergency else "station"


def _from(start_level: str) -> Answer:
    return {"start_level": start_level, **_FRESH}


# ── who verifies ─────────────────────────────────────────────────────────────────────────────────


def _verifiers(case: Case) -> Iterator[Staffing]:
    """A6: the village assistant, else the station, else the next level up that did not handle."""
    handled_post = case.data.get("handled_post")
    for role in VERIFIERS:
        staffing = find_staffing(case.session, role, case.area, at=case.now)
        if staffing is not None and staffing.post.id != handled_post:
            yield staffing
