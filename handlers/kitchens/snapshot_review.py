"""抓拍核实。Drawn in bpmn/snapshot_review.bpmn: a snapshot is a lead until a person confirms it.

The review runs in a case that stands in no list; the case people see is filed on confirmation, and
the reviewer has collected it (R12, R26).
"""

from datetime import datetime, timedelta
from typing import Any, Final

from engine.contract import (
    FORM,
    Actor,
    Case,
    Form,
    Post,
    Refused,
    lane,
    service_task,
    start_event,
    user_task,
)
from storage.cases.steps import NewDelivery
from storage.city.rules import installed
from storage.delivery.outbox import add_delivery
from storage.kitchens import snapshots
from storage.people.ladder import find_filled_post
from storage.people.posts import find_staffing
from storage.registry.businesses import get_business

SOURCE: Final = "smart_snapshot"
MATTER: Final = "B02"
"""Of the list of matters: a snapshot to be checked on the spot."""
STATION: Final = "station"
SECTION: Final = "catering_section"
SUPERVISING: Final = "county"

WORDS: Final = {
    "no_mask": "未戴口罩",
    "no_cap": "未戴工作帽",
    "no_workwear": "未穿工作服",
    "rodent": "发现鼠类",
    "open_bin": "垃圾桶未加盖",
    "other": "其他",
}

Answer = dict[str, Any]


@start_event(
    asks={"business": int, "kind": snapshots.KINDS, "camera": (str, None)},
    gives={
        "business": int,
        "kind": snapshots.KINDS,
        "review_due_at": datetime,
        "lapses_at": datetime,
        "decision": "",
        "wants_evidence": False,
        "asks_section": False,
        "passes": "",
        "account": "",
    },
)
def snapshot_taken(case: Case, form: Form, *, officer: Actor | None) -> Answer:  # noqa: ARG001 - as every rule
    """收到抓拍：所在主体、种类；两个工作日内核实，三十天无人核实的作废。"""
    business = get_business(case.session, int(form["business"]))
    kind = str(form["kind"])
    lapses_after = timedelta(days=installed().thresholds.snapshot_lapses_days)
    case.change(
        title=f"抓拍核实：{WORDS[kind]}",
        area_code=business.area_code,
        source=SOURCE,
        deadline_profile="standard",
    )
    return {
        "business": business.id,
        "kind": kind,
        "review_due_at": _review_due(case),
        "lapses_at": (case.now + lapses_after).isoformat(),
        "decision": "",
        "wants_evidence": False,
        "asks_section": False,
        "passes": "",
        "account": "",
    }


@service_task(reads={"business": int, "kind": snapshots.KINDS}, gives={})
def describe(case: Case) -> None:
    """登记抓拍：写明主体、种类和所属监管所。"""
    station = find_staffing(case.session, STATION, case.area, at=case.now)
    case.note(
        "snapshot_described",
        business=case.data["business"],
        shows=case.data["kind"],
        station=None if station is None else station.post.id,
    )


@lane()
def reviewer(case: Case) -> Post:
    """核实岗：辖区市场监管所；所里无人或拿不准的，由餐饮科。"""
    roles = (SECTION, STATION) if case.data.get("asks_section") else (STATION, SECTION)
    for role in (*roles, SUPERVISING):
        staffing = find_staffing(case.session, role, case.area, at=case.now)
        if staffing is not None and staffing.holders:
            return staffing.post
    message = "监管所、餐饮科和县级都没有在岗的人核实抓拍，请先任命。"
    raise Refused(message, code="nobody_in_post", clause="R12")


