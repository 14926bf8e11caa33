"""Who may put a case under supervised handling (督办), and what a repeated claim leaves on file."""

from datetime import datetime

import pytest
from werkzeug.test import TestResponse

from storage.people.posts import reference_of
from tests.stories.world import World, at, end_of


@pytest.mark.parametrize("who", ["grid_leader", "village_center", "village_assistant", "station"])
def test_the_grid_the_village_and_the_station_do_not_supervise(world: World, who: str) -> None:
    """Requirements, section 14: supervised handling begins at the county."""
    number = world.file("grid_member")

    answer = world.ask("POST", f"/cases/{number}/supervise", who, json={"text": "请抓紧"})

    assert (answer.status_code, answer.get_json()["code"]) == (403, "not_supervising")
    assert "supervise" not in world.case(number, who)["allowed_actions"]
    assert not world.case(number)["supervised"]


@pytest.mark.parametrize("who", ["county", "city", "supervisor"])
def test_who_supervises_does_so_for_owners_below_their_rank(world: World, who: str) -> None:
    number = world.file("grid_member")

    offered = world.case(number, who)["allowed_actions"]
    world.done(world.ask("POST", f"/cases/{number}/supervise", who, json={"text": "请抓紧"}))

    assert "supervise" in offered
    assert world.case(number)["supervised"]


def test_nobody_supervises_their_equal(world: World) -> None:
    number = world.file("county")

    answer = world.ask("POST", f"/cases/{number}/supervise", "county", json={"text": "请抓紧"})

    assert (answer.status_code, answer.get_json()["code"]) == (403, "not_supervising")


def test_claiming_ones_own_task_again_leaves_one_entry(world: World) -> None:
    number = world.file("grid_member")
    key = world.task(number)["id"]
    world.done(world.act(key, "grid_member", "release"))

    for _ in range(3):
        world.done(world.act(key, "grid_member", "claim"))

    assert len(world.entries(number, "task_claimed")) == 1


def ask_for_answer(
    world: World, number: str, who: str = "supervisor", **more: object
) -> TestResponse:
    body = {"text": "请说明为何未办", **more}
    return world.ask("POST", f"/cases/{number}/supervise", who, json=body)


def given(world: World, state: str, who: str = "supervisor") -> list[str]:
    """The numbers of a list of supervisions, after its count was compared with it."""
    page = world.done(world.ask("GET", f"/supervisions?state={state}", who))
    assert page["counts"][state] == len(page["items"])
    return [each["case"] for each in page["items"]]


def test_a_supervision_is_answered_by_who_holds_the_case_and_ended_by_who_gave_it(
    world: World,
) -> None:
    """R44, R70: asked with a day, answered, ended; each on file, and the lists follow."""
    number = world.file("grid_member")
    path = f"/cases/{number}/supervision"

    world.done(ask_for_answer(world, number, answer_by="2026-03-04"))
    asked = world.case(number)["supervision"]
    task = world.task(number, who="grid_member")
    waiting = given(world, "waiting")
    stranger = world.ask("POST", f"{path}/answer", "county", json={"text": "我来答"})
    offered = world.case(number, "grid_member")["allowed_actions"]
    world.done(world.ask("POST", f"{path}/answer", "grid_member", json={"text": "明天到店"}))
    answered = world.case(number)["supervision"]
    in_between = (given(world, "waiting"), given(world, "answered"))
    world.done(world.ask("POST", f"{path}/end", "supervisor", json={"text": "已说明"}))

    assert (asked["state"], asked["text"]) == ("waiting", "请说明为何未办")
    assert asked["answer_by"].startswith("2026-03-04T23:59:59")
    assert task["case"]["answer_by"] == asked["answer_by"]
    assert (stranger.status_code, stranger.get_json()["code"]) == (403, "not_holding_case")
    assert "answer_supervision" in offered
    assert waiting == [number]
    assert (answered["state"], answered["answer"]) == ("answered", "明天到店")
    assert in_between == ([], [number])
    assert given(world, "ended") == given(world, "given") == [number]
    assert (world.case(number)["supervised"], world.case(number)["supervision"]) == (False, None)
    kinds = [entry["kind"] for entry in world.entries(number)]
    assert kinds[-3:] == ["case_supervised", "supervision_answered", "supervision_ended"]
    (told,) = world.notes(number, "supervision_answered")
    assert told["told"] == [reference_of(world.people["supervisor"].id)]


