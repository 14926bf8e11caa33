"""Whoever stands in a kitchen is told where to enter it, and enters it once (R30)."""

import pytest

from tests.stories.world import World

HERE = {"found_problem": "yes", "can_collect_here": "yes"}


@pytest.fixture
def world(either_world: World) -> World:
    """Every story here is told on both kinds of database."""
    return either_world


@pytest.mark.parametrize(
    ("found", "can", "where"),
    [
        ("yes", "yes", "native"),
        ("yes", "no", "external"),
        ("no", "yes", "external"),
        ("no", "no", "external"),
    ],
)
def test_two_questions_say_in_which_platform_an_inspection_is_entered(
    world: World, found: str, can: str, where: str
) -> None:
    """R30."""
    asked = f"/where-to-enter?found_problem={found}&can_collect_here={can}"

    told = world.done(world.ask("GET", asked, "station"))
    half = world.ask("GET", "/where-to-enter?found_problem=yes", "station")
    other = world.ask("GET", "/where-to-enter?found_problem=yes&can_collect_here=maybe", "station")

    assert told["where"] == where
    assert "综合监督管理系统" in told["message_zh"]
    assert "supervision system" in told["message_en"]
    assert (half.status_code, other.status_code) == (422, 422)
    assert world.ask("GET", asked).status_code == 401


def test_a_report_sent_against_the_advice_is_a_case_and_says_so_on_file(world: World) -> None:
    """R30: advice stops nobody; what was advised is on file, also where it was followed."""
    against = world.file("station", **HERE | {"can_collect_here": "no"})
    along = world.file("station", **HERE)
    unasked = world.file("station")

    def advised(number: str) -> list[tuple[str, str]]:
        (opened,) = world.entries(number, "case_opened")
        decided = opened["data"].get("decisions") or []
        found = [one for one in decided if one["decision"] == "where_to_enter"]
        return [(one["rule"], one["outputs"]["where"]) for one in found]

    assert advised(against) == [("cannot_collect_here", "external")]
    assert advised(along) == [("enter_here", "native")]
    assert advised(unasked) == []
    assert world.case(against)["source"] == "department_patrol"
