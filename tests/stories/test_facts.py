"""What the statistics know of closed cases: derived while cases close, the same when rebuilt."""

import pytest

from api.deriving import derive, recompute
from storage.cases.cases import get_case
from storage.dashboards.facts import Fact, list_every_fact
from tests.stories.world import World


def facts(world: World) -> dict[str, Fact]:
    """Every fact that counts, by the number of its case."""
    derive(world.composition)
    with world.database.reading() as session:
        return {get_case(session, one.case_id).number: one for one in list_every_fact(session)}


def close(world: World, number: str, who: str, **form: str) -> None:
    """Resolve a case and verify it."""
    world.resolve(number, who, **form)
    if world.case(number)["status"] == "open":
        verify(world, number)


def verify(world: World, number: str, result: str = "passed") -> None:
    """Verify as whoever was chosen."""
    chosen = world.task(number, "verify")["holder"]["post"].split(":")[0]
    world.do(number, chosen, "verify", verify_result=result, note="示例")


def live(world: World) -> dict[str, str]:
    """A week of cases that ended each in its own way; the statistics are derived in between."""
    numbers = {name: world.file("grid_member") for name in ("own", "passed", "failed", "again")}
    close(world, numbers["own"], "grid_member")
    world.wait(hours=2)
    world.climb(numbers["passed"], to="station")
    close(world, numbers["passed"], "station")
    derive(world.composition)
    world.resolve(numbers["failed"], "grid_member")
    verify(world, numbers["failed"], "not_passed")
    close(world, numbers["failed"], world.task(numbers["failed"])["level"])
    close(world, numbers["again"], "grid_member")
    derive(world.composition)
    world.wait(hours=1)
    reopened = {"reason": "又发现问题"}
    world.done(world.ask("POST", f"/cases/{numbers['again']}/reopen", "supervisor", json=reopened))
    return numbers


def rebuilt_is_the_same(world: World) -> None:
    """What was derived in pieces is what is derived at once."""
    live(world)
    derived = facts(world)

    assert recompute(world.composition) == len(derived)
    assert facts(world) == derived
    assert len(derived) == 3


def test_facts_derived_while_cases_close_are_those_rebuilt_at_once(world: World) -> None:
    rebuilt_is_the_same(world)


@pytest.mark.postgres
def test_facts_rebuilt_on_postgresql_are_those_derived_before(postgres_world: World) -> None:
    rebuilt_is_the_same(postgres_world)


def test_a_fact_says_who_resolved_it_what_was_passed_up_and_how_long_it_took(world: World) -> None:
    numbers = live(world)
    known = facts(world)

    own, passed, failed = (known[numbers[name]] for name in ("own", "passed", "failed"))
    assert (own.handled_level, own.passes, own.minutes) == ("grid_member", 0, 0)
    assert (passed.handled_level, passed.pass_reasons) == ("station", {"beyond_powers": 2})
    assert passed.minutes == sum(passed.minutes_by_level.values()) == 120
    assert failed.failed_verifications == 1


def test_the_grid_resolved_what_no_department_answered_for(world: World) -> None:
    """R62: resolved at the grid tier without a department, of all that came to the grid first."""
    numbers = live(world)
    emergency = world.file("grid_member", matter="X01")
    known = facts(world)

    assert known[numbers["own"]].is_self_resolved
    assert known[numbers["passed"]].is_eligible
    assert not known[numbers["passed"]].is_self_resolved
    assert emergency not in known


def test_a_reopened_case_counts_again_only_when_it_has_closed_again(world: World) -> None:
    again = live(world)["again"]
    before = facts(world)
    close(world, again, "grid_member")
    after = facts(world)

    assert again not in before
    assert after[again].reopened == 1
