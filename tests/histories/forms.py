"""What the dice write into forms, mostly sound, and what a form may be refused with; no test."""

from datetime import timedelta
from random import Random
from typing import Any

from storage.cases.tasks import Task
from storage.errors import FormInvalid, HangjiError, NotAllowed, Refused, TaskClosed
from storage.moments import in_china
from tests.build import GRID, TOWN, UNIT, VILLAGE
from tests.checklists import answered

Form = dict[str, Any]
Refusals = tuple[type[HangjiError], ...]

LATE: Refusals = (TaskClosed,)
"""Whoever acts may find that a deadline took the task away."""

UNSOUND: Refusals = (*LATE, FormInvalid, NotAllowed, Refused)

COLLECTORS = ("unit_leader", "grid_member", "grid_leader", "station", "county", "city")

_LOOKED: Form = {"measures": "检查了后厨"}
_SEEN: Form = {"matter": "S02", "description": "食品变质"}
_LINES: Form = {"lines": answered("canteen")}
_REACHED: Form = {"reached": "reached", "contacted_by": "visit", "reason": "装修"}
_WATCHED: Form = {"mask": "yes", "work_clothes": "yes", "work_cap": "yes"}
_IN_DAYS = ("recheck_on", "ready_by", "delivered_on")
"""Dates written below as days from when the task was opened."""

_PLAIN: dict[str, tuple[tuple[int, Form], ...]] = {
    "accept": ((1, {"answer": "accept"}),),
    "acknowledge": ((1, {}), (1, {"measures": "已到现场"})),
    "verify": (
        (65, {"verify_result": "passed"}),
        (35, {"verify_result": "not_passed", "note": "没有整改"}),
    ),
    "order_rectification": (
        (
            5,
            {
                "order": "ordered",
                "what": "更换纱窗",
                "until": "2028-12-29",
                "legal_basis": "第三十三条",
            },
        ),
        (3, {"order": "not_needed", "reason": "已自行改正"}),
        (2, {"order": "on_the_spot", "reason": "没有拍照"}),
        (1, {"order": "case_lead", "reason": "拒不改正"}),
    ),
    "prove_rectification": (
        (4, {"answer": "done", "measures": "已更换", "no_photo_reason": "无法拍摄"}),
        (1, {"answer": "cannot", "reason": "已经停业"}),
    ),
    "check_rectification": (
        (7, {"check_result": "passed"}),
        (3, {"check_result": "not_passed", "note": "仍然破损"}),
    ),
    "inspect": (
        (5, _WATCHED),
        (1, {**_WATCHED, "mask": "no", "problem": "未戴口罩"}),
        (1, {**_WATCHED, "mask": "not_visible", "remark": "镜头起雾"}),
    ),
    "relay": (
        (8, {"outcome": "pass_up"}),
        (2, {"outcome": "pass_up", "matter": "S02"}),
        (1, {"outcome": "not_food", "reason": "与食品无关"}),
        (1, {"outcome": "not_valid", "reason": "查无此事"}),
    ),
    "report_progress": (
        (1, {"finished": True, "progress": "整改完成"}),
        (1, {"finished": False, "progress": "正在整改"}),
    ),
    "decide_filing": (
        (2, {"filing": "filed"}),
        (1, {"filing": "not_filed", "reason": "情节轻微"}),
    ),
    # The history names two officers who hold their posts.
    "investigate": ((1, {"measures": "现场检查"}),),
    "decide_penalty": (
        (1, {"measure": "order_to_correct"}),
        (1, {"measure": "penalty", "document": "示例文书", "fine_yuan": 500}),
    ),
    "carry_out": (
        (3, {"found": "nothing", **_LOOKED}),
        (4, {"found": "problems", **_LOOKED}),
        (1, {"found": "case_lead", **_LOOKED}),
        (2, {"found": "both", **_LOOKED}),
    ),
    "inspect_self": (
        (3, {**_LINES, "found": "nothing"}),
        (2, {**_LINES, "found": "put_right", **_SEEN, "no_photo_reason": "夜间无法拍摄"}),
        (4, {**_LINES, "found": "problems", **_SEEN, "ready_by": 20}),
    ),
    "contact_operator": (
        (3, {"reached": "unreachable", "contacted_by": "phone"}),
        (2, {**_REACHED, "ended": "temporary", "recheck_on": 15}),
        (2, {**_REACHED, "ended": "terminated"}),
    ),
    "recheck": (
        (2, {"seen_state": "operating"}),
        (1, {"seen_state": "still_ceased", "recheck_on": 15}),
        (1, {"seen_state": "terminated", "reason": "本人确认"}),
    ),
    "confirm_by_station": (
        (2, {"finding": "terminated", "reason": "房东证明"}),
        (1, {"finding": "operating", "reason": "现场营业"}),
        (1, {"finding": "operator_found", "reason": "有了电话"}),
    ),
    "notify_deregistration": (
        (
            1,
            {
                "delivered_by": "hand",
                "delivered_on": 0,
                "document": "通知〔2026〕1号",
                "no_proof_reason": "当面宣读",
            },
        ),
    ),
    "follow_deregistration": (
        (1, {"result": "deregistered", "reason": "已办结"}),
        (1, {"result": "not_deregistered", "reason": "另行处理"}),
    ),
    "answer": ((7, {"opinion": "agree"}), (3, {"opinion": "disagree", "reply": "没有到场"})),
    "answer_inquiry": ((1, {"public_result": "可以在窗口办理。"}),),
    "write_public_result": ((1, {"public_result": "已责令改正。"}),),
}
_OUTCOMES: tuple[tuple[int, Form], ...] = (
    (45, {"outcome": "pass_up", "reason_code": "beyond_powers", "reason": "超出本级职权"}),
    (30, {"outcome": "resolved", "measures": "当场改正"}),
    (6, {"outcome": "long_running", "reason": "需要改造"}),
    (6, {"outcome": "case_lead", "reason": "涉嫌违法"}),
    (3, {"outcome": "not_valid", "reason": "查无此事"}),
    (3, {"outcome": "not_food", "reason": "与食品无关"}),
    (3, {"outcome": "duplicate"}),
    (3, {"outcome": "unclear", "reason": "地点不清"}),
    (2, {"outcome": "pass_up"}),
)
_GRASS_ROOTS = frozenset({"unit_leader", "grid_member", "grid_leader", "village_assistant"})
_NO_CASE = "2026999999991"


