"""Whole cases of the grid route, from collection to feedback, through the API."""

import pytest

from tests.stories.world import World

CHAIN = ("grid_leader", "village_center", "station", "county", "city")
STARTS = {
    "unit_leader": ("unit_leader", *CHAIN),
    "grid_member": ("grid_member", *CHAIN),
    "grid_leader": CHAIN,
}
WALKS = [
    (start, end) for start, chain in STARTS.items() for end in chain if end != "village_center"
]


@pytest.mark.parametrize(("start", "end"), WALKS)
def test_a_case_rises_rung_by_rung_to_whoever_resolves_it(
    world: World, start: str, end: str
) -> None:
    """R40: resolved by each level, from each start post; no step is skipped."""
    chain = STARTS[start]
    number = world.file(start)

    world.climb(number, to=end)
    world.resolve(number, end)
    verifier = world.task(number, "verify")
    world.do(number, verifier["holder"]["post"].split(":")[0], "verify", verify_result="passed")

    case = world.case(number)
    assert world.levels(number) == list(chain[: chain.index(end) + 1])
    assert (case["status"], case["outcome"], case["owner_level"]) == ("closed", "resolved", end)
