"""What cannot be settled soon is followed until it is done."""

from datetime import datetime, timedelta

import pytest

from storage.cases.cases import find_case_by_number
from storage.cases.timers import list_timers
from storage.database.session import Session
from tests.stories.world import PASSED_UP, RESOLVED, World, at, end_of

LATE_TASK = "report_progress"
SECOND = timedelta(seconds=1)
FIFTEEN_DAYS = end_of(2026, 3, 23)
"""Working days after the Monday on which every story begins."""


def long_running(world: World, who: str = "station", **form: object) -> str:
    number = world.file("grid_member", **form)
    world.climb(number, to=who)
    world.resolve(number, who, outcome="long_running", reason="需要改造后厨")
    return number


def test_three_reports_of_progress_end_in_verification(world: World) -> None:
    """R43: every five working days, until it is done."""
    number = long_running(world)
    due = []

    for day in (at(2026, 3, 9), at(2026, 3, 16), at(2026, 3, 23)):
        due.append(datetime.fromisoformat(world.task(number)["due_at"]))
        world.until(day)
        finished = day == at(2026, 3, 23)
        world.do(number, "station", "report_progress", finished=finished, progress="进展")
    world.do(number, "grid_member", "verify", verify_result="passed")

    case = world.case(number)
    assert due == [end_of(2026, 3, 9), end_of(2026, 3, 16), end_of(2026, 3, 23)]
    assert (case["status"], case["outcome"]) == ("closed", "resolved")
    assert [phase["state"] for phase in case["phases"]][5] == "done"
    assert len(world.notes(number, "progress_reported")) == 3


@pytest.mark.parametrize("owner", ["station", "county", "city"])
def test_a_followed_case_waits_with_its_owner_from_the_start(world: World, owner: str) -> None:
    """R43, R46: it is in the inbox with its due time, and the sixth step is what goes on."""
    number = long_running(world, owner)

    (waiting,) = world.done(world.ask("GET", "/tasks?mine=true", owner))["items"]
    case = world.case(number)

    assert (waiting["case"]["number"], waiting["name"]) == (number, "report_progress")
    assert datetime.fromisoformat(waiting["due_at"]) == end_of(2026, 3, 9)
    assert case["phase"] == "follow_up"
    assert case["phases"][5]["state"] == "going_on"


def test_an_owner_may_say_at_once_that_it_is_done(world: World) -> None:
    """R43: nobody has to wait for the day on which progress is due."""
    number = long_running(world)

    world.do(number, "station", "report_progress", finished=True, progress="已改造完")

    assert world.task(number)["name"] == "verify"


def test_urgent_cases_report_every_two_days(world: World) -> None:
    """R43; domain defaults, section 1."""
    number = long_running(world, urgent=True)

    assert datetime.fromisoformat(world.task(number)["due_at"]) == end_of(2026, 3, 4)


def test_late_progress_is_chased_and_supervised_and_stays_with_its_owner(world: World) -> None:
    """R43; domain defaults, section 2: chasing never changes who owns a case."""
    number = long_running(world)

    world.until(at(2026, 3, 30))

    rules = {note["rule"] for note in world.notes(number, "chased")}
    case = world.case(number)
    assert {"overdue_daily", "overdue_superior", "overdue_supervised"} <= rules
    assert (case["owner_level"], case["supervised"]) == ("station", True)


@pytest.mark.parametrize("who", ["grid_leader", "county", "enforcement"])
def test_only_the_owner_reports_progress(world: World, who: str) -> None:
    """R42."""
    number = long_running(world)

    answer = world.doing(number, who, "report_progress", finished=True, progress="好了")

    assert answer.status_code in {403, 404}
    assert world.task(number)["name"] == "report_progress"


# ── what nobody called long ──────────────────────────────────────────────────────────────────────


def names(world: World, number: str) -> list[str]:
    return sorted(one["name"] for one in world.open(number))


def case_id(session: Session, number: str) -> int:
    case = find_case_by_number(session, number)
    assert case is not None
    return case.id


def handled_since_monday(world: World, who: str = "station") -> str:
    number = world.file(who)
    world.accept(number, who)
    return number


