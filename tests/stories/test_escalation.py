"""The chain when it does not go straight up: vacancy, conflict, withdrawal, return, the relay."""

import pytest

from tests.stories.world import FORWARDED, RESOLVED, World, end_of

LADDER = ("grid_member", "grid_leader", "village_center", "station", "county", "city")


@pytest.mark.parametrize("vacant", LADDER[1:-1])
def test_a_vacant_post_is_stepped_over_with_the_reason_on_file(world: World, vacant: str) -> None:
    """R40: vacancy at each post; never a dead end."""
    world.dismiss(vacant)
    number = world.file()

    world.climb(number, to="city")

    assert world.levels(number) == [one for one in LADDER if one != vacant]
    (stepped_over,) = world.notes(number, "post_stepped_over")
    assert (stepped_over["level"], stepped_over["reason"]) == (vacant, "vacant")


def test_a_collector_who_left_is_stepped_over(world: World) -> None:
    """R40: whoever filed and then lost the post does not hold the case."""
    number = world.file("grid_member")
    world.dismiss("grid_member")

    world.until(end_of(2026, 3, 4))

    assert world.case(number)["owner_level"] == "grid_leader"


def test_a_colleague_takes_over_what_somebody_who_left_has_accepted(world: World) -> None:
    """A13: a department case never moves automatically, so it must not hang on one person."""
    world.appoint("station", name="colleague")
    number = world.file("station")
    world.accept(number, "station")
    taken = world.doing(number, "colleague", "resolve_or_pass_up", **RESOLVED)
    world.leave("station")

    gone = world.doing(number, "station", "resolve_or_pass_up", **RESOLVED)
    world.do(number, "colleague", "resolve_or_pass_up", **RESOLVED)

    assert (taken.status_code, gone.status_code) == (403, 404)
    assert world.task(number)["name"] == "order_rectification"


def test_with_nobody_at_the_city_the_supervisor_answers(world: World) -> None:
    """R40, section 14: bound like everyone."""
    world.dismiss("city")
    number = world.file("county")

    world.pass_up(number, "county")
    world.accept(number, "supervisor")
    form = {"outcome": "pass_up", "reason_code": "other", "reason": "还要上报"}
    refused = world.doing(number, "supervisor", "resolve_or_pass_up", **form)
    world.do(number, "supervisor", "resolve_or_pass_up", **RESOLVED)

    assert world.levels(number) == ["county", "supervisor"]
    assert refused.status_code == 409
    assert world.task(number)["name"] == "order_rectification"


def test_several_vacant_posts_in_a_row_are_all_on_file(world: World) -> None:
    """R40."""
    for role in ("grid_leader", "village_center", "station"):
        world.dismiss(role)
    number = world.file()

    world.pass_up(number, "grid_member")

    assert world.levels(number) == ["grid_member", "county"]
    stepped_over = [note["level"] for note in world.notes(number, "post_stepped_over")]
    assert stepped_over == ["grid_leader", "village_center", "station"]


def test_a_business_in_a_grid_post_never_handles_what_is_about_itself(world: World) -> None:
    """R54: stepped over, on file, and it sees nothing of the case."""
    business = world.business()
    world.dismiss("grid_leader")
    world.appoint("grid_leader", name="shopkeeper", business=business)
    number = world.file(business=business)
    other = world.file()

    world.pass_up(number, "grid_member")
    world.pass_up(other, "grid_member")

    (stepped_over,) = world.notes(number, "post_stepped_over")
    assert stepped_over["reason"] == "conflict_of_interest"
    assert world.levels(number) == ["grid_member", "village_center"]
    assert world.levels(other) == ["grid_member", "grid_leader"]
    assert world.ask("GET", f"/cases/{number}", "shopkeeper").status_code == 404
    assert world.ask("GET", f"/cases/{other}", "shopkeeper").status_code == 200


def test_the_village_centre_relays_and_cannot_resolve(world: World) -> None:
    """R40, A1; settled: 422, its form has no such outcome."""
    number = world.file()
    world.climb(number, to="village_center")

    answer = world.doing(number, "village_center", "relay", outcome="resolved")
    world.do(number, "village_center", "relay", outcome="pass_up", matter="S02")

    assert answer.status_code == 422
    assert world.case(number)["matter"] == "S02"
    assert world.case(number)["owner_level"] == "station"


