"""Time at one level: overdue, extension, pause, festivals, the end of the announced calendar."""

from datetime import datetime, timedelta

import pytest

from tests.stories.world import MONDAY, PASSED_UP, RESOLVED, World, at, end_of

SECOND = timedelta(seconds=1)
GRID_TIER = ("grid_member", "grid_leader")
ABOVE = {"grid_member": "grid_leader", "grid_leader": "village_center"}
DEPARTMENT = {"station": 7, "county": 10, "city": 15}
SUPERIOR = {"station": "county", "county": "city"}


def due(world: World, number: str) -> datetime:
    return datetime.fromisoformat(world.task(number)["due_at"])


@pytest.mark.parametrize("level", ["grid_leader"])
def test_what_the_grid_does_not_accept_in_time_moves_up_at_the_very_instant(
    world: World, level: str
) -> None:
    """R41: one working day; reason not_accepted."""
    number = world.file()
    world.climb(number, to=level)
    limit = due(world, number)

    world.until(limit - SECOND)
    before = world.case(number)["owner_level"]
    world.until(limit)

    assert limit == end_of(2026, 3, 3)
    assert (before, world.case(number)["owner_level"]) == (level, ABOVE[level])
    assert world.notes(number, "passed_up")[-1]["reason_code"] == "not_accepted"


@pytest.mark.parametrize("level", GRID_TIER)
def test_what_the_grid_does_not_handle_in_time_moves_up(world: World, level: str) -> None:
    """R41: two working days."""
    number = world.file()
    world.climb(number, to=level)
    world.accept(number, level)
    limit = due(world, number)

    world.until(limit)

    assert limit == end_of(2026, 3, 4)
    assert world.case(number)["owner_level"] == ABOVE[level]
    assert world.notes(number, "passed_up")[-1]["reason_code"] == "overdue"


@pytest.mark.parametrize("level", ["station", "county"])
def test_what_a_department_does_not_accept_in_time_stays_and_its_superior_hears(
    world: World, level: str
) -> None:
    """R68; domain defaults, section 1: overdue never moves a department's ownership."""
    number = world.file()
    world.climb(number, to=level)

    world.until(due(world, number))

    assert world.case(number)["owner_level"] == level
    assert world.task(number)["name"] == "accept"
    (informed,) = world.notes(number, "superior_informed")
    assert informed["told"] == world.post(SUPERIOR[level])


def test_what_the_city_does_not_accept_in_time_is_supervised(world: World) -> None:
    """Domain defaults, section 1."""
    number = world.file("city")

    world.until(due(world, number))

    case = world.case(number)
    assert (case["owner_level"], case["supervised"]) == ("city", True)


@pytest.mark.parametrize(("level", "days"), DEPARTMENT.items())
def test_what_a_department_does_not_handle_in_time_stays_and_is_supervised(
    world: World, level: str, days: int
) -> None:
    """R41: 7, 10, 15 working days."""
    number = world.file(level)
    world.accept(number, level)
    limit = due(world, number)
    calendar = world.composition.runner.calendar

    world.until(limit)

    with world.database.reading() as session:
        assert limit.date() == calendar(session).add_working_days(MONDAY.date(), days)
    case = world.case(number)
    assert (case["owner_level"], case["supervised"]) == (level, True)
    assert world.task(number, "resolve_or_pass_up")["state"] == "open"
    world.do(number, level, "resolve_or_pass_up", **RESOLVED)


def test_urgent_work_is_due_the_same_day_or_within_hours(world: World) -> None:
    """Domain defaults, section 1: urgent column; at least four hours."""
    number = world.file(urgent=True)
    world.pass_up(number, "grid_member")
    accept_by = due(world, number)
    world.until(at(2026, 3, 2, 10, 59))
    world.accept(number, "grid_leader")

    assert accept_by == at(2026, 3, 2, 11)
    assert due(world, number) == end_of(2026, 3, 2)


