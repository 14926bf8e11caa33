"""Steps beside the chain that are late or have nobody: chased, supervised, never skipped."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.stories.world import World, at, end_of

Waiting = Callable[[World], str]
RULES = {"half_time", "near_due", "due", "overdue_daily", "overdue_superior", "overdue_supervised"}


def triage(world: World) -> str:
    return world.file("station", matter="other")


def order_rectification(world: World) -> str:
    number = world.file("station")
    world.resolve(number, "station")
    return number


def check_rectification(world: World) -> str:
    number = order_rectification(world)
    form = {"order": "not_needed", "reason": "已自行改正"}
    world.do(number, "station", "order_rectification", **form)
    return number


def decide_filing(world: World) -> str:
    number = world.file("station")
    world.resolve(number, "station", outcome="case_lead", reason="涉嫌违法")
    return number


def answer_inquiry(world: World) -> str:
    return world.report(kind="inquiry", description="办证要什么材料？")


def write_public_result(world: World) -> str:
    number = world.report()
    world.resolve(number, "village_assistant")
    world.do(number, "station", "verify", verify_result="passed")
    return number


STEPS: list[tuple[Waiting, str, datetime, dict[str, Any]]] = [
    (triage, "triage", at(2026, 3, 2, 15, 30), {"triage_answer": "listed", "matter": "S02"}),
    (
        order_rectification,
        "station",
        end_of(2026, 3, 4),
        {"order": "not_needed", "reason": "已自行改正"},
    ),
    (check_rectification, "county", end_of(2026, 3, 4), {"check_result": "passed"}),
    (
        decide_filing,
        "enforcement",
        end_of(2026, 3, 23),
        {"filing": "not_filed", "reason": "情节轻微"},
    ),
    (answer_inquiry, "station", end_of(2026, 3, 5), {"public_result": "身份证明。"}),
    (write_public_result, "village_assistant", end_of(2026, 3, 3), {"public_result": "已改正。"}),
]
"""How a case comes to wait for the step, who has it, until when, and what it is done with."""


@pytest.mark.parametrize(("waiting", "who", "due", "form"), STEPS)
def test_a_step_beside_the_chain_that_is_late_is_chased_supervised_and_stays(
    world: World, waiting: Waiting, who: str, due: datetime, form: dict[str, Any]
) -> None:
    """R41, R68; domain defaults, sections 1 and 2: and late work is still taken."""
    number = waiting(world)
    step = waiting.__name__
    before = world.task(number, step)

    world.until(due + timedelta(days=12))

    case, after = world.case(number), world.task(number, step)
    chased = {note["rule"] for note in world.notes(number, "chased") if note["task"] == step}
    assert datetime.fromisoformat(before["due_at"]) == due
    assert (after["id"], after["holder"]["post"]) == (before["id"], world.post(who))
    assert chased >= RULES
    assert (case["status"], case["supervised"]) == ("open", True)
    world.do(number, who, step, **form)
    assert step not in {one["name"] for one in world.open(number)}


@pytest.mark.parametrize(
    ("gone", "verifier"),
    [(("county",), "city"), (("county", "city"), "supervisor")],
)
def test_a_verification_goes_to_the_next_above_where_nobody_is_left(
    world: World, gone: tuple[str, ...], verifier: str
) -> None:
    """A6, A13: never back to whoever handled it, and never a dead end."""
    for role in gone:
        world.dismiss(role)

    number = check_rectification(world)

    own = world.doing(number, "station", "check_rectification", check_result="passed")
    world.do(number, verifier, "check_rectification", check_result="passed")
    assert own.status_code == 403
    assert world.case(number)["status"] == "closed"
