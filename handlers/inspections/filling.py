"""What a form of an inspection is offered with, since the record already says it."""

from datetime import datetime, timedelta
from typing import Any

from handlers.inspections.inspectors import planned_names
from storage.cases.events import list_completions
from storage.city.rules import installed
from storage.database.session import Session
from storage.inspections.checklists import checklist_of
from storage.inspections.records import find_inspection, list_items
from storage.moments import in_china

INSPECTING = "carry_out"
ORDERING = "order_rectification"
CHECKING = "check_rectification"
FILLED = frozenset({INSPECTING, ORDERING})
"""Tasks whose forms something is known for."""
MOST_IN_A_BASIS, MOST_IN_AN_ORDER = 200, 2000
"""Characters the form takes."""


def known_for(session: Session, task: str, case_id: int, *, now: datetime) -> dict[str, str]:
    """Return values for fields of a task's form; empty for tasks that nothing is known for."""
    if task == INSPECTING:
        names = planned_names(session, case_id)
        return {"officers": names} if names else {}
    if task != ORDERING:
        return {}
    if again := _again(session, case_id):
        return {"until": _usual(now), **again}
    return {"until": _usual(now), **_order(session, case_id)}


def _usual(now: datetime) -> str:
    usual = timedelta(days=installed().thresholds.rectify_usual_days)
    return (in_china(now) + usual).date().isoformat()


def _again(session: Session, case_id: int) -> dict[str, str]:
    """What was ordered before and not put right, with what the check found; else nothing."""
    done = [
        (each.element.rpartition(".")[2], each.form)
        for each in list_completions(session, [case_id])
    ]
    if not done or done[-1][0] != CHECKING or done[-1][1].get("check_result") != "not_passed":
        return {}
    before: dict[str, Any] = next((form for name, form in reversed(done) if name == ORDERING), {})
    if not before.get("what"):
        return {}
    parts = [str(before["what"]), f"核查不到位：{done[-1][1].get('note') or ''}"]
    basis = str(before.get("legal_basis") or "")
    return {"what": _fitting(parts, "\n", MOST_IN_AN_ORDER), "legal_basis": basis}


def _order(session: Session, case_id: int) -> dict[str, str]:
    """The lines that were found wrong, with their remarks, and the clauses they rest on."""
    inspection = find_inspection(session, case_id)
    if inspection is None:
        return {}
    listed = {
        line.item: line for line in checklist_of(installed().checklists, inspection.checklist)
    }
    wrong = [
        (listed[item.item], item.remark)
        for item in list_items(session, case_id)
        if item.answer == "no" and item.item in listed
    ]
    if not wrong:
        return {}
    what = [
        # The checklist says how it ought to be; beside a fault that would read as if it were so.
        f"{place}. 应做到：{line.name_zh}" + (f"（现场：{remark}）" if remark else "")
        for place, (line, remark) in enumerate(wrong, 1)
    ]
    clauses = list(dict.fromkeys(line.clause for line, _ in wrong if line.clause))
    return {
        "what": _fitting(what, "\n", MOST_IN_AN_ORDER),
        "legal_basis": _fitting(clauses, "；", MOST_IN_A_BASIS),
    }


def _fitting(parts: list[str], between: str, most: int) -> str:
    """The parts that fit, whole ones only."""
    kept = list(parts)
    while len(between.join(kept)) > most:
        kept.pop()
    return between.join(kept)
