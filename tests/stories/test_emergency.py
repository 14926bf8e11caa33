"""An emergency reaches people wherever it is, and somebody says that they know (A11, R49)."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from storage.cases.cases import find_case_by_number
from storage.city.rules import installed
from storage.delivery.outbox import list_of_case
from storage.tables import process_definition
from tests.build import TOWN, UNIT, a_jurisdiction, an_area, an_officer
from tests.stories.world import World, at

SATURDAY_NIGHT = at(2026, 3, 7, 23, 30)
OTHER_TOWN = "350303100"
"""A town of another county of the same city."""


@pytest.fixture(name="bureaus")
def _bureaus(world: World) -> set[str]:
    """The county posts of a city with two counties."""
    other = "county:J-350303"
    with world.database.transaction() as session:
        an_area(session, OTHER_TOWN)
        other = f"county:{a_jurisdiction(session, OTHER_TOWN, county='J-350303').jurisdiction_code}"
        an_officer(session, other)
    return {world.post("county"), other}


def alerted(world: World, number: str) -> list[set[str]]:
    """Whom the entries of the file say were alerted, one set an entry."""
    return [set(note["posts"]) for note in world.notes(number, "alerted")]


def notified(world: World, number: str) -> set[str]:
    """Who got a notification about the emergency."""
    with world.database.reading() as session:
        case = find_case_by_number(session, number)
        assert case is not None
        letters = list_of_case(session, case.id)
    return {letter.receiver for letter in letters if letter.template == "emergency"}


def asked(world: World, number: str) -> set[str]:
    """Who has an alert of this case to acknowledge."""
    return {
        one["holder"]["post"] for one in world.open(number) if one["process"] == "emergency_alert"
    }


def test_an_emergency_at_an_unknown_place_alerts_the_duty_post_and_every_bureau(
    world: World, bureaus: set[str]
) -> None:
    world.until(SATURDAY_NIGHT)

    number = world.report(matter="X01", area=None)

    everybody = bureaus | {world.post("emergency_center")}
    assert alerted(world, number) == [everybody]
    assert notified(world, number) == everybody | {world.post("supervisor")}, "told at once"
    assert asked(world, number) == everybody


def test_an_emergency_of_which_the_county_is_known_alerts_that_bureau_and_the_duty_post(
    world: World, bureaus: set[str]
) -> None:
    number = world.report(matter="X01", area=UNIT[:6])

    assert len(bureaus) == 2
    assert alerted(world, number) == [{world.post("county"), world.post("emergency_center")}]


def test_triage_that_finds_the_place_alerts_whoever_does_not_know_yet(
    world: World, bureaus: set[str]
) -> None:
    number = world.report(matter="X01", area=None)

    world.do(number, "triage", "triage", subject="food", area=UNIT, matter="X01")

    assert alerted(world, number)[1:] == [{world.post("station")}]
    assert asked(world, number) > bureaus


def test_what_is_open_of_a_case_lies_where_the_case_lies(world: World) -> None:
    """The board counted an emergency twice: where it was reported, and where it was placed."""
    number = world.report(matter="X01", area=None)
    world.do(number, "triage", "triage", subject="food", area=UNIT, matter="X01")

    board = world.done(world.ask("GET", "/dashboards/board?area=3503", "supervisor"))

    areas = {row["code"]: row["counts"]["open"] for row in board["areas"]}
    assert len(world.open(number)) > 2
    assert {code: count for code, count in areas.items() if count} == {UNIT[:6]: 1}
    assert board["counts"]["open"] == 1


def test_an_alert_to_a_vacant_post_goes_to_the_next_above(world: World) -> None:
    world.dismiss("emergency_center")
    world.dismiss("county")

    number = world.report(matter="X01", area=TOWN)

    assert alerted(world, number) == [{world.post("station"), world.post("city")}]


def test_the_duty_post_sees_the_emergency_and_acknowledges_it(world: World) -> None:
    number = world.report(matter="X01", area=None)
    (task,) = (
        one
        for one in world.done(world.ask("GET", "/tasks", "emergency_center"))["items"]
        if one["name"] == "acknowledge"
    )

    answer = world.act(task["id"], "emergency_center", "complete", form={"measures": "已联系120"})

    assert task["case"]["number"] == number
    assert answer.status_code == 200
    (note,) = world.notes(number, "alert_acknowledged")
    assert note["post"] == world.post("emergency_center")
    assert world.post("emergency_center") not in asked(world, number)


def test_an_alert_nobody_acknowledges_within_half_an_hour_is_supervised(world: World) -> None:
    """Nights count: whoever is ill does not wait for office hours."""
    world.until(SATURDAY_NIGHT)
    number = world.report(matter="X01")
    due = {one["due_at"] for one in world.open(number) if one["name"] == "acknowledge"}

    world.until(SATURDAY_NIGHT + timedelta(minutes=31))

    late = world.notes(number, "alert_not_acknowledged")
    assert due == {at(2026, 3, 8, 0, 0).isoformat()}
    assert {one["post"] for one in late} == alerted(world, number)[0]
    assert {one["told"] for one in late} == {world.post("supervisor")}
    assert world.case(number)["supervised"] is True


def test_who_does_not_sign_is_reminded_through_the_night_and_the_superior_too(
    world: World,
) -> None:
    """Between half past the hour and the morning nobody heard anything more."""
    world.until(SATURDAY_NIGHT)
    number = world.report(matter="X01")
    station = world.post("station")
    (waiting,) = [
        one["id"]
        for one in world.open(number)
        if one["name"] == "acknowledge" and one["holder"]["post"] == station
    ]

    world.until(at(2026, 3, 8, 7, 59))
    world.done(world.act(waiting, "station", "complete", form={"measures": "已联系120"}))
    world.until(at(2026, 3, 9, 7, 59))

    urged = [
        (note["rule"], note["told"], note["minutes_overdue"])
        for note in world.notes(number, "chased")
        if note["action"] == "urge" and f"{note['running']}-{note['token']}" == waiting
    ]
    assert urged == [
        ("urge_15", station, 15),
        ("urge_30", world.post("county"), 30),
        ("urge_60", station, 60),
        ("urge_120", world.post("county"), 120),
        ("urge_240", station, 240),
    ]
    weights = {kind.template: kind.weight for kind in installed().notices}
    assert weights["chase_urge"] == "urgent", "quiet hours would keep it until the morning"


def test_a_limit_in_working_days_is_not_counted_in_minutes(world: World) -> None:
    number = world.file()

    world.until(at(2026, 3, 13))

    actions = {note["action"] for note in world.notes(number, "chased")}
    assert "remind" in actions
    assert "urge" not in actions


def test_an_emergency_of_a_department_alerts_below_it_too(world: World) -> None:
    number = world.file("city", matter="X01")

    assert alerted(world, number)[0] >= {world.post("station"), world.post("emergency_center")}


def test_a_city_without_the_diagram_of_the_clock_still_takes_and_alerts(world: World) -> None:
    with world.database.transaction() as session:
        session.execute(
            update(process_definition)
            .where(process_definition.c.process_id == "emergency_alert")
            .values(state="retired")
        )

    number = world.report(matter="X01")

    assert notified(world, number) == alerted(world, number)[0] | {world.post("supervisor")}
