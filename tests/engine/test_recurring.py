"""Starts by the calendar: each period once, whatever the clock and the schedulers do."""

import threading
from datetime import date, datetime, timedelta

import pytest

from engine.background.recurring import plan, start_due
from engine.background.scheduler import run_until
from engine.time.periods import period_of
from storage.audit.log import AuditFilter, list_audit
from storage.cases import incidents
from storage.city.entries import TermStart
from storage.database.session import Database
from storage.errors import Conflict, FormInvalid, NotFound
from storage.processes import recurring
from storage.processes.recurring import NewRecurring, Recurring
from tests.engine.vigil import GRID, START, Vigil, china, vigil

POST = f"grid_leader:{GRID}"
TERMS = (TermStart("spring", 2, 15), TermStart("autumn", 9, 1))
DECEMBER = china("2026-12-01T00:00")


@pytest.fixture
def world(database: Database) -> Vigil:
    return vigil(database)


def monthly(world: Vigil, **more: object) -> Recurring:
    new = {
        "process_id": "vigil",
        "subject_kind": "post",
        "subject": POST,
        "period": "month",
        "form": {"word": "monthly"},
        **more,
    }
    with world.database.transaction() as session:
        return plan(world.runner, session, NewRecurring(**new))  # type: ignore[arg-type]  # by name


def acts(world: Vigil, action: str) -> list[str]:
    with world.database.reading() as session:
        page = list_audit(session, AuditFilter(action=action))
        return [event.subject.rpartition(":")[2] for event in reversed(page.items)]


def looked(world: Vigil, at: datetime) -> int:
    world.clock.set(at)
    return start_due(world.database, world.runner)


@pytest.mark.parametrize(
    ("kind", "day", "key", "first", "after"),
    [
        ("day", "2026-12-31", "2026-12-31", "2026-12-31", "2027-01-01"),
        ("week", "2027-01-02", "2026-W53", "2026-12-28", "2027-01-04"),
        ("month", "2026-12-31", "2026-12", "2026-12-01", "2027-01-01"),
        ("month", "2028-02-29", "2028-02", "2028-02-01", "2028-03-01"),
        ("quarter", "2026-11-29", "2026-Q4", "2026-10-01", "2027-01-01"),
        ("half", "2026-06-30", "2026-H1", "2026-01-01", "2026-07-01"),
        ("year", "2026-06-30", "2026", "2026-01-01", "2027-01-01"),
        ("term", "2026-01-20", "2025-autumn", "2025-09-01", "2026-02-15"),
        ("term", "2026-02-15", "2026-spring", "2026-02-15", "2026-09-01"),
    ],
)
def test_a_day_lies_in_one_period_with_edges(
    kind: str, day: str, key: str, first: str, after: str
) -> None:
    period = period_of(kind, date.fromisoformat(day), TERMS)

    assert period == (key, date.fromisoformat(first), date.fromisoformat(after))


def test_each_period_starts_one_case_when_it_begins(world: Vigil) -> None:
    row = monthly(world)

    assert row.next_at == DECEMBER
    assert looked(world, DECEMBER - timedelta(seconds=1)) == 0
    assert looked(world, DECEMBER) == 1
    assert looked(world, DECEMBER + timedelta(days=20)) == 0
    assert looked(world, china("2027-01-01T08:00")) == 1
    assert acts(world, "period_started") == ["2026-12", "2027-01"]
    assert acts(world, "period_missed") == []


def test_what_was_skipped_is_recorded_as_missed_once_and_only_the_period_in_force_starts(
    world: Vigil,
) -> None:
    monthly(world)

    assert looked(world, china("2027-03-05T08:00")) == 1
    assert looked(world, china("2027-03-06T08:00")) == 0
    assert acts(world, "period_missed") == ["2026-12", "2027-01", "2027-02"]
    assert acts(world, "period_started") == ["2027-03"]


def test_a_clock_that_jumps_back_starts_nothing_again(world: Vigil) -> None:
    monthly(world)
    looked(world, DECEMBER)

    assert looked(world, START) == 0
    assert looked(world, DECEMBER + timedelta(hours=1)) == 0


def test_two_schedulers_start_one_case(world: Vigil) -> None:
    monthly(world)
    world.clock.set(DECEMBER)
    started: list[int] = []

    def look() -> None:
        started.append(start_due(world.database, world.runner))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(started) == 1
    assert acts(world, "period_started") == ["2026-12"]


def test_a_period_that_has_its_case_already_is_not_started_by_a_row_made_again(
    world: Vigil,
) -> None:
    first = monthly(world)
    looked(world, DECEMBER)
    with world.database.transaction() as session:
        recurring.end_recurring(session, first.id, at=DECEMBER)
    world.clock.set(START)
    monthly(world)

    assert looked(world, DECEMBER) == 0
    assert acts(world, "period_started") == ["2026-12"]


def test_a_start_that_fails_rests_is_one_incident_and_stops_no_other(world: Vigil) -> None:
    monthly(world)
    with world.database.transaction() as session:
        lost = NewRecurring(
            process_id="vigil",
            subject_kind="business",
            subject="404",
            period="month",
            form={"word": "lost"},
        )
        recurring.add_recurring(session, lost, next_at=DECEMBER - timedelta(hours=1), at=START)

    assert looked(world, DECEMBER) == 1
    assert looked(world, DECEMBER + timedelta(minutes=20)) == 0
    with world.database.reading() as session:
        (failed,) = incidents.list_incidents(session).items

    assert failed.error_code == "recurring_failed"


def test_what_can_never_start_is_refused_at_once(world: Vigil) -> None:
    monthly(world)

    with pytest.raises(Conflict):
        monthly(world)
    with pytest.raises(FormInvalid):
        monthly(world, form={}, period="week")
    with pytest.raises(FormInvalid):
        monthly(world, offset_days=7, period="week")
    with pytest.raises(NotFound):
        monthly(world, process_id="unknown")
    with pytest.raises(NotFound):
        monthly(world, subject="grid_leader:999", period="week")


def test_days_after_the_beginning_are_waited_for(world: Vigil) -> None:
    row = monthly(world, offset_days=9)

    assert row.next_at == china("2026-11-10T00:00")
    assert looked(world, china("2026-11-10T00:00")) == 1
    assert looked(world, china("2026-12-09T23:59")) == 0
    assert looked(world, china("2026-12-10T00:00")) == 1


def test_a_virtual_clock_stops_where_a_period_begins(world: Vigil) -> None:
    monthly(world)

    run_until(world.database, world.runner, world.clock, china("2027-02-15T00:00"))

    assert acts(world, "period_started") == ["2026-12", "2027-01", "2027-02"]
