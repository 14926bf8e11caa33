"""协办会商。Drawn in bpmn/side_task.bpmn: work asked of other posts, never a new owner (R27)."""

from datetime import datetime
from typing import Any

from engine.contract import (
    FORM,
    Actor,
    Case,
    Form,
    FormInvalid,
    NotAllowed,
    service_task,
    start_event,
    user_task,
)
from storage.people.posts import find_staffing_of, officer_of, reference_of

BESIDE = "side_task"
"""The process in which other posts are asked; the composition root tells the engine."""

EXTENSION = "extension"

NEEDS_CONSENT = frozenset({"countersign", EXTENSION})
"""Kinds that count only when everybody asked agrees."""

Answer = dict[str, Any]


@start_event(
    asks={"posts": list, "side_due_at": datetime, "side_kind": (str, *sorted(NEEDS_CONSENT))},
    gives={
        "side_kind": FORM,
        "side_result": "",
        "answers": dict,
        "extension_by": (int, None),
    },
)
def side_task_asked(case: Case, form: Form, *, officer: Actor | None) -> Answer:
    """提出协办会商：请谁、要办什么、最迟什么时候答复。"""
    by_name = [named for named in form["posts"] if officer_of(named) is not None]
    for post_id in form["posts"]:
        if post_id not in by_name and find_staffing_of(case.session, post_id, at=case.now) is None:
            raise FormInvalid.at("posts", "请谁办一栏里有不存在的岗位。")
    if datetime.fromisoformat(form["side_due_at"]) <= case.now:
        raise FormInvalid.at("side_due_at", "最迟答复时间应当晚于现在。")
    case.note(
        "side_task_asked",
        asked=form["side_kind"],
        posts=list(form["posts"]),
        due_at=form["side_due_at"],
    )
    # A colleague answers in the asker's own post: the asker does not do it for them (R42).
    is_barred = officer is not None and (form["side_kind"] == EXTENSION or bool(by_name))
    return {
        "side_kind": form["side_kind"],
        "side_result": "",
        "answers": {},
        "extension_by": officer.id if is_barred and officer is not None else None,
    }


@user_task(reads={"named_post": str}, asks={"opinion": (str, "agree")}, gives={"answers": dict})
def answer(case: Case, form: Form, *, officer: Actor) -> Answer:
    """答复：写明意见；不同意、未办的写明原因。申请延期的人不得自批。"""
    _check_second_person(case, officer)
    post_id = case.data["named_post"]
    opinion = str(form["opinion"])
    case.note("side_task_answered", post=post_id, opinion=opinion)
    # Each instance brings its own key; joined, they are the answers of all posts.
    return {"answers": {post_id: opinion}}


@service_task(
    reads={"side_kind": str, "answers": dict},
    gives={"side_result": ("answered", "agreed", "refused")},
)
def record_answers(case: Case) -> Answer:
    """汇总答复：会签、延期须一致同意，协办、会商如实记录。"""
    kind = str(case.data["side_kind"])
    answers: dict[str, str] = case.data["answers"]
    result = "answered"
    if kind in NEEDS_CONSENT:
        result = "agreed" if set(answers.values()) == {"agree"} else "refused"
    if kind == EXTENSION and result == "agreed":
        case.grant()
    told = _tell_asker(case, result) if kind == EXTENSION else None
    case.note("side_task_recorded", asked=kind, result=result, answers=dict(answers), told=told)
    return {"side_result": result}


def _tell_asker(case: Case, result: str) -> str | None:
    """Who asked for more time hears whether there is."""
    asked_by = case.asked_by or {}
    if "by" not in asked_by:
        return None
    receiver = reference_of(asked_by["by"])
    label = asked_by.get("label", "")
    case.tell(receiver, f"{EXTENSION}_{result}", case=case.number, label=label)
    return receiver


def _check_second_person(case: Case, officer: Actor) -> None:
    """An extension is granted one level up, never by its requester, whatever other post they hold.

    The engine chose a post where somebody else could answer; they may since have left it.
    """
    asked_by = case.asked_by or {}
    if asked_by.get("kind") != EXTENSION or asked_by.get("by") != officer.id:
        return
    message = "申请延期的人不能批准自己的申请，请由同岗的其他人答复。"
    raise NotAllowed(message, code="approver_asked_for_it")
