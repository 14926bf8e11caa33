"""A visit entered on both platforms is linked and never counted twice (R30)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from handlers.sync.matching import Relation, relation_of
from handlers.sync.protocol import INSPECTION, PulledRecord, ReportedVisit
from storage.moments import CHINA
from storage.sync.records import NewRecord, add_record
from tests.stories.world import World

TODAY = date(2026, 3, 2)


@pytest.fixture
def world(either_world: World) -> World:
    """Every story here is told on both kinds of database."""
    return either_world


def a_record(day: date = TODAY, **visit: Any) -> PulledRecord:
    at = datetime.combine(day, datetime.min.time(), CHINA) + timedelta(hours=10)
    usual = {"unit": "station", "business_name": "示例", "found_problem": True, "handled": True}
    return PulledRecord(
        external_id="I-1",
        version=1,
        changed_at=at,
        kind=INSPECTION,
        day=day,
        visit=ReportedVisit(visited_at=at, **usual | visit),
        raw={},
    )


def related(world: World, shop: int, record: PulledRecord) -> Relation:
    with world.database.reading() as session:
        return relation_of(session, record, business_id=shop)


def filed(world: World, shop: int, **form: Any) -> int:
    number = world.file("station", business=shop, **form)
    return int(number[4:-1])


@pytest.mark.parametrize(
    ("days", "matter", "relating"),
    [
        (0, "L01", "link"),
        (1, "L01", "link"),
        (-1, "L01", "link"),
        (2, "L01", "create"),
        (-2, "L01", "create"),
        (0, "H02", "create"),
    ],
)
def test_a_record_is_linked_by_business_day_and_matter(
    world: World, days: int, matter: str, relating: str
) -> None:
    """R30: the same business, at most a day apart, the same matter."""
    shop = world.business()
    case = filed(world, shop)

    found = related(world, shop, a_record(TODAY + timedelta(days=days), matter=matter))

    assert (found.relating, found.case_id) == (relating, case if relating == "link" else None)


def test_the_same_inspector_speaks_for_a_link_and_another_business_against_it(
    world: World,
) -> None:
    """R30."""
    shop, other = world.business(), world.business(name="别家")
    case = filed(world, shop)
    inspector = world.people["station"].name

    same = related(world, shop, a_record(matter="H02", inspector=inspector))
    elsewhere = related(world, other, a_record(matter="L01", inspector=inspector))

    assert (same.relating, same.case_id) == ("link", case)
    assert same.reason == {
        "by": "scores",
        "case": case,
        "number": same.reason["number"],
        "score": 70,
        "same_day": True,
        "same_matter": False,
        "same_inspector": True,
    }
    assert elsewhere.relating == "create"


def test_two_cases_that_fit_are_a_question_and_a_linked_one_fits_no_more(world: World) -> None:
    """R30: never a guess."""
    shop = world.business()
    first, second = filed(world, shop), filed(world, shop)

    both = related(world, shop, a_record(matter="L01"))
    with world.database.transaction() as session:
        linked = NewRecord(
            source="smart_supervision",
            external_id="I-0",
            version=1,
            body_hash="",
            kind=INSPECTION,
            origin="theirs",
            relation="linked",
            day=TODAY,
            body={},
            changed_at=world.clock.now(),
            subject_kind="case",
            subject_id=first,
        )
        add_record(session, linked, at=world.clock.now())
    left = related(world, shop, a_record(matter="L01"))

    assert (both.relating, both.case_id) == ("review", None)
    assert [one["case"] for one in both.candidates] == [first, second]
    assert (left.relating, left.case_id) == ("link", second)


def test_an_echo_is_known_by_our_number_and_a_tip_of_the_public_is_no_visit(world: World) -> None:
    """R30, R31: what we sent comes back as itself, even about another day and matter."""
    shop = world.business()
    number = world.file("station", business=shop)
    far = a_record(TODAY + timedelta(days=30), matter="H02", remark=f"来自夯基 {number}，已转办")
    mistyped = a_record(matter="H02", remark=f"夯基 {number[:-1]}{(int(number[-1]) + 1) % 10}")

    echo, unknown = related(world, shop, far), related(world, shop, mistyped)

    assert (echo.relating, echo.case_id, echo.reason) == (
        "link",
        int(number[4:-1]),
        {"by": "number"},
    )
    assert unknown.relating == "create"


def test_matching_a_record_costs_two_statements_however_many_cases_there_are(
    world: World,
) -> None:
    """At most three for each record."""
    shop = world.business()
    for _ in range(4):
        filed(world, shop)
    statements: list[str] = []

    def note(*told: Any) -> None:
        statements.append(told[2])

    record = a_record(matter="L01", remark="见 2026000000019")
    with world.database.reading() as session:
        engine = world.database._connections.opener  # noqa: SLF001 - a test that counts statements
        session.execute(text("select 1"))
        event.listen(engine, "before_cursor_execute", note)
        found = relation_of(session, record, business_id=shop)
        event.remove(engine, "before_cursor_execute", note)

    assert len(found.candidates) == 4
    assert len(statements) <= 2, statements
