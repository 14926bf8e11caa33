"""整改。Drawn in bpmn/rectification.bpmn: ordered, proved, checked by a second person (R24, R42).

What is kept in the data: how the owner decided (`order`), what the proof amounts to (`claim`), who
ordered it (`ordered_by`) and who proved it (`proved_by`), for neither checks it, and at the end the
result (`rectification`) that the calling diagram reads.
The words of the order are in the case file and on the task of the business, never in the data.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from engine.contract import (
    FORM,
    Actor,
    Case,
    Form,
    FormInvalid,
    NotAllowed,
    Post,
    Refused,
    lane,
    service_task,
    user_task,
)
from storage.cases.attachments import get_attachment
from storage.cases.tasks import list_open_tasks
from storage.city.rules import installed
from storage.moments import in_china, start_of
from storage.people.posts import Staffing, find_staffing, find_staffing_of, post_id
from storage.people.roles import DEPARTMENT

ABOVE = ("station", "county", "city", "supervisor")
"""Who checks when the post that answers for the case has no second person, in order."""

INVESTIGATING = frozenset({"decide_filing", "investigate", "decide_penalty"})
"""Tasks of `case_investigation`: one lead of a case is investigated at a time."""

RESULT_OF = {"proven": "rectified", "on_the_spot": "rectified", "none": "rectified"}
"""What a claim becomes when the check passes; the others are results already."""

Answer = dict[str, Any]


@user_task(
    asks={
        "order": ("ordered", "on_the_spot", "not_needed", "case_lead"),
        "until": (date, None),
        "photos_after": (list, None),
        "reason": (str, None),
    },
    gives={
        "order": FORM,
        "claim": str,
        "ordered_by": int,
        "proved_by": int,
        "check_result": "",
        "rectification": ("", "case_lead"),
        "rectification_failed": int,
        "ordered_at": datetime,
        "prove_due_at": datetime,
        "give_up_at": datetime,
    },
)
def order_rectification(case: Case, form: Form, *, officer: Actor) -> Answer:
    """责令整改：写明整改要求、期限和依据；当场改正的附照片，不需整改的写明原因。"""
    _check_owner(case, officer)
    order = str(form["order"])
    if order == "on_the_spot" and not (form.get("photos_after") or form.get("reason")):
        message = "当场改正的请附改正后的照片；没有照片的在理由里写明。"
        raise FormInvalid.at("photos_after", message, clause="R24")
    if order == "case_lead" and _is_investigated(case):
        message = "这个案件的线索正在查处，不用再移交一次；请另行责令整改，拒不改正的情况记入备注。"
        raise FormInvalid.at("order", message, clause="R25")
    due = _until(case, form) if order == "ordered" else case.now
    grace = installed().thresholds.rectify_grace_days
    case.note(
        "rectification_ordered", order=order, until=due.isoformat(), **_moved(form, order, due)
    )
    return {
        "order": order,
        "claim": "none" if order == "ordered" else order,
        "ordered_by": officer.id,
        "proved_by": officer.id,
        "check_result": "",
        "rectification": "case_lead" if order == "case_lead" else "",
        "rectification_failed": int(case.data.get("rectification_failed", 0)),
        "ordered_at": case.now.isoformat(),
        "prove_due_at": due.isoformat(),
        "give_up_at": case.limits.due(due, grace, "working_day").isoformat(),
    }


@service_task(reads={"prove_due_at": datetime}, gives={})
def tell_business(case: Case) -> None:
    """告知食品主体：有账号的直接发给它；没有的由承办岗书面告知并代为录入。"""
    staffing = _of_business(case)
    if staffing is None:
        case.note("business_told", by="on_paper", until=case.data["prove_due_at"])
        return
    receiver, until = staffing.post.id, case.data["prove_due_at"]
    case.note("business_told", by="account", told=receiver, until=until)
    case.tell(receiver, "rectification_ordered", case=case.number, until=until)


@lane()
def business(case: Case) -> Post:
    """食品主体：由其账号证明整改；没有账号的由承办岗代为录入。"""
    staffing = _of_business(case)
    return _owner(case).post if staffing is None else staffing.post


@user_task(
    reads={"ordered_at": datetime},
    asks={
        "answer": ("done", "cannot"),
        "photos_after": (list, None),
        "no_photo_reason": (str, None),
    },
    gives={"claim": ("proven", "cannot"), "proved_by": int},
)
def prove_rectification(case: Case, form: Form, *, officer: Actor) -> Answer:
    """证明整改：附整改后照片，没有照片的写明原因；不能整改的写明原因。"""
    claim = "proven" if form["answer"] == "done" else "cannot"
    photos = form.get("photos_after") or []
    if claim == "proven" and not photos and not form.get("no_photo_reason"):
        message = "请附整改后的照片；没有照片的写明原因。"
        raise FormInvalid.at("photos_after", message, clause="R24")
    older = _taken_before_the_order(case, photos)
    is_entered = officer.business_id is None or officer.business_id != case.row["business_id"]
    case.note(
        "rectification_proved",
        claim=claim,
        entered_by="officer" if is_entered else "business",
        **({"older_photos": older} if older else {}),
    )
    return {"claim": claim, "proved_by": officer.id}


@service_task(gives={})
def remind_business(case: Case) -> None:
    """逾期提醒：提醒食品主体，同时告知承办岗。"""
    staffing = _of_business(case)
    receivers = [str(case.owner)] if staffing is None else [staffing.post.id, str(case.owner)]
    for receiver in receivers:
        case.tell(
            receiver, "rectification_overdue", case=case.number, until=case.data["prove_due_at"]
        )
    case.note("business_reminded", told=receivers)


@service_task(gives={"claim": "none"})
def note_not_proven(case: Case) -> Answer:
    """逾期仍未证明：记为未证明，转核查岗到现场核查。"""
    case.note("rectification_not_proven", until=case.data["prove_due_at"])
    return {"claim": "none"}


@lane()
def verifier(case: Case) -> Post:
    """核查岗：没有责令、证明和处置的第二人，先本岗，再上级。"""
    fitting = (staffing.post for staffing in _verifiers(case) if _has_second(case, staffing))
    # With nobody left, the owner's post keeps the task until somebody is appointed.
    return next(fitting, None) or _owner(case).post


@user_task(
    reads={"claim": str},
    asks={"check_result": ("passed", "not_passed"), "photos": (list, None)},
    gives={
        "check_result": FORM,
        "rectification": ("", "rectified", "cannot", "not_needed"),
    },
)
def check_rectification(case: Case, form: Form, *, officer: Actor) -> Answer:
    """核查整改：由没有经手的人核实；没有证明的，到现场拍照核实。"""
    if _parties(case) & {officer.id, *officer.stand_ins.values()}:
        message = "责令、证明整改的人不能核查，请由其他人核查。"
        raise NotAllowed(message, code="verifier_handled_it", clause="R42")
    result, claim = str(form["check_result"]), str(case.data["claim"])
    if result == "passed" and claim == "none" and not form.get("photos"):
        message = "食品主体没有证明整改；认定到位的请附现场照片。"
        raise FormInvalid.at("photos", message, clause="R24")
    settled = RESULT_OF.get(claim, claim) if result == "passed" else ""
    staffing = _of_business(case)
    told = None if staffing is None else staffing.post.id
    case.note("verified", result=result, handled_by=case.owner, rectification=settled, told=told)
    if told is not None:
        known = "rectification_passed" if result == "passed" else "rectification_refused"
        case.tell(told, known, case=case.number, text=form.get("note") or "")
    return {"check_result": result, "rectification": settled}


@service_task(gives={"rectification_failed": int})
def count_failed_rectification(case: Case) -> Answer:
    """核查不到位：计次，由承办岗重新责令；两次以上的提示移交执法。"""
    times = int(case.data.get("rectification_failed", 0)) + 1
    is_lead = times >= installed().thresholds.lead_after_failures
    case.note("rectification_failed", times=times, suggests_lead=is_lead)
    if is_lead:
        case.tell(str(case.owner), "rectification_failed", case=case.number, times=times)
    return {"rectification_failed": times}


# ── the order ────────────────────────────────────────────────────────────────────────────────────


def _check_owner(case: Case, officer: Actor) -> None:
    if not officer.holds(case.owner):
        message = "只有承办岗可以责令整改。"
        raise NotAllowed(message, code="not_the_owner", clause="R24")


def _is_investigated(case: Case) -> bool:
    """Whether enforcement has a lead of this case that it has not reported back yet."""
    return any(task.task_id in INVESTIGATING for task in list_open_tasks(case.session, case.id))


def _until(case: Case, form: Form) -> datetime:
    """The end of the day given, or of the next working day when it is a day off."""
    day_before = start_of(date.fromisoformat(str(form["until"]))) - timedelta(days=1)
    due = case.limits.due(day_before, 1, "working_day")
    if due <= case.now:
        raise FormInvalid.at("until", "整改期限应当在今天之后。", clause="R24")
    most = installed().thresholds.rectify_most_days
    if due > case.now + timedelta(days=most + 1):
        message = f"整改期限最长 {most} 天，请改近一些。"
        raise FormInvalid.at("until", message, clause="R24")
    return due


def _moved(form: Form, order: str, due: datetime) -> Answer:
    """The day that was given, where it was a day off."""
    if order != "ordered" or in_china(due).date().isoformat() == form["until"]:
        return {}
    return {"day_off": form["until"]}


def _taken_before_the_order(case: Case, photos: list[str]) -> int:
    """How many photos are older than the order: on file for whoever checks."""
    ordered_at = datetime.fromisoformat(str(case.data["ordered_at"]))
    taken = (get_attachment(case.session, photo).taken_at for photo in photos)
    return sum(moment is not None and moment < ordered_at for moment in taken)


# ── who ──────────────────────────────────────────────────────────────────────────────────────────


def _of_business(case: Case) -> Staffing | None:
    """The post of the business the case is about, when somebody of it has an account."""
    if case.row["business_id"] is None:
        return None
    place = str(case.row["business_id"])
    staffing = find_staffing_of(case.session, post_id("business", place), at=case.now)
    return staffing if staffing is not None and staffing.holders else None


def _owner(case: Case) -> Staffing:
    staffing = find_staffing_of(case.session, str(case.owner), at=case.now)
    if staffing is None:
        message = "案件还没有承办岗，不能督促整改。"
        raise Refused(message, code="case_without_owner", clause="R24")
    return staffing


def _verifiers(case: Case) -> Iterator[Staffing]:
    """The owner's own post, then the levels above the collector, then the supervisor (A6)."""
    yield _owner(case)
    floor = case.row["floor_rank"] or 0
    for role in ABOVE:
        staffing = find_staffing(case.session, role, case.area, at=case.now)
        if staffing is None or (role in DEPARTMENT and staffing.post.rank < floor):
            continue
        yield staffing


def _parties(case: Case) -> set[int]:
    """Who handled it, ordered it or proved it: none of them checks it."""
    return {
        int(who)
        for who in map(case.data.get, ("handled_by", "ordered_by", "proved_by"))
        if who is not None
    }


def _has_second(case: Case, staffing: Staffing) -> bool:
    """Whether somebody in the post neither took part nor is the business itself (R42, R54)."""
    parties, shop = _parties(case), case.row["business_id"]
    return any(
        person.id not in parties and (shop is None or person.business_id != shop)
        for person in staffing.holders
    )