def test_a_late_answer_cannot_outrun_its_deadline(world: World) -> None:
    """Design section 3: what is due is fired before a person may act."""
    number = world.file()
    task = world.task(number)["id"]
    world.clock.set(end_of(2026, 3, 4) + SECOND)  # nobody ticked yet

    answer = world.act(task, "grid_member", "complete", form=RESOLVED)
    world.tick()

    assert (answer.status_code, answer.get_json()["code"]) == (409, "deadline_passed")
    assert world.case(number)["owner_level"] == "grid_leader"


def test_somebody_who_is_overdue_is_reminded_and_the_superior_hears(world: World) -> None:
    """Domain defaults, section 2: half-time, 80 %, due, daily, +2 superior, +5 supervised."""
    number = world.file("station")
    world.accept(number, "station")

    world.until(due(world, number) + timedelta(days=9))

    rules = {note["rule"] for note in world.notes(number, "chased")}
    assert rules >= {"half_time", "near_due", "due", "overdue_daily", "overdue_superior"}
    assert world.case(number)["owner_level"] == "station"


def test_what_nobody_accepts_is_chased_by_the_clock_of_accepting(world: World) -> None:
    """R68: acceptance is a state with its own timer."""
    number = world.file(matter="L07")
    accepting = world.task(number)

    world.until(due(world, number) + timedelta(days=1))

    chased = [note for note in world.notes(number, "chased") if note["task"] == "accept"]
    assert {one["rule"] for one in chased} >= {"half_time", "near_due", "due"}
    assert world.task(number)["id"] == accepting["id"]
    assert world.case(number)["owner_level"] == "station"


# ── extension and pause ──────────────────────────────────────────────────────────────────────────


def extend(world: World, number: str, who: str) -> int:
    task = world.task(number, "resolve_or_pass_up")["id"]
    return world.act(task, who, "extend", reason="等待复检").status_code


def test_an_extension_is_approved_one_level_up_and_doubles_the_limit(world: World) -> None:
    """Flows: once, at most the original length; the clock runs on until it says yes."""
    number = world.file("station")
    world.accept(number, "station")
    before = due(world, number)

    assert extend(world, number, "station") == 200
    meanwhile = datetime.fromisoformat(world.task(number, "resolve_or_pass_up")["due_at"])
    world.do(number, "county", "answer", opinion="agree")

    assert meanwhile == before == end_of(2026, 3, 11)
    assert due(world, number) == end_of(2026, 3, 20)
    assert extend(world, number, "station") == 409


def test_an_extension_refused_changes_nothing(world: World) -> None:
    """Flows, handling: approved one level up."""
    number = world.file("station")
    world.accept(number, "station")
    before = due(world, number)

    extend(world, number, "station")
    world.do(number, "county", "answer", opinion="disagree", reply="抓紧办理")

    assert due(world, number) == before


def test_an_extended_case_is_passed_up_at_the_new_time_only(world: World) -> None:
    """Flows, handling: the drawn timer moves with the clock of the task."""
    number = world.file()
    world.accept(number, "grid_member")
    extend(world, number, "grid_member")
    world.do(number, "grid_leader", "answer", opinion="agree")
    new = due(world, number)

    world.until(end_of(2026, 3, 4))
    still = world.case(number)["owner_level"]
    world.until(new)

    assert new == end_of(2026, 3, 6)
    assert (still, world.case(number)["owner_level"]) == ("grid_member", "grid_leader")


def test_nobody_grants_their_own_extension_but_a_colleague_may(world: World) -> None:
    """Flows, handling: approved one level up; the asker holds that post too."""
    number = world.file("station")
    world.accept(number, "station")
    before = due(world, number)
    world.give("county", "station")
    assert extend(world, number, "station") == 200

    own = world.doing(number, "station", "answer", opinion="agree")
    unchanged = datetime.fromisoformat(world.task(number, "resolve_or_pass_up")["due_at"])
    world.do(number, "county", "answer", opinion="agree")

    assert (own.status_code, own.get_json()["code"]) == (403, "approver_asked_for_it")
    assert unchanged == before
    assert due(world, number) > before


