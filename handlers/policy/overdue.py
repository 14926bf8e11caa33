"""逾期：中断任务的定时必须上报，不中断的只告知、督办或跟踪，不改变谁承办（R41）；本市定下的定时照画。"""

from collections.abc import Iterator
from typing import Final

from engine.check.face import Bundle, Drawing, Finding, Node, Text, owner_of
from handlers.policy.policy import BY_PEOPLE, Policy
from storage.city.rules import SettledTimer, find_installed

PROCESSES: Final = frozenset({"escalation", "handling", "emergency_alert"})
"""The chain and what runs beside it; elsewhere a timer may end a case, as one that lapsed."""

PASSES_UP: Final = "pass_up"

_TAKES_AWAY: Final = (
    Text(
        "定时把任务从承办岗手里拿走，却没有上报。",
        "The timer takes the task away and does not pass the case up.",
    ),
    Text("请改为不中断，或接到上报的服务任务。", "Let it not interrupt, or pass up behind it."),
)
_LEAVES: Final = (
    Text(
        "定时不中断任务，后面却上报：同一案件会走两条路。",
        "The timer leaves the task open and passes the case up: it goes two ways at once.",
    ),
    Text("请改为中断，或只告知、督办。", "Let it interrupt, or only inform and supervise."),
)


def check_overdue(drawing: Drawing, bundle: Bundle) -> Iterator[Finding]:
    """Timers on the border of people's tasks, by what the function behind them declares."""
    diagram = drawing.diagram
    said = (bundle.declared or {}).get(diagram.process_id, {})
    for event in diagram.nodes.values():
        host = diagram.nodes.get(event.attached_to or "")
        is_overdue = event.timer is not None and owner_of(diagram.process_id) in PROCESSES
        if not is_overdue or host is None or host.kind not in BY_PEOPLE:
            continue
        behind = [diagram.nodes[one] for one in diagram.targets(event) if one in diagram.nodes]
        if any(one.kind == "service" and one.id not in said for one in behind):
            continue  # nobody says what it does
        passes_up = any(_passes_up(one, said) for one in behind)
        if event.cancel_activity and not passes_up:
            yield drawing.finding("overdue", event.id, *_TAKES_AWAY, clause="R41")
        elif not event.cancel_activity and passes_up:
            yield drawing.finding("overdue", event.id, *_LEAVES, clause="R41")


def _passes_up(node: Node, said: object) -> bool:
    declared = said.get(node.id) if isinstance(said, dict) else None
    return declared is not None and (declared.gives or {}).get("outcome") == PASSES_UP


POLICY: Final = Policy("overdue", ("R41",), of_drawing=check_overdue)


# ── timers the city has settled: drawn_timers.csv ───────────────────────────────────────────────

_AS_SETTLED: Final = Text(
    "请改回；本市改了规定的，同时改城市包的 drawn_timers.csv。",
    "Draw it as before; where the city decided otherwise, change drawn_timers.csv of its pack too.",
)


def check_timers(drawing: Drawing, _bundle: Bundle) -> Iterator[Finding]:
    """Every timer of the list is drawn where the list says; other timers are free."""
    city, diagram = find_installed(), drawing.diagram
    for timer in () if city is None else city.timers:
        if timer.process != diagram.process_id:
            continue
        event = diagram.nodes.get(timer.event)
        on = "" if timer.on is None else f" {timer.on} "
        if event is None or event.timer is None:
            message = Text(
                f"没有定时 {timer.event}（{on or '两步之间'}，{timer.reads}）。",
                f"There is no timer {timer.event} ({on or 'between tasks'}, {timer.reads}).",
            )
            place = timer.on if timer.on in diagram.nodes else None
            element = timer.event if event is not None else place or diagram.process_id
            trace = (timer.event, *([place] if place else []))
            yield drawing.finding(
                "timer", element, message, _AS_SETTLED, trace=trace, clause=timer.clause
            )
        elif not _is_as_listed(event, timer):
            kind = (
                ("中断", "interrupting") if timer.is_interrupting else ("不中断", "leaving it open")
            )
            message = Text(
                f"本市定下的是{on}{kind[0]}，到 {timer.reads}；图上不是。",
                f"The city settled {timer.reads}{on}, {kind[1]}; it is drawn otherwise.",
            )
            yield drawing.finding("timer", event.id, message, _AS_SETTLED, clause=timer.clause)


def _is_as_listed(event: Node, timer: SettledTimer) -> bool:
    reads = "" if event.timer is None else event.timer.text.strip("\"' \n")
    is_same_kind = event.kind != "boundary" or event.cancel_activity == timer.is_interrupting
    return reads == timer.reads and event.attached_to == timer.on and is_same_kind


TIMERS: Final = Policy("timer", ("R12", "R14", "R41", "R51"), of_drawing=check_timers)
