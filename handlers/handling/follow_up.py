"""跟踪问效。Drawn in bpmn/follow_up.bpmn: the sixth step, for what cannot be settled soon (R43).

Called in place of handling when the owner chooses it, and beside it when the case has been open for
long: then the result is still fed back with the owner's own task. The task is open from the start
and due in time, so that the owner sees a followed case and may complete it at once.
"""

from typing import Any

from engine.contract import Actor, Case, Form, NotAllowed, user_task

Answer = dict[str, Any]


@user_task(
    asks={"finished": bool},
    gives={"finished": bool},
    may_give={"outcome": "resolved", "handled_by": int, "handled_post": str},
)
def report_progress(case: Case, form: Form, *, officer: Actor) -> Answer:
    """反馈进展：未办结的继续跟踪，办结的结束跟踪。"""
    if not officer.holds(case.owner):
        message = "只有承办岗可以反馈进展。"
        raise NotAllowed(message, code="not_the_owner", clause="R42")
    is_finished = bool(form["finished"])
    case.note("progress_reported", finished=is_finished)
    if not is_finished:
        return {"finished": False}
    return {
        "finished": True,
        "outcome": "resolved",
        "handled_by": officer.id,
        "handled_post": case.owner,
    }
