"""What cannot be settled soon is followed until it is done."""

from datetime import datetime

import pytest

from tests.stories.world import World, at, end_of


def long_running(world: World, who: str = "station", **form: object) -> str:
    number = world.file("grid_member", **form)
    world.climb(number, to=who)
    world.resolve(number, who, outcome="long_running", reason="需要改造后厨")
    return number


def test_three_reports_of_progress_end_in_verification(world: World) -> None:
    """R43: every five working days, until it is done."""
    number = long_running(world)
    due = []

    for day in (end_of(2026, 3, 9), end_of(2026, 3, 16), end_of(2026, 3, 23)):
        assert world.open(number) == []
        world.until(day)
        due.append(datetime.fromisoformat(world.task(number)["due_at"]))
        finished = day == end_of(2026, 3, 23)
        world.do(number, "station", "report_progress", finished=finished, progress="进展")
    world.do(number, "grid_member", "verify", verify_result="passed")

    case = world.case(number)
    assert due == [end_of(2026, 3, 16), end_of(2026, 3, 23), end_of(2026, 3, 30)]
    assert (case["status"], case["outcome"]) == ("closed", "resolved")
    assert [one["state"] for one in case["phases"]][5] == "done"
    assert len(world.notes(number, "progress_reported")) == 3


def test_urgent_cases_report_every_two_days(world: World) -> None:
    """R43; domain defaults, section 1."""
    number = long_running(world, urgent=True)

    world.until(end_of(2026, 3, 4))

    assert world.task(number)["name"] == "report_progress"


def test_late_progress_is_chased_and_supervised_and_stays_with_its_owner(world: World) -> None:
    """R43; domain defaults, section 2: chasing never changes who owns a case."""
    number = long_running(world)

    world.until(at(2026, 3, 30))

    rules = {one["rule"] for one in world.notes(number, "chased")}
    case = world.case(number)
    assert {"overdue_daily", "overdue_superior", "overdue_supervised"} <= rules
    assert (case["owner_level"], case["supervised"]) == ("station", True)


@pytest.mark.parametrize("who", ["grid_leader", "county", "enforcement"])
def test_only_the_owner_reports_progress(world: World, who: str) -> None:
    """R42."""
    number = long_running(world)
    world.until(end_of(2026, 3, 9))

    answer = world.doing(number, who, "report_progress", finished=True, progress="好了")

    assert answer.status_code in {403, 404}
    assert world.task(number)["name"] == "report_progress"