def test_a_day_that_passed_without_an_answer_is_said_once_and_a_new_day_begins_again(
    world: World,
) -> None:
    """R70: who holds the case and who asked are reminded once, whatever restarts."""
    number = world.file("grid_member")
    world.done(ask_for_answer(world, number, answer_by="2026-03-03"))

    world.until(at(2026, 3, 4, 9))
    late = given(world, "late")
    world.tick()
    world.until(at(2026, 3, 6, 9))
    reminded = world.entries(number, "supervision_late")
    world.done(ask_for_answer(world, number, answer_by="2026-03-10"))
    again = world.case(number)["supervision"]

    assert late == [number]
    assert len(reminded) == 1
    told = reminded[0]["data"]["told"]
    assert told[-1] == reference_of(world.people["supervisor"].id)
    assert len(told) == 2
    assert (again["state"], again["times"], again["reminded_at"]) == ("waiting", 2, None)
    assert given(world, "late") == []


@pytest.mark.parametrize(
    ("day", "code"), [("2026-03-01", "answer_day_past"), ("2026-12-01", "answer_day_far")]
)
def test_a_day_in_the_past_or_far_away_is_refused_in_words(
    world: World, day: str, code: str
) -> None:
    number = world.file("grid_member")

    answer = ask_for_answer(world, number, answer_by=day)

    assert (answer.status_code, answer.get_json()["code"]) == (422, code)
    assert not world.case(number)["supervised"]


def test_without_a_day_it_is_three_working_days_and_a_day_off_is_the_working_day_after(
    world: World,
) -> None:
    usual, off = world.file("grid_member"), world.file("grid_member")

    world.done(ask_for_answer(world, usual))
    world.done(ask_for_answer(world, off, answer_by="2026-03-07"))

    assert world.case(usual)["supervision"]["answer_by"][:10] == "2026-03-05"
    assert world.case(off)["supervision"]["answer_by"][:10] == "2026-03-09"


def test_a_case_that_closes_takes_its_supervision_with_it(world: World) -> None:
    number = world.file("grid_member")
    world.done(ask_for_answer(world, number, answer_by="2026-03-03"))
    original = world.file("grid_member")
    world.done(
        world.ask(
            "POST",
            f"/cases/{number}/merge",
            "supervisor",
            json={"into": original, "reason": "同一件事"},
        )
    )

    world.until(at(2026, 3, 5, 9))

    assert given(world, "ended") == [number]
    assert given(world, "late") == []
    assert world.entries(number, "supervision_late") == []


def test_an_emergency_is_answered_the_same_day_and_late_at_night_within_hours(
    world: World,
) -> None:
    """Three working days were offered for a food poisoning; days off count there."""
    world.until(at(2026, 3, 7, 15, 0))
    number = world.report(matter="X01")
    other = world.file()

    by_day = world.done(ask_for_answer(world, number))
    world.until(at(2026, 3, 7, 22, 30))
    world.done(ask_for_answer(world, number, answer_by="2026-03-07"))
    usual = world.done(ask_for_answer(world, other))

    assert by_day["number"] == number
    first, second = (note["answer_by"] for note in world.notes(number, "case_supervised"))
    (third,) = (note["answer_by"] for note in world.notes(other, "case_supervised"))
    assert usual["number"] == other
    assert [datetime.fromisoformat(first), datetime.fromisoformat(second)] == [
        end_of(2026, 3, 7),
        at(2026, 3, 8, 2, 30),
    ]
    assert datetime.fromisoformat(third) == end_of(2026, 3, 11)
