"""Planning an inspection in a story: who plans, with whom, and what it is called; no test."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.stories.world import World

SHOP = "保密检查示例店"
TITLE = "节前保密检查示例"


def settle_colleagues(request: pytest.FixtureRequest) -> None:
    """Two inspectors in each office of the world of a test."""
    is_postgres = "postgres_world" in request.fixturenames
    world: World = request.getfixturevalue("postgres_world" if is_postgres else "world")
    for role in ("station", "county", "city"):
        world.appoint(role, name=f"{role}_colleague")


def planning(world: World, who: str = "county", **form: Any) -> TestResponse:
    """Try to plan."""
    usual = {
        "kind": "work_supervision",
        "title": TITLE,
        "since": "2026-03-02",
        "until": "2026-03-20",
        "inspectors": [world.people[who].id, world.people[f"{who}_colleague"].id],
    }
    dry = form.pop("dry_run", False)
    body = {name: value for name, value in {**usual, **form}.items() if value is not None}
    path = "/inspections?dry_run=true" if dry else "/inspections"
    return world.ask("POST", path, who, json=body)


def plan(world: World, who: str = "county", **form: Any) -> dict[str, Any]:
    """Plan, and give the plan and its draw."""
    return world.done(planning(world, who, **form))


def started(world: World, who: str = "county", **form: Any) -> list[str]:
    """Plan and start at once; gives the numbers."""
    made = plan(world, who, **form)["plan"]["id"]
    return list(world.done(world.ask("POST", f"/inspections/{made}/start", who))["numbers"])
