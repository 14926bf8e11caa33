"""Two hands on one task, one report sent five times at once, eight writers of one file."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

import pytest
from sqlalchemy import delete, func, select, text
from werkzeug.test import TestResponse

from handlers.staffing.gaps import check_all
from storage.database.session import Session
from storage.tables import staffing_gap
from tests.fault.invariants import Audit
from tests.fault.lives import eventually
from tests.fault.scenes import REPORT, Request
from tests.stories.world import ACCEPTED, RESOLVED, World

ROUNDS = 8
HANDS = 8

Each = TypeVar("Each")
Given = TypeVar("Given")

pytestmark = pytest.mark.fault

BOTH = pytest.mark.parametrize(
    "name", ["world", pytest.param("postgres_world", marks=pytest.mark.postgres)]
)


@pytest.fixture
def city(request: pytest.FixtureRequest, name: str) -> World:
    """The city of either database."""
    found: World = request.getfixturevalue(name)
    return found


@BOTH
def test_of_two_officers_pressing_at_once_one_is_done_and_one_is_told_who_and_when(
    city: World,
) -> None:
    """notes/reliability.md row 4; R40: several rounds of eight hands on one task."""
    city.appoint("station", name="colleague")
    for _ in range(ROUNDS):
        number = city.file(matter="L03")
        task = city.task(number)["id"]
        press = presser(city, task)
        answers = at_once(press, ["station", "colleague"] * (HANDS // 2))

        done = [answer for answer in answers if answer.status_code == 200]
        told = [answer.get_json() for answer in answers if answer.status_code == 409]
        assert (len(done), len(told)) == (1, HANDS - 1), [answer.get_json() for answer in answers]
        ids = {city.people["station"].id, city.people["colleague"].id}
        assert {one["closed_by"] for one in told} <= ids
        assert {datetime.fromisoformat(one["closed_at"]) for one in told} == {city.clock.now()}
    assert Audit(city.database).check_all() == ROUNDS


@BOTH
def test_one_report_sent_by_five_hands_at_once_is_one_case_each_round(city: World) -> None:
    """notes/reliability.md row 3: same key, same body."""
    for round_ in range(ROUNDS):
        request = Request("/reports", "grid_member", REPORT, key=f"phone-{round_}")

        answers = at_once(lambda _, request=request: request.send(city), range(5))

        assert [answer.status_code for answer in answers] == [201] * 5, [
            o.get_json() for o in answers
        ]
        assert len({answer.get_data() for answer in answers}) == 1
    assert Audit(city.database).check_all() == ROUNDS


@BOTH
def test_eight_writers_at_once_wait_for_each_other_and_never_fail(city: World) -> None:
    """notes/reliability.md row 14: real steps, no lock errors."""

    def work(hand: int) -> list[int]:
        statuses = []
        for place in range(4):
            request = Request("/reports", "grid_member", REPORT, key=f"{hand}-{place}")
            filed = request.send(city)
            task = filed.get_json()["next_tasks"][0]["id"]
            done = city.act(task, "grid_member", "complete", form=RESOLVED)
            statuses += [filed.status_code, done.status_code]
        return statuses

    answered = at_once(work, range(HANDS))

    assert answered == [[201, 200] * 4] * HANDS
    assert Audit(city.database).check_all() == HANDS * 4


@pytest.mark.postgres
def test_two_processes_that_look_for_gaps_of_staff_at_once_both_finish(
    postgres_world: World,
) -> None:
    """Scheduler and worker begin their day together; one of them ended with a fault."""
    city, now = postgres_world, postgres_world.clock.now()
    with city.database.transaction() as session:
        session.execute(delete(staffing_gap))

    def look() -> int:
        with city.database.transaction() as session:
            return check_all(session, at=now)

    with ThreadPoolExecutor(1) as pool:
        with city.database.transaction() as session:
            found = check_all(session, at=now)
            other = pool.submit(look)
            assert eventually(lambda: is_somebody_waiting(session))
        other.result(60)

    with city.database.reading() as session:
        kept = session.execute(select(func.count()).select_from(staffing_gap)).scalar_one()
    assert found == kept > 0


def is_somebody_waiting(session: Session) -> bool:
    """Whether another one waits for what this transaction holds."""
    waiting = text("select count(*) from pg_locks where not granted")
    return int(session.execute(waiting).scalar_one()) > 0


def presser(city: World, task: str) -> Callable[[str], TestResponse]:
    """What somebody does who accepts a task, each with a client of their own."""
    return lambda who: city.act(task, who, "complete", form=ACCEPTED)


def at_once(work: Callable[[Given], Each], given: "range | list[Given]") -> list[Each]:  # type: ignore[type-var]  # a range of numbers
    """Do the work for each at the same moment."""
    barrier = threading.Barrier(len(given))

    def one(it: Given) -> Each:
        barrier.wait()
        return work(it)

    with ThreadPoolExecutor(len(given)) as pool:
        return list(pool.map(one, given))
