"""Whatever way an event comes in, its case stands in the inbox of whoever holds it (R46)."""

from collections.abc import Callable

import pytest

from storage.cases.cases import find_case_by_number
from storage.cases.tasks import Task, list_tasks
from storage.people.posts import Actor, load_actor
from storage.registry.businesses import update_business
from tests import vendor
from tests.build import an_officer
from tests.stories.world import BEGAN, World, at


def from_the_grid(world: World) -> str:
    return world.file("grid_member")


def from_a_department(world: World) -> str:
    return world.file("station")


def from_the_public(world: World) -> str:
    return world.report()


def from_a_self_inspection(world: World) -> str:
    shop = world.business()
    with world.database.transaction() as session:
        update_business(session, shop, {"category": "canteen.school"}, at=BEGAN)
    account = {"username": "school", "name": "演示主体09"}
    made = world.ask("POST", f"/businesses/{shop}/account", "station", json=account)
    ident = world.done(made)["officer"]
    world.until(at(2026, 3, 9, 9))
    with world.database.reading() as session:
        world.people["school"] = load_actor(session, ident, at=world.clock.now())
    (owed,) = world.done(world.ask("GET", "/me/obligations", "school"))["items"]
    task = world.done(world.ask("GET", f"/tasks/{owed['task']}", "school"))
    return str(task["case"]["number"])


def from_a_snapshot(world: World) -> str:
    with world.database.transaction() as session:
        world.people["catering"] = an_officer(session, "catering_section:3503")
    vendor.configure(world.composition.settings.var_folder)
    camera = {
        "business": world.business(),
        "vendor": vendor.VENDOR,
        "stream_ref": "kitchen-1",
        "kind": "live",
        "position_in_kitchen": "切配间",
    }
    world.done(world.ask("POST", "/cameras", "catering", json=camera))
    taken = vendor.a_snapshot("s-1", "kitchen-1", world.clock.now())
    signed = vendor.signed(taken, world.clock.now(), secret=vendor.SECRET)
    ident = world.done(world.ask("POST", "/snapshots", **signed))["id"]
    review = {"decision": "confirmed", "account": "两名厨师未戴口罩"}
    reviewed = world.ask("POST", f"/snapshots/{ident}/review", "station", json=review)
    return str(world.done(reviewed)["lead"])


WAYS_IN: dict[str, Callable[[World], str]] = {
    "grid_patrol": from_the_grid,
    "department_patrol": from_a_department,
    "public_report": from_the_public,
    "self_inspection": from_a_self_inspection,
    "smart_snapshot": from_a_snapshot,
}


def holds(person: Actor, task: Task) -> bool:
    """Whether a task is of a post somebody holds, or theirs alone."""
    if task.officer_id is not None:
        return person.id == task.officer_id
    return task.post_id in {post.id for post in person.posts}


@pytest.mark.parametrize("source", WAYS_IN)
def test_a_case_of_each_source_stands_in_the_inbox_of_its_holder(world: World, source: str) -> None:
    """R46: dispatched at once, with its due time, to a post that somebody holds."""
    number = WAYS_IN[source](world)

    with world.database.reading() as session:
        case = find_case_by_number(session, number)
        assert case is not None
        (task,) = list_tasks(session, case.id)
    (holder,) = (name for name, one in world.people.items() if holds(one, task))
    inbox = world.done(world.ask("GET", "/tasks", holder))["items"]

    assert case.source == source
    assert number in [one["case"]["number"] for one in inbox]
    assert task.due_at is not None
