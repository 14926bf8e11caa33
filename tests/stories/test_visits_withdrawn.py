"""A visit recorded by mistake is taken back: on file as withdrawn, counted nowhere (R37)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DatabaseError

from storage.tables import patrol_withdrawal
from tests.stories.test_patrols import the_round, visit
from tests.stories.world import World


def of_shop(world: World, shop: int) -> dict[str, Any]:
    """The shop as the round shows it."""
    (found,) = [each for each in the_round(world) if each["business"]["id"] == shop]
    return found


@pytest.mark.parametrize("result", ["none", "closed_door"])
def test_a_visit_taken_back_counts_nowhere_and_stays_on_file(world: World, result: str) -> None:
    """R37: the round is as before it; the list says when it was taken back; once."""
    shop = world.business()
    before = of_shop(world, shop)
    made = visit(world, shop, result=result)["patrol"]["id"]
    meanwhile = of_shop(world, shop)
    world.clock.advance(timedelta(minutes=9))
    gone = world.done(world.ask("POST", f"/patrols/{made}/withdraw", "grid_member"))
    again = world.ask("POST", f"/patrols/{made}/withdraw", "grid_member")
    listed = world.done(world.ask("GET", "/patrols", "grid_member"))["items"]

    assert meanwhile != before
    assert of_shop(world, shop) == before
    assert gone["withdrawn_at"] is not None
    assert [(row["id"], row["withdrawn_at"]) for row in listed] == [(made, gone["withdrawn_at"])]
    assert (again.status_code, again.get_json()["code"]) == (409, "visit_stands")


def test_only_who_recorded_it_takes_it_back_and_only_at_once(world: World) -> None:
    """R37: nobody else, not later, none with a case, none that is not there."""
    shop = world.business()
    world.appoint("grid_member", name="neighbour")
    made = visit(world, shop)["patrol"]["id"]
    number = world.file(business=shop)
    (with_case,) = world.done(world.ask("GET", "/patrols?result=problems", "grid_member"))["items"]

    foreign = world.ask("POST", f"/patrols/{made}/withdraw", "neighbour")
    filed = world.ask("POST", f"/patrols/{with_case['id']}/withdraw", "grid_member")
    unknown = world.ask("POST", "/patrols/999/withdraw", "grid_member")
    world.clock.advance(timedelta(minutes=11))
    late = world.ask("POST", f"/patrols/{made}/withdraw", "grid_member")

    assert [one.status_code for one in (foreign, filed, unknown, late)] == [403, 409, 404, 409]
    assert of_shop(world, shop)["business"]["last_visited_at"] is not None
    assert world.case(number)["status"] == "open"


@pytest.mark.parametrize("change", ["update", "delete"])
def test_what_was_taken_back_is_never_changed(world: World, change: str) -> None:
    made = visit(world, world.business())["patrol"]["id"]
    world.done(world.ask("POST", f"/patrols/{made}/withdraw", "grid_member"))
    later = update(patrol_withdrawal).values(withdrawn_at=world.clock.now())

    with pytest.raises(DatabaseError), world.database.transaction() as session:
        session.execute(later if change == "update" else delete(patrol_withdrawal))
