"""Leads that are not confirmed or that the city found itself, leavers, answers that never come."""

from datetime import datetime

import pytest

from tests.stories.test_grid_report import verify
from tests.stories.test_side_task import asked, handling
from tests.stories.world import RESOLVED, UNIT, World


@pytest.mark.parametrize("collector", ["grid_member", "station", "county"])
def test_a_lead_enforcement_does_not_confirm_is_verified_and_closed(
    world: World, collector: str
) -> None:
    """R25: the case stays with its owner, and what enforcement found is on file."""
    number = world.file(collector)
    owner = "station" if collector == "grid_member" else collector
    world.climb(number, to=owner)
    world.resolve(number, owner, outcome="case_lead", reason="涉嫌违法")

    world.enforce(number, "no_violation")
    if collector == "grid_member":
        verify(world, number)
    else:
        world.put_right(number)

    assert (world.case(number)["status"], world.case(number)["outcome"]) == ("closed", "case_lead")
    assert world.notes(number, "enforcement_reported")[0]["measure"] == "no_violation"
    assert world.levels(number)[-1] == owner


def test_a_lead_the_city_finds_in_a_county_stays_the_citys(world: World) -> None:
    """R25, R26: the brigade of the place investigates, the city answers for it."""
    number = world.file("city", area=UNIT)

    world.resolve(number, "city", outcome="case_lead", reason="涉嫌违法")

    assert world.task(number, "decide_filing")["holder"]["post"] == world.post("enforcement")
    assert world.case(number)["owner_level"] == "city"
    world.enforce(number, "no_violation")
    assert world.levels(number) == ["city"]


def test_a_countersignature_that_does_not_come_in_time_is_no_consent_and_holds_nobody_up(
    world: World,
) -> None:
    """Flows, side_task: who is silent stays asked, and the owner goes on."""
    number = handling(world, "station")
    asked(world, number, "station", "countersign", "county", "city")
    (of_county,) = [
        task for task in world.open(number) if task["holder"]["post"] == world.post("county")
    ]
    form = {"opinion": "agree", "reply": "同意"}
    world.done(world.act(of_county["id"], "county", "complete", form=form))

    world.wait(days=60)
    silent = world.task(number, "answer")
    world.do(number, "station", "resolve_or_pass_up", **RESOLVED)

    assert silent["holder"]["post"] == world.post("city")
    assert datetime.fromisoformat(silent["due_at"]) < world.clock.now()
    assert world.notes(number, "side_task_recorded") == []
    assert world.task(number, "order_rectification")


def test_a_verification_does_not_stay_with_somebody_who_is_dismissed(world: World) -> None:
    """A13: a colleague, or the next one up, verifies; never who handled it."""
    number = world.file()
    world.climb(number, to="station")
    world.resolve(number, "station")
    before = world.task(number, "verify")["holder"]["post"]
    world.dismiss(before.split(":")[0])
    world.appoint(before.split(":")[0], name="successor")

    world.do(number, "successor", "verify", verify_result="passed")

    assert world.case(number)["status"] == "closed"
