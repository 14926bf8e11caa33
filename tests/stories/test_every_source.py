"""Whatever way an event comes in, its case stands in the inbox of whoever holds it (R46)."""

from collections.abc import Callable

import pytest

from api.settings import ROOT
from api.syncing.taking import Taking
from handlers.sync.mapping import read_mapping
from handlers.sync.protocol import INSPECTION, PulledRecord, ReportedVisit
from storage.cases.cases import find_case_by_number, get_case
from storage.cases.tasks import Task, list_tasks
from storage.city.video import load_quotas
from storage.moments import in_china
from storage.people.actors import Actor, load_actor
from storage.registry.businesses import update_business
from storage.sync.records import find_record
from tests import vendor
from tests.build import UNIT, an_officer
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


def a_bright_kitchen(world: World, name: str) -> int:
    """A business with a camera, registered by the catering section."""
    with world.database.transaction() as session:
        world.people["catering"] = an_officer(session, "catering_section:3503")
    vendor.configure(world.composition.settings.var_folder)
    shop = world.business()
    camera = {
        "business": shop,
        "vendor": vendor.VENDOR,
        "stream_ref": name,
        "kind": "live",
        "position_in_kitchen": "切配间",
    }
    world.done(world.ask("POST", "/cameras", "catering", json=camera))
    return shop


def from_a_snapshot(world: World) -> str:
    a_bright_kitchen(world, "kitchen-1")
    taken = vendor.a_snapshot("s-1", "kitchen-1", world.clock.now())
    signed = vendor.signed(taken, world.clock.now(), secret=vendor.SECRET)
    ident = world.done(world.ask("POST", "/snapshots", **signed))["id"]
    review = {"decision": "confirmed", "account": "两名厨师未戴口罩"}
    reviewed = world.ask("POST", f"/snapshots/{ident}/review", "station", json=review)
    return str(world.done(reviewed)["lead"])


def from_a_video_patrol(world: World) -> str:
    shop = a_bright_kitchen(world, "kitchen-2")
    with world.database.transaction() as session:
        load_quotas(session, at=world.clock.now())
    body = {
        "business": shop,
        "unit": "catering_section",
        "watched_from": world.clock.now().isoformat(),
        "items": {"mask": "no", "work_clothes": "yes", "work_cap": "yes"},
        "problem": "厨师未戴口罩",
    }
    return str(world.done(world.ask("POST", "/video-patrols", "catering", json=body))["case"])


def from_another_platform(world: World) -> str:
    on = {"area": "350322", "is_on": True, "reason": "试点"}
    world.done(world.ask("PUT", "/flags/sync_opens_cases", "county", json=on))
    world.business(name="示例饭店")
    now = world.clock.now()
    visit = ReportedVisit(
        visited_at=now,
        unit="station",
        business_name="示例饭店",
        area_code=UNIT,
        matter="P03",
        found_problem=True,
        handled=False,
        description="厨师未戴口罩",
    )
    record = PulledRecord(
        external_id="JC1",
        version=1,
        changed_at=now,
        kind=INSPECTION,
        day=in_china(now).date(),
        visit=visit,
        raw={},
    )
    mapping = read_mapping(ROOT / "city" / "putian" / "sync" / "smart_supervision.json")
    with world.database.transaction() as session:
        Taking(world.composition.runner, mapping).take(session, record)
        kept = find_record(session, mapping.id, "JC1")
        assert kept is not None
        return get_case(session, int(kept.subject_id or 0)).number


WAYS_IN: dict[str, Callable[[World], str]] = {
    "grid_patrol": from_the_grid,
    "department_patrol": from_a_department,
    "public_report": from_the_public,
    "self_inspection": from_a_self_inspection,
    "smart_snapshot": from_a_snapshot,
    "video_patrol": from_a_video_patrol,
    "external_sync": from_another_platform,
}


def holds(person: Actor, task: Task) -> bool:
    """Whether a task is of a post somebody holds, or theirs alone."""
    if task.officer_id is not None:
        return person.id == task.officer_id
    return task.post_id in {post.id for post in person.posts}


def stands_in_an_inbox(world: World, source: str) -> None:
    number = WAYS_IN[source](world)

    with world.database.reading() as session:
        case = find_case_by_number(session, number)
        assert case is not None
        task = min(list_tasks(session, case.id), key=lambda one: one.token)
    holder = next(name for name, one in world.people.items() if holds(one, task))
    inbox = world.done(world.ask("GET", "/tasks", holder))["items"]

    assert case.source == source
    assert number in [one["case"]["number"] for one in inbox], source
    assert task.due_at is not None, source


@pytest.mark.parametrize("source", WAYS_IN)
def test_a_case_of_each_source_stands_in_the_inbox_of_its_holder(world: World, source: str) -> None:
    """R46: dispatched at once, with its due time, to a post that somebody holds."""
    stands_in_an_inbox(world, source)


@pytest.mark.postgres
def test_cases_of_all_sources_stand_in_inboxes_on_postgresql(postgres_world: World) -> None:
    for source in WAYS_IN:
        stands_in_an_inbox(postgres_world, source)
