"""Limits come from the shipped table; pauses and extensions move the clock of a task."""

from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.decisions.tables import DecisionTable, parse_decision
from engine.diagrams.xml import parse_xml
from engine.errors import DecisionError
from engine.time.calendar import WorkCalendar
from engine.time.limits import deadline_of, extended, limit_for, resumed, span_of
from storage.errors import Refused
from storage.moments import CHINA, NEVER

ROOT = Path(__file__).resolve().parents[2]
HOLIDAY = {date(2026, 10, 1) + timedelta(days=day): "holiday" for day in range(7)}
CALENDAR = WorkCalendar({**HOLIDAY, date(2026, 10, 10): "makeup_workday"}, frozenset({2026}))

EXPECTED = (
    ("standard", "grid_leader", "accept", 1, "working_day", "pass_up", 0),
    ("standard", "grid_leader", "handle", 2, "working_day", "pass_up", 1),
    ("standard", "village_center", "relay", 1, "working_day", "forward", 0),
    ("standard", "station", "handle", 7, "working_day", "supervise", 1),
    ("standard", "county", "handle", 10, "working_day", "supervise", 1),
    ("standard", "city", "handle", 15, "working_day", "supervise", 1),
    ("urgent", "grid_member", "handle", 1, "same_day", "pass_up", 1),
    ("urgent", "station", "accept", 2, "hour", "inform_superior", 0),
    ("urgent", "triage", "triage", 30, "minute", "supervise", 0),
    ("urgent", "anyone", "write_public_result", 4, "working_hour", "supervise", 0),
)


class Tables:
    """What `limit_for` needs of a definition."""

    def __init__(self, **tables: DecisionTable) -> None:
        self._tables = tables

    def decision(self, name: str) -> DecisionTable:
        """The table of that id."""
        return self._tables[name]


def shipped() -> Tables:
    text = (ROOT / "bpmn" / "deadlines.dmn").read_bytes()
    name = "deadlines.dmn"
    return Tables(deadlines=parse_decision(parse_xml(text, name=name), name=name))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def a_task(opened: str, *, paused_at: datetime | None = None) -> SimpleNamespace:
    limit = limit_for(
        shipped(), deadline_profile="standard", priority="normal", level="station", step="handle"
    )
    clock = deadline_of(CALENDAR, limit, at(opened))
    return SimpleNamespace(
        opened_at=at(opened), due_at=clock.due_at, deadline=clock.deadline, paused_at=paused_at
    )


@pytest.mark.parametrize("row", EXPECTED)
def test_the_shipped_table_answers_as_the_defaults_say(row: tuple[Any, ...]) -> None:
    profile, level, step, *expected = row

    limit = limit_for(
        shipped(), deadline_profile=profile, priority="normal", level=level, step=step
    )

    assert [limit.limit, limit.unit, limit.on_overdue, limit.extensions] == expected


def test_a_step_without_a_row_is_an_error_and_never_endless() -> None:
    with pytest.raises(DecisionError) as refused:
        limit_for(
            shipped(), deadline_profile="standard", priority="normal", level="station", step="nap"
        )

    assert refused.value.code == "no_row"


def test_a_task_carries_the_clock_it_was_opened_with() -> None:
    task = a_task("2026-09-30 10:00")

    assert task.due_at == at("2026-10-15 23:59:59")
    assert task.deadline == {
        "limit": 7,
        "unit": "working_day",
        "on_overdue": "supervise",
        "extensions": 1,
        "approver": "one_level_up",
        "provisional": False,
    }


def test_a_pause_over_a_holiday_moves_the_clock_by_working_days_only() -> None:
    task = a_task("2026-09-28 10:00", paused_at=at("2026-09-30 09:00"))

    clock = resumed(CALENDAR, task, now=at("2026-10-09 09:00"))

    # 8, 9, 10, 12 and 13 October were left; after the pause it is 10, 12, 13, 14 and 15.
    assert task.due_at == at("2026-10-13 23:59:59")
    assert clock.due_at == at("2026-10-15 23:59:59")


def test_what_was_used_before_a_pause_stays_used() -> None:
    paused_at, now = at("2026-09-30 09:00"), at("2026-10-09 09:00")
    task = a_task("2026-09-28 10:00", paused_at=paused_at)
    before = span_of(task)

    clock = resumed(CALENDAR, task, now=now)
    task.due_at, task.deadline = clock.due_at, clock.deadline
    after = span_of(task)

    assert before is not None
    assert after is not None
    assert CALENDAR.share_used(after, now) == pytest.approx(CALENDAR.share_used(before, paused_at))


def test_a_task_that_is_never_due_has_no_clock() -> None:
    never = SimpleNamespace(
        opened_at=at("2026-03-02 10:00"), due_at=NEVER, deadline=None, paused_at=NEVER
    )

    assert span_of(never) is None
    assert resumed(CALENDAR, never, now=NEVER).due_at == NEVER


def test_only_a_paused_task_resumes() -> None:
    with pytest.raises(Refused, match="暂停"):
        resumed(CALENDAR, a_task("2026-09-28 10:00"), now=at("2026-10-09 09:00"))


def test_an_extension_gives_at_most_the_original_limit_again() -> None:
    task = a_task("2026-03-02 10:00")

    clock = extended(CALENDAR, task)

    assert task.due_at == at("2026-03-11 23:59:59")
    assert clock.due_at == at("2026-03-20 23:59:59")
    with pytest.raises(Refused, match="延期"):
        extended(CALENDAR, task, until=at("2026-03-21 12:00"))
    with pytest.raises(Refused, match="延期"):
        extended(CALENDAR, task, until=at("2026-03-11 12:00"))


def test_a_limit_is_extended_once() -> None:
    task = a_task("2026-03-02 10:00")
    clock = extended(CALENDAR, task, until=at("2026-03-13 18:00"))
    task.due_at, task.deadline = clock.due_at, clock.deadline

    with pytest.raises(Refused, match="一次"):
        extended(CALENDAR, task)


def test_a_clock_that_reaches_into_an_unannounced_year_is_provisional() -> None:
    assert a_task("2026-12-28 10:00").deadline["provisional"]
