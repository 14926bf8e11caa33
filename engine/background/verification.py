"""Every case file computed again, as long work: chains that do not hold are named in the result."""

from typing import Any, Final

from engine.background.operations import Doing
from storage.cases import events
from storage.cases.events import CaseEvent, Fault, Head
from storage.database.session import Session
from storage.moments import Json

__all__ = ["verify_case_files"]

_PART: Final = 100
_MOST_NAMED: Final = 1_000


def verify_case_files(doing: Doing) -> Json:
    """Verify all case files; the result holds the number that pass and the names of the others."""
    state: dict[str, Any] = doing.checkpoint or {"after": 0, "checked": 0, "broken": []}
    with doing.database.reading() as session:
        total = events.count_files(session)
    doing.report(state["checked"], total)
    while True:
        with doing.database.reading() as session:
            files = events.list_files(session, after=state["after"], limit=_PART)
            broken = _faults(session, files)
        if not files:
            return _result(state)
        for number, fault in broken:
            doing.note(f"案卷 {number} 第 {fault.seq} 条：{fault.reason}")
        state = {
            "after": files[-1][0],
            "checked": state["checked"] + len(files),
            "broken": [*state["broken"], *(number for number, _ in broken)][:_MOST_NAMED],
        }
        with doing.part(checkpoint=state, done=state["checked"]):
            pass  # nothing but the checkpoint is written


def _faults(session: Session, files: list[tuple[int, Head]]) -> list[tuple[str, Fault]]:
    found = []
    for case_id, head in files:
        entries = events.list_events(session, case_id)
        fault = events.verify(head.number, entries)
        if fault is None and _end_of(entries) != (head.last_seq, head.head_hash):
            fault = Fault(len(entries), events.CUT)
        if fault is not None:
            found.append((head.number, fault))
    return found


def _end_of(entries: list[CaseEvent]) -> tuple[int, str] | None:
    return (entries[-1].seq, entries[-1].hash) if entries else None


def _result(state: dict[str, Any]) -> Json:
    checked, broken = state["checked"], state["broken"]
    return {
        "checked": checked,
        "broken": broken,
        "summary": {
            "zh": f"已核验 {checked} 件案卷，{len(broken)} 件不完整。",
            "en": f"{checked} case files verified, {len(broken)} broken.",
        },
    }
