"""A release in which a function was forgotten: cases wait unharmed until it is there again."""

from types import ModuleType

import pytest

from api.app import create_app
from api.composition import compose, handler_modules
from tests.fault.fuses import every_row
from tests.fault.invariants import Audit
from tests.fault.scenes import REPORT, Request, an_ending
from tests.stories.world import World

pytestmark = pytest.mark.fault


def test_a_step_that_needs_a_forgotten_function_leaves_the_case_and_an_incident(
    world: World,
) -> None:
    """Issue, bad input: a definition deployed with a missing function."""
    request = an_ending(world)
    before = every_row(world.database)

    serve_without(world, "grid_report", "feed_back")
    failed = request.send(world)
    left = every_row(world.database)
    (incident,) = world.done(world.ask("GET", "/incidents", "supervisor"))["items"]
    serve_without(world)
    mended = world.ask("POST", f"/incidents/{incident['id']}/retry", "supervisor", json={})

    assert (failed.status_code, failed.get_json()["code"]) == (500, "step_failed")
    assert {name for name in left if left[name] != before[name]} == {"incident"}
    assert incident["error_code"] != "fault"
    assert mended.status_code == 200
    assert world.case(incident["case"])["status"] == "closed"
    Audit(world.database).check_all()


def test_a_report_that_needs_a_forgotten_function_is_not_half_filed(world: World) -> None:
    before = every_row(world.database)
    request = Request("/reports", "grid_member", REPORT)

    serve_without(world, "handling", "assign_owner")
    failed = request.send(world)
    left = every_row(world.database)
    serve_without(world)
    filed = request.send(world)

    assert (failed.status_code, left) == (500, before)
    assert filed.status_code == 201
    assert Audit(world.database).check_all() == 1


def serve_without(world: World, process: str = "", function: str = "") -> None:
    """Serve again, as a release that lacks one function; without a name, as it should be."""
    modules = handler_modules()
    if process:
        lacking = ModuleType(process)
        vars(lacking).update(vars(modules[process]))
        delattr(lacking, function)
        modules[process] = lacking
    old = world.composition
    world.composition = compose(
        old.settings, clock=world.clock, database=old.database, modules=modules
    )
    world.app = create_app(world.composition)