def test_what_takes_over_fifteen_working_days_is_followed_beside_the_work(world: World) -> None:
    """R43: default > 15 working days, then progress every five; the chain goes on meanwhile."""
    number = handled_since_monday(world)

    world.until(FIFTEEN_DAYS - SECOND)
    before = names(world, number)
    world.until(FIFTEEN_DAYS)
    first = world.task(number, "report_progress")
    world.until(at(2026, 3, 30))
    world.do(number, "station", "report_progress", finished=False, progress="正在改造")
    again = world.task(number, "report_progress")
    both = names(world, number)
    world.do(number, "station", "resolve_or_pass_up", **RESOLVED)

    assert before == ["resolve_or_pass_up"]
    assert both == ["report_progress", "resolve_or_pass_up"]
    assert first["holder"]["post"] == world.post("station")
    assert datetime.fromisoformat(first["due_at"]) == end_of(2026, 3, 30)
    # Qingming, 6 April, is a holiday.
    assert datetime.fromisoformat(again["due_at"]) == end_of(2026, 4, 7)
    assert names(world, number) == ["order_rectification"]


def test_a_followed_case_closes_with_its_sixth_step_on_file(world: World) -> None:
    """R36, R43: either the times of step six, or that it was skipped."""
    number = handled_since_monday(world)
    world.until(FIFTEEN_DAYS)
    world.do(number, "station", "resolve_or_pass_up", **RESOLVED)
    world.put_right(number)

    (fed_back,) = world.notes(number, "fed_back")
    sixth = world.case(number)["phases"][5]
    assert (fed_back["outcome"], fed_back["follow_up"]) == ("resolved", "done")
    assert (sixth["state"], sixth["began_at"] is not None) == ("done", True)


def test_a_followed_case_still_rises_and_is_followed_where_it_goes(world: World) -> None:
    """R40, R43: who cannot resolve it passes it up; the next owner reports the progress."""
    number = handled_since_monday(world)
    world.until(FIFTEEN_DAYS)

    world.do(number, "station", "resolve_or_pass_up", **PASSED_UP)
    left = names(world, number)
    world.accept(number, "county")
    world.tick()

    assert left == ["accept"]
    assert world.task(number, "report_progress")["holder"]["post"] == world.post("county")


@pytest.mark.parametrize("finished", [True, False])
def test_saying_it_is_done_ends_the_reports_and_not_the_work(
    world: World, *, finished: bool
) -> None:
    """R42, R43: the result is fed back with the form of the owner's own task."""
    number = handled_since_monday(world)
    world.until(FIFTEEN_DAYS)
    world.do(number, "station", "report_progress", finished=finished, progress="进展")

    world.until(at(2026, 4, 20))
    asked = names(world, number)
    world.do(number, "station", "resolve_or_pass_up", **PASSED_UP)

    assert ("report_progress" in asked) is not finished
    assert "resolve_or_pass_up" in asked
    assert (world.task(number)["name"], world.task(number)["level"]) == ("accept", "county")


def test_a_public_report_that_takes_long_is_followed_too(world: World) -> None:
    """R43, R50: above the assistant the chain is the same."""
    number = world.report()
    world.pass_up(number, "village_assistant")
    world.accept(number, "station")

    world.until(at(2026, 3, 25))

    assert names(world, number) == ["report_progress", "resolve_or_pass_up"]


def test_late_progress_beside_the_work_is_chased(world: World) -> None:
    """R43: must chase late progress."""
    number = handled_since_monday(world)

    world.until(at(2026, 4, 20))

    late = [note["rule"] for note in world.notes(number, "chased") if note["task"] == LATE_TASK]
    assert "overdue_daily" in late


def test_what_is_handled_in_time_is_never_followed(world: World) -> None:
    """R43: already resolved, the sixth step is skipped."""
    number = handled_since_monday(world)
    world.until(FIFTEEN_DAYS - SECOND)
    world.do(number, "station", "resolve_or_pass_up", **RESOLVED)
    world.put_right(number)

    (fed_back,) = world.notes(number, "fed_back")
    assert fed_back["follow_up"] == "skipped_resolved"
    assert world.case(number)["status"] == "closed"


def test_the_grid_is_not_asked_for_progress(world: World) -> None:
    """Domain defaults, section 1: what the grid does not handle in time moves up."""
    number = world.file()
    world.accept(number, "grid_member")

    with world.database.reading() as session:
        armed = [timer.element for timer in list_timers(session, case_id(session, number))]

    assert not [one for one in armed if one.endswith("became_long_running")]
