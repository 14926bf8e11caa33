"""Plans of departments: who may make one, how a draw is repeated, what cannot be planned (R21)."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select

from storage.tables import audit_event
from tests.stories.inspecting import TITLE, plan, planning, settle_colleagues, started
from tests.stories.world import MONDAY, World


@pytest.fixture(autouse=True)
def _colleagues(request: pytest.FixtureRequest) -> None:
    settle_colleagues(request)


def test_a_draw_is_repeated_from_its_seed_by_anybody(world: World) -> None:
    """R21: seed and population are kept, SHA-256 draws it again; a rehearsal tells no draw."""
    shops = [world.business(name=f"示例店{n}") for n in range(9)]
    wanted = {"kind": "double_random", "draw": {"count": 3}, "inspectors": None}
    rehearsed = plan(world, dry_run=True, **wanted)["draw"]
    made = plan(world, **wanted)
    draw = world.done(world.ask("GET", f"/inspections/{made['plan']['id']}", "county"))["draw"]
    by_hand = sorted(
        shops, key=lambda shop: sha256(f"{draw['seed']}:business:{shop}".encode()).hexdigest()
    )[:3]
    another = plan(world, **wanted)["draw"]
    with world.database.reading() as session:
        on_file = session.execute(
            select(audit_event.c.data).where(audit_event.c.action == "inspection_planned")
        ).scalars()
        seeds = [dict(data)["seed"] for data in on_file]

    assert rehearsed["population"] == draw["population"]
    assert rehearsed["seed"] != draw["seed"]
    assert draw["population"]["business"] == shops
    assert (draw["drawn"]["business"], made["plan"]["businesses"]) == (sorted(by_hand),) * 2
    assert draw["is_repeated"]
    assert another["seed"] != draw["seed"]
    assert seeds == [draw["seed"], another["seed"]]


@pytest.mark.parametrize(
    ("who", "wrong"),
    [
        ("county", {"inspectors": []}),
        ("county", {"businesses": []}),
        ("county", {"businesses": [10**9]}),
        ("county", {"until": "2026-03-01"}),
        ("county", {"since": "2026-03-21"}),
        ("county", {"kind": "double_random"}),
        ("county", {"draw": {"count": 0}}),
        ("county", {"draw": {"count": 99}}),
        ("county", {"draw": {"count": 1, "inspectors": 9}}),
        ("county", {"draw": {"count": 1, "area": "350300"}}),
        ("county", {"kind": "surprise"}),
    ],
)
def test_a_plan_that_cannot_be_is_refused(world: World, who: str, wrong: dict[str, Any]) -> None:
    """R21: nobody, nothing, elsewhere, over, a draw of nothing or of more than there are."""
    shop = world.business()

    answer = planning(world, who, **{"businesses": [shop], **wrong})

    assert answer.status_code == 422, answer.get_json()
    assert world.done(world.ask("GET", "/inspections", who))["items"] == []


def test_one_inspector_alone_is_offered_a_patrol(world: World) -> None:
    """R21: at least two inspect; whoever goes alone records a patrol."""
    shop, me = world.business(), world.people["county"].id
    alone = planning(world, businesses=[shop], inspectors=[me])
    stranger = planning(world, businesses=[shop], inspectors=[me, world.people["station"].id])
    (number,) = started(world, businesses=[shop])
    said = world.doing(
        number, "county", "carry_out", found="nothing", officers=world.name("county")
    )

    assert [one.status_code for one in (alone, stranger, said)] == [422] * 3
    assert (alone.get_json()["clause"], "巡查" in alone.get_data(as_text=True)) == ("R21", True)
    assert "协办" in stranger.get_data(as_text=True)


def test_a_plan_ends_on_a_working_day_and_begins_on_its_own(world: World) -> None:
    """R21: a Sunday is moved to Monday and said; before its day it is not started."""
    made = plan(world, businesses=[world.business()], since="2026-03-20", until="2026-03-22")
    path = f"/inspections/{made['plan']['id']}/start"

    early = world.ask("POST", path, "county")
    foreign = world.ask("POST", path, "city")
    world.until(MONDAY + timedelta(days=18))
    begun = world.ask("POST", path, "county")

    assert made["plan"]["until"] == "2026-03-23"
    assert [one.status_code for one in (early, foreign, begun)] == [409, 403, 200]


@pytest.mark.parametrize("who", ["grid_member", "enforcement", "triage", "supervisor"])
def test_only_departments_plan(world: World, who: str) -> None:
    body = {"kind": "unannounced", "title": TITLE, "since": "2026-03-02", "until": "2026-03-03"}

    assert world.ask("POST", "/inspections", who, json=body).status_code == 403
