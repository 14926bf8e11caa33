"""Businesses among others: what a citizen found counts, what a post in the grid must not see."""

from tests.checklists import answered as every_line
from tests.stories.test_public_report import answered
from tests.stories.test_self_inspection import MENDED, NOTHING, number_of, opened, report, state
from tests.stories.world import World, at


def test_what_a_citizen_found_and_the_school_did_not_report_counts_once(world: World) -> None:
    """R56: two true reports about one matter are one; whoever had named it itself is protected."""
    shop = opened(world)
    honest = opened(world, "canteen.school", "honest")
    world.until(at(2026, 3, 9, 9))
    for name in ("示例school", "示例honest"):
        for _ in range(2):
            number = world.report(matter="H02", business_name=name)
            world.resolve(number, "village_assistant")
            answered(world, number)
    states = []
    for day in (11, 18, 25):
        world.until(at(2026, 3, day, 9))
        for who, form in (("school", NOTHING), ("honest", MENDED)):
            assert report(world, form, who).status_code == 200
        states.append((state(world, shop), state(world, honest)))
    path = f"/businesses/{shop}/intensity"
    history = world.done(world.ask("GET", path, "station"))["history"]

    # The week in which it did not say what a citizen saw is not one of the two clean ones.
    assert states == [("watch", "normal"), ("watch", "normal"), ("normal", "normal")]
    assert [row["because"]["found_by_others"] for row in history] == [1, 1]


def test_a_business_in_a_grid_post_sees_what_it_owes_and_never_its_own_case(world: World) -> None:
    """R54, R55: its task is its own; the case is in none of its lists, though its post has it."""
    stall = opened(world, "small.vendor", "stall")
    world.give("grid_member", "stall")
    world.done(world.ask("POST", f"/businesses/{stall}/obligations", "station", json={}))
    about_it = world.file("unit_leader", business=stall)
    other = world.file("unit_leader")
    world.until(at(2026, 4, 1, 9))
    number = number_of(world, "stall")

    read = {
        each: world.ask("GET", f"/cases/{each}", "stall").status_code for each in (number, about_it)
    }
    listed = [row["number"] for row in world.done(world.ask("GET", "/cases", "stall"))["items"]]

    assert read == {number: 404, about_it: 404}
    assert other in listed
    assert not {number, about_it} & set(listed)
    its_lines = {"lines": every_line("small")}
    assert report(world, NOTHING | its_lines, "stall").status_code == 200