def a_report(dice: Random, role: str, matter: str, businesses: list[int]) -> Form:
    """What somebody of this role collects."""
    form: Form = {
        "matter": matter,
        "area": GRID if role in {"grid_member", "grid_leader"} else UNIT,
        "description": "示例",
        "no_photo_reason": "无",
        "urgent": dice.random() < 0.2,
    }
    if dice.random() < 0.4:
        form["business"] = dice.choice(businesses)
    return form


def a_public_report(dice: Random, matter: str) -> Form:
    """What a citizen reports."""
    kinds = (["tip"], ["complaint"], ["inquiry"], ["complaint", "tip"])
    form: Form = {
        "kind": dice.choices(kinds, (5, 3, 1, 1))[0],
        "description": "示例",
        "channel": "web",
        "area": dice.choices((VILLAGE, TOWN, None), (6, 1, 1))[0],
        "matter": matter if dice.random() < 0.5 else None,
    }
    return {name: value for name, value in form.items() if value is not None}


def a_form(dice: Random, task: Task, original: str) -> tuple[Form, Refusals]:
    """A form for a task, and what it may be refused with; unsound ones have to be."""
    if task.task_id == "resolve_or_pass_up":
        return _an_outcome(dice, task, original)
    if task.task_id == "triage":
        return _a_triage(dice, task), LATE
    form = _drawn(dice, _PLAIN[task.task_id])
    if task.task_id == "order_rectification" and form["order"] == "ordered":
        # A date in days, not a year: the clock of a history goes on.
        form["until"] = (task.opened_at + timedelta(days=dice.choice((20, 40)))).date().isoformat()
    for field in _IN_DAYS:
        if field in form:
            on = in_china(task.opened_at) + timedelta(days=form[field])
            form[field] = on.date().isoformat()
    if form.get("filing") == "filed":
        form["enforcement_case"] = f"示例{dice.randrange(10**12)}号"
    if task.task_id == "inspect":
        form |= {"business": dice.choice((1, 2, 3)), "watched_from": task.opened_at.isoformat()}
    # Who handled a case cannot verify it, though the task came to a post they share.
    may_refuse: dict[str, Refusals] = {
        "verify": (NotAllowed,),
        # Nor may who proved it; what nobody proved needs a photo, and a date may have passed.
        "check_rectification": (NotAllowed, FormInvalid),
        "order_rectification": (FormInvalid,),
        "inspect": (FormInvalid,),
        # One of the two may have left their post.
        "investigate": (FormInvalid,),
        # A day may have passed since the task was opened; only departments confirm an end.
        **dict.fromkeys(("contact_operator", "recheck", "inspect_self"), (FormInvalid,)),
        "confirm_by_station": (NotAllowed,),
        "follow_deregistration": (NotAllowed,),
    }
    return form, (*LATE, *may_refuse.get(task.task_id, ()))


def _an_outcome(dice: Random, task: Task, original: str) -> tuple[Form, Refusals]:
    form = _drawn(dice, _OUTCOMES)
    outcome = form["outcome"]
    if outcome == "duplicate":
        form["original"] = original or _NO_CASE
    never_sound = {
        "pass_up": task.level == "city" or "reason_code" not in form,
        "case_lead": task.level in _GRASS_ROOTS,
        "unclear": task.level != "village_assistant",
        "duplicate": not original,
    }
    if never_sound.get(outcome, False):
        return form, UNSOUND
    # The other case may by now be over, below the floor, or never have been of the same kind.
    return form, (*LATE, FormInvalid) if outcome == "duplicate" else LATE


def _a_triage(dice: Random, task: Task) -> Form:
    if task.process_id == "public_report":
        said = dice.choices(("food", "not_food", "not_valid"), (8, 1, 1))[0]
        return {"subject": said, "area": VILLAGE, "reason": "说明"}
    return {
        "triage_answer": dice.choices(("listed", "unlisted", "not_food"), (5, 4, 1))[0],
        "matter": "L01",
        "accepting_party": dice.choice(("GRID_FIRST", "MSA_DIRECT", "EMERGENCY")),
        "reason": "说明",
    }


def _drawn(dice: Random, weighted: tuple[tuple[int, Form], ...]) -> Form:
    weights, forms = zip(*weighted, strict=True)
    return dict(dice.choices(forms, weights)[0])
