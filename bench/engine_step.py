"""What one officer's step costs inside the engine: processor time, calls, bytes; no database.

A step here is what the runner does between two waiting points: load, act, answer every call with
a canned answer, write out. Reading and writing rows is measured by the other benches.
"""

import cProfile
import pstats
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from engine.definitions import Definition, bundle, read_folder, restore
from engine.execution import plan
from engine.execution.execution import Execution

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
FOLDER = Path(__file__).resolve().parents[1] / "bpmn"
LATER = "2026-03-09T17:30:00+08:00"
REPEATS = 40
TURNS = 2000
TARGET = 1000  # microseconds of processor time an officer's step may take

ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "decide_acceptance": {
        "accepting_party": "GRID_FIRST",
        "accepting_level": "grid_member",
        "priority": "normal",
        "deadline_profile": "standard",
        "photo_required": True,
    },
    "assign_owner": {"is_filled": True},
    "accept_deadline": {"accept_pass_up_at": LATER, "accept_inform_at": LATER},
    "handle_deadline": {
        "handle_pass_up_at": LATER,
        "handle_supervise_at": LATER,
        "long_running_at": LATER,
    },
    "assign_village_center": {"is_filled": True},
    "relay_deadline": {"relay_forward_at": LATER},
}
START = {
    "is_repeat": False,
    "start_level": "grid_member",
    "enter_at": "accept",
    "matter": "F01",
    "found_by": "grid",
}
ACCEPT = {"answer": "accept"}
CHAIN: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("accept", ACCEPT),
    ("resolve_or_pass_up", {"outcome": "pass_up"}),
    ("accept", ACCEPT),
    ("resolve_or_pass_up", {"outcome": "pass_up"}),
    ("relay", {"outcome": "pass_up"}),
    ("accept", ACCEPT),
    ("resolve_or_pass_up", {"outcome": "resolved"}),
    ("verify", {"verify_result": "passed"}),
)
ROUND: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("accept", ACCEPT),
    ("resolve_or_pass_up", {"outcome": "resolved"}),
    ("verify", {"verify_result": "not_passed"}),
)


@dataclass
class StandingCase:
    """Where a case stands between two steps, and what led there."""

    marking: bytes | None
    data: Mapping[str, Any]
    token: int
    task: str
    calls: int


def main() -> None:
    """Measure and print."""
    definition = restore("grid_report", bundle(read_folder(FOLDER), "grid_report"))
    for _ in range(3):
        walked(definition)
    print(f"engine step on Python {sys.version.split()[0]}, best of {REPEATS}\n")
    worst = print_chain(definition)
    print_loop(definition)
    print_sizes()
    print_hot_spots(definition)
    print(f"\nslowest officer step {worst:.0f} us: {worst / TARGET:.2f} of the {TARGET} us allowed")


def print_chain(definition: Definition) -> float:
    """Cost and size of each step of one report on its way; returns the slowest in microseconds."""
    print("grid_report, from report to closing")
    print("  step                       us   services   calls   marking B   data B   together")
    costs = []
    standing, before = begun(definition), StandingCase(None, {}, 0, "", 0)
    rows: list[tuple[str, StandingCase, StandingCase, plan.Action]] = [
        ("report", before, standing, plan.Start(START))
    ]
    for task, form in CHAIN:
        before, standing = standing, moved(definition, standing, task, form)
        rows.append((task, before, standing, plan.Complete(before.token, form)))
    for task, before, after, action in rows:
        work = partial(stepped, definition, before, action)
        cost, calls = cost_of(work), calls_of(work)
        marking, data = len(after.marking or b""), len(orjson.dumps(after.data))
        sizes = f"{marking:11} {data:8} {marking + data:10}"
        print(f"  {task:20} {cost:8.0f} {after.calls:10} {calls:7} {sizes}")
        if before.marking is not None:
            costs.append(cost)
    return max(costs)


def print_loop(definition: Definition) -> None:
    """The same round of work at the beginning and at the end of 2,000 steps."""
    standing = begun(definition)
    spent: list[float] = []
    for turn in range(TURNS):
        task, form = ROUND[turn % len(ROUND)]
        begin = time.process_time_ns()
        standing = moved(definition, standing, task, form)
        spent.append((time.process_time_ns() - begin) / 1000)
    first, last = median(spent[30:330]), median(spent[-300:])
    size = len(standing.marking or b"") + len(orjson.dumps(standing.data))
    print(f"\nfailed verifications, {TURNS} steps of one case")
    print(f"  steps 30-330 {first:.0f} us, last 300 {last:.0f} us: ratio {last / first:.2f}")
    print(f"  marking and data after {TURNS} steps: {size} B")


def print_sizes() -> None:
    """What each shipped diagram weighs where it first waits for somebody."""
    files = read_folder(FOLDER)
    print("\nshipped diagrams at their first waiting point")
    for path in sorted(FOLDER.glob("*.bpmn")):
        definition = restore(path.stem, bundle(files, path.stem))
        values = {name: LATER if name.endswith("_at") else None for name in definition.names_read}
        start = plan.Start({**values, "posts": ["p1", "p2"], **START})
        standing = stepped(definition, StandingCase(None, {}, 0, "", 0), start)
        marking, data = len(standing.marking or b""), len(orjson.dumps(standing.data))
        cost = cost_of(partial(stepped, definition, StandingCase(None, {}, 0, "", 0), start))
        print(f"  {path.stem:15} {marking:5} B marking, {data:5} B data, start {cost:5.0f} us")


def print_hot_spots(definition: Definition) -> None:
    """Where the time of the whole chain goes."""
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(20):
        walked(definition)
    profile.disable()
    print("\nhot spots of the chain (own time)")
    stats = pstats.Stats(profile).strip_dirs().sort_stats("tottime")
    stats.print_stats(18)


def walked(definition: Definition) -> None:
    """One report from filing to closing."""
    standing = begun(definition)
    for task, form in CHAIN:
        standing = moved(definition, standing, task, form)


def begun(definition: Definition) -> StandingCase:
    """A report just filed."""
    return stepped(definition, StandingCase(None, {}, 0, "", 0), plan.Start(START))


def moved(
    definition: Definition, standing: StandingCase, task: str, form: Mapping[str, Any]
) -> StandingCase:
    """One officer completes the open task, which must be `task`."""
    if standing.task != task:
        message = f"the case stands at {standing.task}, not at {task}"
        raise RuntimeError(message)
    return stepped(definition, standing, plan.Complete(standing.token, form))


def stepped(definition: Definition, standing: StandingCase, action: plan.Action) -> StandingCase:
    """One step with every call answered."""
    execution = Execution(definition, standing.marking, standing.data, now=NOW)
    execution.apply(action)
    calls = 0
    while (call := execution.next_call()) is not None:
        calls += 1
        execution.apply(plan.Answer(call.token, ANSWERS.get(call.task_id, {})))
    made = execution.result()
    opened = made.opened[0] if made.opened else None
    return StandingCase(
        made.marking,
        made.data,
        opened.token if opened else 0,
        opened.task_id if opened else "",
        calls,
    )


def cost_of(work: Callable[[], object]) -> float:
    """Least processor time in microseconds: what is above it is the rest of the machine."""
    spent = []
    for _ in range(REPEATS):
        begin = time.process_time_ns()
        work()
        spent.append((time.process_time_ns() - begin) / 1000)
    return min(spent)


def calls_of(work: Callable[[], object]) -> int:
    """Function calls of one run."""
    profile = cProfile.Profile()
    profile.runcall(work)
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
