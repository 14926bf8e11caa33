"""Timers as rows: claimed once, in due order, given back when their holder fails."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from storage.cases import timers
from storage.cases.steps import ArmedTimer
from storage.database.session import Database, Session
from storage.moments import NEVER
from storage.tables import timer
from tests.build import MORNING, a_case, a_task, stepped

LEASE = timedelta(minutes=5)
HOUR = timedelta(hours=1)


def armed(session: Session, *due: datetime) -> int:
    """A case whose timers `t0`, `t1`, … are due at these moments; gives its process."""
    case = a_case(session)
    stepped(session, case, armed=[ArmedTimer(f"t{n}", at) for n, at in enumerate(due)])
    return case.process.id


def names(found: list[timers.Timer]) -> list[str]:
    return [one.element for one in found]


def test_due_timers_are_claimed_in_due_order(database: Database) -> None:
    """notes/reliability.md row 6: after an outage everything due fires once, in due order."""
    with database.transaction() as session:
        armed(session, MORNING, MORNING - HOUR, MORNING + HOUR, MORNING - 2 * HOUR)

        assert names(timers.claim_due(session, now=MORNING, lease=LEASE)) == ["t3", "t1", "t0"]


def test_the_longest_overdue_are_claimed_first_when_there_are_too_many(
    database: Database,
) -> None:
    with database.transaction() as session:
        armed(session, MORNING, MORNING - HOUR, MORNING - 2 * HOUR)

        assert names(timers.claim_due(session, now=MORNING, lease=LEASE, limit=2)) == ["t2", "t1"]


def test_a_claimed_timer_is_left_alone_until_its_lease_ends(database: Database) -> None:
    with database.transaction() as session:
        armed(session, MORNING)
        timers.claim_due(session, now=MORNING, lease=LEASE)

        assert timers.claim_due(session, now=MORNING + LEASE / 2, lease=LEASE) == []
        assert names(timers.claim_due(session, now=MORNING + LEASE, lease=LEASE)) == ["t0"]


@pytest.mark.postgres
def test_two_claims_at_once_share_the_work_on_postgresql(postgres: Database) -> None:
    """notes/reliability.md row 5: SKIP LOCKED; nobody waits and nobody gets the same."""
    got: list[list[str]] = []
    with postgres.transaction() as session:
        armed(session, *[MORNING - n * HOUR for n in range(10)])

    def claim() -> None:
        with postgres.transaction() as inner:
            got.append(names(timers.claim_due(inner, now=MORNING, lease=LEASE)))

    with postgres.transaction() as session:
        mine = names(timers.claim_due(session, now=MORNING, lease=LEASE, limit=4))
        other = threading.Thread(target=claim)
        other.start()
        other.join(timeout=20)

    assert len(mine) == 4
    assert sorted(mine + got[0]) == [f"t{n}" for n in range(10)]


@pytest.mark.fault
def test_each_of_many_timers_is_claimed_exactly_once_by_four_tickers(database: Database) -> None:
    with database.transaction() as session:
        armed(session, *[MORNING - timedelta(seconds=n) for n in range(400)])
    claimed: list[str] = []

    def tick() -> None:
        while True:
            with database.transaction() as inner:
                found = timers.claim_due(inner, now=MORNING, lease=LEASE, limit=17)
            if not found:
                return
            claimed.extend(names(found))

    tickers = [threading.Thread(target=tick) for _ in range(4)]
    for one in tickers:
        one.start()
    for one in tickers:
        one.join(timeout=60)

    assert sorted(claimed) == sorted(f"t{n}" for n in range(400))


def test_the_next_due_moment_is_known_without_opening_a_case(database: Database) -> None:
    with database.transaction() as session:
        assert timers.find_next_due(session, now=MORNING) is None

        armed(session, MORNING, MORNING + HOUR)
        assert timers.find_next_due(session, now=MORNING) == MORNING

        timers.claim_due(session, now=MORNING, lease=LEASE)
        assert timers.find_next_due(session, now=MORNING) == MORNING + HOUR


def test_a_failed_timer_is_put_off_and_a_poisoned_one_set_aside(database: Database) -> None:
    """notes/reliability.md row 10: back-off, after five failures an incident; others go on."""
    with database.transaction() as session:
        process = armed(session, MORNING)

        assert timers.postpone(session, process, "t0", until=MORNING + HOUR) == 1
        assert timers.claim_due(session, now=MORNING, lease=LEASE) == []
        assert timers.count_overdue(session, now=MORNING) == (1, MORNING)

        assert timers.postpone(session, process, "t0", until=NEVER) == 2
        assert timers.count_overdue(session, now=MORNING + HOUR)[0] == 0

        timers.release(session, process, "t0")
        assert [one.attempts for one in timers.claim_due(session, now=MORNING, lease=LEASE)] == [0]


def test_what_is_already_due_in_one_case_is_listed_claimed_or_not(database: Database) -> None:
    """Design section 3: before a task is completed what is due in that case fires first."""
    with database.transaction() as session:
        process = armed(session, MORNING, MORNING - HOUR, MORNING + HOUR)
        case_id = timers.claim_due(session, now=MORNING - HOUR, lease=LEASE)[0].case_id
        timers.arm(
            session,
            running_id=process,
            element="chase:1",
            case_id=case_id,
            due_at=MORNING - HOUR,
            kind="chase",
        )

        assert names(timers.list_due_of(session, process, before=MORNING)) == ["t1", "t0"]


def test_a_timer_is_moved_or_forgotten(database: Database) -> None:
    with database.transaction() as session:
        process = armed(session, MORNING)
        case_id = timers.claim_due(session, now=MORNING, lease=LEASE)[0].case_id
        timers.arm(
            session, running_id=process, element="t0", case_id=case_id, due_at=MORNING + HOUR
        )
        moved = timers.list_timers(session, case_id)
        timers.forget(session, process, "t0")

        assert [(one.due_at, one.attempts) for one in moved] == [(MORNING + HOUR, 0)]
        assert timers.list_timers(session, case_id) == []


@pytest.mark.postgres
@pytest.mark.parametrize("total", [2_000, 20_000])
def test_claiming_reads_what_is_due_and_not_what_is_open(postgres: Database, total: int) -> None:
    """notes/performance.md section 6: one range of the index, whatever else waits."""
    far = MORNING + timedelta(days=30)
    rows = [
        {"running_id": 1, "element": f"t{n}", "case_id": 1, "due_at": far, "kind": "drawn"}
        | {"lease_until": None, "attempts": 0}
        for n in range(total)
    ]
    with postgres.transaction() as session:
        session.execute(insert(timer), rows)
        session.exec_driver_sql("analyze timer")
        plan = session.exec_driver_sql(
            "explain select due_at from timer where due_at <= '2026-03-02'"
            " and (lease_until is null or lease_until <= '2026-03-02') order by due_at limit 500"
        )

        assert "timer_due_idx" in "\n".join(row[0] for row in plan)


def test_tasks_whose_clock_runs_without_a_chase_timer_are_listed(database: Database) -> None:
    with database.transaction() as session:
        case = a_case(session, tasks=[a_task("1"), a_task("2"), a_task("3", due_at=NEVER)])
        stepped(session, case, armed=[ArmedTimer("chase:1", MORNING, "chase")])

        listed = timers.list_unchased(session)

    assert listed == [(case.case.number, case.process.digest)]
