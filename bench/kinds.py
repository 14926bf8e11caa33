"""What a step of an inspection or a self-inspection costs, as a multiple of one of `grid_report`.

Function calls are counted, not seconds: the number is the same on any machine under any load.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean
from types import FrameType
from typing import Any

from bench.report import ReportTable
from bench.step import REPORT
from bench.town import Town, found
from handlers.inspections.rehearsing import add_plan_for_scenarios
from storage.cases.cases import find_case_by_number
from storage.cases.tasks import list_open_tasks
from storage.database.session import Session
from storage.inspections.plans import get_plan
from storage.inspections.records import add_inspection
from storage.registry.businesses import get_business
from tests.checklists import answered

BAR = 1.2
OFFICERS = "演示市管所01、演示市管所02"
ON_THE_SPOT = {"order": "on_the_spot", "reason": "当场改正"}


@dataclass(frozen=True, slots=True)
class KindWalk:
    """A case from its start on: which task who completes with which form."""

    process: str
    starts: str
    form: Mapping[str, Any]
    steps: tuple[tuple[str, str, Mapping[str, Any]], ...]


@dataclass(slots=True)
class Calls:
    """Calls of Python functions while a step was made."""

    count: int = field(default=0)


GRID = KindWalk(
    "grid_report",
    "grid_member",
    REPORT,
    (("resolve_or_pass_up", "grid_member", {"outcome": "resolved", "measures": "已改正"}),),
)
WALKS = (
    KindWalk(
        "department_inspection",
        "station_officer",
        {"plan": 1, "business": 1},
        (
            (
                "carry_out",
                "station_officer",
                {"found": "both", "officers": OFFICERS, "measures": "有"},
            ),
            ("order_rectification", "station_officer", ON_THE_SPOT),
            ("check_rectification", "station_officer2", {"check_result": "passed"}),
            ("decide_filing", "enforcement", {"filing": "not_filed", "reason": "情节轻微"}),
        ),
    ),
    KindWalk(
        "self_inspection",
        "station_officer",
        {"business": 6, "period": "week"},
        (("inspect_self", "school", {"lines": answered("canteen"), "found": "nothing"}),),
    ),
)


def run() -> list[ReportTable]:
    """Walk each kind once to warm what is memoized, and once to count."""
    table = ReportTable(
        f"Steps of other kinds: function calls, in steps of grid_report (bar {BAR})",
        ("process", "task", "calls", "ratio"),
    )
    with tempfile.TemporaryDirectory() as folder:
        town = found(f"sqlite:///{folder}/kinds.db", Path(folder))
        with town.database.transaction() as session:
            add_plan_for_scenarios(session, at=datetime.now(UTC))
        floor = mean(count for _, count in _counted(town, GRID))
        table.add(GRID.process, GRID.steps[0][0], floor, 1.0)
        for walk in WALKS:
            counted = _counted(town, walk)
            for task, count in counted:
                table.add(walk.process, task, count, count / floor)
            each = mean(count for _, count in counted)
            table.add(walk.process, "mean of its steps", each, each / floor)
    return [table]


def _counted(town: Town, walk: KindWalk) -> list[tuple[str, int]]:
    for _ in range(2):
        counted = list(_walked(town, walk))
    return counted


def _walked(town: Town, walk: KindWalk) -> Iterator[tuple[str, int]]:
    runner = town.composition.runner
    starter = town.actor(walk.starts)
    with town.database.transaction() as session:
        made = runner.start(session, walk.process, dict(walk.form), actor=starter)
        if "plan" in walk.form:
            _record(session, made.number, walk.form)
    for task_id, who, form in walk.steps:
        actor = town.actor(who)
        with town.database.transaction() as session:
            case = find_case_by_number(session, made.number)
            if case is None:
                raise LookupError(made.number)
            (task,) = (one for one in list_open_tasks(session, case.id) if one.task_id == task_id)
            with _counting() as calls:
                runner.complete(session, task.running_id, int(task.token), form, actor=actor)
        yield task_id, calls.count


def _record(session: Session, number: str, form: Mapping[str, Any]) -> None:
    """The record an inspection of a plan begins with."""
    case = find_case_by_number(session, number)
    if case is None:
        raise LookupError(number)
    plan, business = get_plan(session, form["plan"]), get_business(session, form["business"])
    add_inspection(session, case.id, plan, business, at=datetime.now(UTC))


@contextmanager
def _counting() -> Iterator[Calls]:
    calls = Calls()

    def hear(_frame: FrameType, event: str, _what: object) -> None:
        calls.count += event == "call"

    sys.setprofile(hear)
    try:
        yield calls
    finally:
        sys.setprofile(None)