@user_task(
    asks={
        "decision": ("confirmed", "dismissed", "unclear"),
        "wants_evidence": (bool, None),
        "account": (str, None),
        "reason": (str, None),
    },
    gives={
        "decision": FORM,
        "wants_evidence": bool,
        "asks_section": bool,
        "review_due_at": datetime,
        "account": str,
    },
)
def review_snapshot(case: Case, form: Form, *, officer: Actor) -> Answer:
    """核实抓拍：属实、不属实，拿不准的请餐饮科再看；智能抓拍只是线索。"""
    decision = str(form["decision"])
    wants_evidence = bool(form.get("wants_evidence")) and decision == "confirmed"
    reason = form.get("reason")
    case.note("snapshot_reviewed", decision=decision, reason=reason)
    if decision != "unclear":
        values = {"review": decision, "reviewer": officer.id, "reviewed_at": case.now}
        kept = {"reason": reason, "evidence": "wanted" if wants_evidence else None}
        snapshots.decide(case.session, case.id, values | kept)
    if decision == "confirmed":
        post = _post_of(case, officer)
        case.change(collector_officer=officer.id, collector_post=post.id)
    return {
        "decision": decision,
        "wants_evidence": wants_evidence,
        "asks_section": decision == "unclear",
        "review_due_at": _review_due(case),
        "account": str(form.get("account") or ""),
    }


@user_task(
    asks={"passes": ("admitted", "refused"), "opinion": (str, None)},
    gives={"passes": FORM},
)
def legal_and_technical_review(case: Case, form: Form, *, officer: Actor) -> Answer:
    """法制和技术审核：电子技术监控设备的设置、标准和记录合法合规的，才可作证据。"""
    passes = str(form["passes"])
    snapshots.decide(case.session, case.id, {"evidence": passes})
    case.note("evidence_reviewed", passes=passes, by=officer.reference)
    return {"passes": passes}


@service_task(reads={"business": int, "kind": snapshots.KINDS, "account": str}, gives={})
def file_lead(case: Case) -> None:
    """转为事件：核实人就是采集人，层级不低于核实人（R26）。"""
    business = get_business(case.session, int(case.data["business"]))
    collector = case.row["collector_officer"]
    pictures = snapshots.hand_pictures_to(case.session, case.id, _filed_by(case, collector))
    form = {
        "matter": MATTER,
        "area": business.area_code,
        "business": business.id,
        "description": _description(case),
        "photos": pictures[:9],
    }
    if not pictures:
        form["no_photo_reason"] = "抓拍图片已不在系统中。"
    case.start("grid_report", form, link=snapshots.LEAD)


@service_task(gives={})
def supervise_review(case: Case) -> None:
    """逾期未核实：告知餐饮科和县级，不改承办。"""
    for role in (SECTION, SUPERVISING):
        found = find_filled_post(case.session, role, case.area, at=case.now).staffing
        if found is not None:
            _tell(case, found.post.id)
    case.note("supervised", reason="overdue")


@service_task(gives={})
def lapse(case: Case) -> None:
    """三十天无人核实：删除图片，保留记录，计为作废。"""
    found = snapshots.list_of_review(case.session, case.id)
    deleted = snapshots.delete_pictures(case.session, [row.id for row in found])
    snapshots.decide(case.session, case.id, {"review": "lapsed"})
    case.note("snapshot_lapsed", pictures=len(deleted))


def _review_due(case: Case) -> str:
    return case.limits.due(
        case.now, installed().thresholds.snapshot_days, "working_day"
    ).isoformat()


def _post_of(case: Case, officer: Actor) -> Post:
    """The post in which an officer reviews: that of the lane, which they hold."""
    found = reviewer(case)
    held = next((post for post in officer.posts if post.id == found.id), None)
    return held or next(post for post in officer.posts if post.role in (STATION, SECTION))


def _filed_by(case: Case, collector: int) -> int:
    """Whose uploads the pictures become: of who takes the step that files the case."""
    return collector if case.actor is None else case.actor.id


def _description(case: Case) -> str:
    said = str(case.data["account"])
    evidence = {
        "admitted": "图片经法制和技术审核，可作证据。",
        "refused": "图片经法制和技术审核，不作证据。",
    }.get(str(case.data.get("passes", "")), "")
    parts = (f"智能抓拍经人工核实：{WORDS[str(case.data['kind'])]}。", said, evidence)
    return "".join(parts)


def _tell(case: Case, post_id: str) -> None:
    """Tell a post without the number of the review, which stands nowhere."""
    delivery = NewDelivery(
        key=f"snapshot_overdue:{case.id}:{post_id}:{case.now.date().isoformat()}",
        channel="notice",
        receiver=post_id,
        template="snapshot_overdue",
        payload={"business": case.data["business"], "kind": WORDS[str(case.data["kind"])]},
        at=case.now,
    )
    add_delivery(case.session, delivery)