def test_the_village_centre_may_mark_a_duplicate(world: World) -> None:
    """A1."""
    original = world.file("grid_leader")
    number = world.file()
    world.climb(number, to="village_center")

    world.do(number, "village_center", "relay", outcome="duplicate", original=original)

    assert world.case(number)["outcome"] == "duplicate"
    assert world.case(number)["links"][0]["number"] == original


def test_what_the_village_centre_leaves_lying_goes_on_by_itself(world: World) -> None:
    """A1: dwell at most one working day."""
    number = world.file()
    world.climb(number, to="village_center")

    world.until(end_of(2026, 3, 3))

    assert world.case(number)["owner_level"] == "station"
    assert world.notes(number, "passed_up")[-1]["reason_code"] == "overdue"


def withdraw(world: World, task_id: str, who: str) -> int:
    return world.act(task_id, who, "withdraw", reason="可以自行解决").status_code


@pytest.mark.parametrize("role", ["grid_member", "station", "county"])
def test_what_was_passed_up_can_be_taken_back_before_it_is_accepted(
    world: World, role: str
) -> None:
    """Flows: withdrawn goes straight back to resolving."""
    number = world.file()
    world.climb(number, to=role)
    passed_up = world.pass_up(number, role)

    assert withdraw(world, passed_up, role) == 200

    task = world.task(number)
    assert (task["name"], task["level"]) == ("resolve_or_pass_up", role)
    assert world.case(number)["owner_level"] == role
    world.do(number, role, "resolve_or_pass_up", **RESOLVED)
    assert world.task(number)["name"] == "verify"


def test_the_village_centre_takes_back_to_its_own_relay(world: World) -> None:
    """Flows, escalation: 撤回; A1: it cannot resolve."""
    number = world.file()
    world.climb(number, to="village_center")
    relayed = world.pass_up(number, "village_center")

    assert withdraw(world, relayed, "village_center") == 200

    assert world.task(number)["name"] == "relay"
    world.do(number, "village_center", "relay", **FORWARDED)
    assert world.task(number)["level"] == "station"


def test_what_was_accepted_is_not_taken_back(world: World) -> None:
    """Flows: only before anyone accepted."""
    number = world.file()
    passed_up = world.pass_up(number, "grid_member")
    world.accept(number, "grid_leader")

    assert withdraw(world, passed_up, "grid_member") == 409
    assert world.task(number)["level"] == "grid_leader"


def test_nobody_else_takes_back(world: World) -> None:
    """Flows, handling: the one who passed up takes it back."""
    number = world.file()
    passed_up = world.pass_up(number, "grid_member")

    assert withdraw(world, passed_up, "grid_leader") in {403, 404, 409}
    assert world.task(number)["level"] == "grid_leader"


def test_returning_is_off_in_the_grid_chain(world: World) -> None:
    """A3."""
    number = world.file()
    world.pass_up(number, "grid_member")

    answer = world.act(world.task(number)["id"], "grid_leader", "return", reason="不属于本级")

    assert (answer.status_code, answer.get_json()["clause"]) == (409, "A3")
    assert world.case(number)["owner_level"] == "grid_leader"


@pytest.mark.parametrize("collector", ["county", "city"])
def test_nothing_a_department_collected_comes_to_a_lower_owner(
    world: World, collector: str
) -> None:
    """R26: neither by delegation nor by return."""
    number = world.file(collector)
    task = world.task(number)["id"]
    lower = world.people["station"].id

    delegated = world.act(task, collector, "delegate", officer=lower, reason="就近办理")
    returned = world.act(task, collector, "return", reason="就近办理")

    assert (delegated.status_code, delegated.get_json()["clause"]) == (409, "R26")
    assert returned.status_code == 409
    assert world.case(number)["owner_level"] == collector


DEPARTMENT = ("station", "county", "city")


@pytest.mark.parametrize("collector", DEPARTMENT)
@pytest.mark.parametrize("target", DEPARTMENT)
def test_a_department_case_is_delegated_to_colleagues_and_never_downwards(
    world: World, collector: str, target: str
) -> None:
    """R26: all three times three pairs of levels."""
    world.appoint(target, name="other")
    number = world.file(collector)

    answer = world.act(
        world.task(number)["id"],
        collector,
        "delegate",
        officer=world.people["other"].id,
        reason="外出培训",
    )

    is_lower = DEPARTMENT.index(target) < DEPARTMENT.index(collector)
    expected = 200 if target == collector else 409
    assert answer.status_code == expected
    assert (answer.get_json().get("clause") == "R26") == is_lower
    assert world.case(number)["owner_level"] == collector