@pytest.mark.parametrize(
    ("gone", "given", "asked"),
    [("county", "county", "city"), ("city", "county", "supervisor"), ("city", None, "county")],
)
def test_an_extension_is_asked_of_the_next_post_where_somebody_else_is(
    world: World, gone: str, given: str | None, asked: str
) -> None:
    """Flows, handling; A13: the applicant is no substitute for the level above."""
    number = world.file("station")
    world.accept(number, "station")
    if gone == "city":
        world.dismiss("city")
    if given is not None:
        world.dismiss(given)
        world.give(given, "station")

    assert extend(world, number, "station") == 200

    assert world.task(number, "answer")["holder"]["post"] == world.post(asked)


def test_with_nobody_else_above_an_extension_is_refused(world: World) -> None:
    """Flows, handling: no post grants its own request either."""
    number = world.file("city")
    world.accept(number, "city")
    world.dismiss("supervisor")
    world.appoint("city", name="colleague")
    task = world.task(number, who="city")["id"]

    answer = world.act(task, "city", "extend", reason="等待复检")

    assert (answer.status_code, answer.get_json()["code"]) == (409, "nobody_to_approve")


def test_a_pause_over_a_holiday_stops_the_clock(world: World) -> None:
    """Flows: pause while waiting for the laboratory; the reason is on file."""
    world.until(at(2026, 4, 30))  # a Thursday; 1-5 May is a holiday
    number = world.file()
    world.accept(number, "grid_member")
    before = due(world, number)
    task = world.task(number)["id"]

    world.done(world.act(task, "grid_member", "pause", reason="等待检验结果"))
    world.until(at(2026, 5, 12))
    untouched = world.case(number)["owner_level"]
    world.done(world.act(task, "grid_member", "resume"))
    after = due(world, number)
    world.until(after)

    assert before == end_of(2026, 5, 7)
    assert untouched == "grid_member"
    assert after > at(2026, 5, 13)
    assert world.case(number)["owner_level"] == "grid_leader"
    assert world.entries(number, "task_paused")[0]["data"]["reason"] == "等待检验结果"


# ── the calendar ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("began", "accept_by"),
    [
        (at(2026, 2, 13), end_of(2026, 2, 14)),  # a make-up Saturday before Spring Festival
        (at(2026, 2, 14), end_of(2026, 2, 24)),  # the festival takes 15-23 February
        (at(2026, 10, 9), end_of(2026, 10, 10)),  # a make-up Saturday
        (at(2026, 10, 10), end_of(2026, 10, 12)),
        (at(2026, 3, 6), end_of(2026, 3, 9)),  # a plain weekend
    ],
)
def test_limits_know_festivals_and_make_up_saturdays(
    world: World, began: datetime, accept_by: datetime
) -> None:
    """R41; domain defaults, section 5."""
    world.clock.set(began)

    number = world.file()
    world.pass_up(number, "grid_member")

    assert due(world, number) == accept_by
    assert not world.task(number)["is_provisional"]


def test_beyond_the_announced_years_a_limit_is_provisional(world: World) -> None:
    """Fact 12, A20: seven working days from 2026-12-28; the law fixes New Year's Day."""
    world.until(at(2026, 12, 28))
    number = world.file("station")

    world.accept(number, "station")

    task = world.task(number)
    assert datetime.fromisoformat(task["due_at"]) == end_of(2027, 1, 7)
    assert task["is_provisional"]


@pytest.mark.parametrize("level", ["grid_member", "grid_leader", "station", "county"])
def test_only_the_owner_passes_up(world: World, level: str) -> None:
    """R42: a non-owner cannot feed back; 403 or not visible."""
    number = world.file()
    world.climb(number, to=level)
    world.accept(number, level)

    for other in ("village_assistant", "enforcement", "supervisor", "city"):
        answer = world.doing(number, other, "resolve_or_pass_up", **PASSED_UP)
        assert answer.status_code in {403, 404}

    assert world.task(number)["level"] == level
