"""The same thing asked twice, at once, again later, and after the server was gone."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from api.app import create_app
from api.composition import compose
from tests.stories.world import GRID, RESOLVED, World

REPORT = {"matter": "L01", "area": GRID, "description": "示例", "no_photo_reason": "无"}


@pytest.mark.parametrize("names", [("station", "colleague"), ("station", "station")])
def test_two_officers_pressing_in_the_same_second_make_one_step(
    world: World, names: tuple[str, str]
) -> None:
    """Flows: two officers press the button in the same second."""
    world.appoint("station", name="colleague")
    number = world.file()
    world.climb(number, to="station")
    task = world.task(number)["id"]

    def press(who: str) -> int:
        form = {"answer": "accept"}
        return world.act(task, who, "complete", form=form).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(press, names))

    assert answers == [200, 409]
    assert world.task(number)["name"] == "resolve_or_pass_up"
    accepted = [note for note in world.notes(number, "task_completed") if note["task"] == "accept"]
    assert len(accepted) == 2


@pytest.mark.postgres
def test_two_officers_pressing_at_once_make_one_step_on_postgresql(
    postgres_world: World,
) -> None:
    """Flows: two officers press the button in the same second."""
    world = postgres_world
    world.appoint("station", name="colleague")
    number = world.file()
    world.climb(number, to="station")
    task = world.task(number)["id"]

    def press(who: str) -> int:
        return world.act(task, who, "complete", form={"answer": "accept"}).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(press, ["station", "colleague"] * 4))

    assert answers == [200] + [409] * 7


def test_a_phone_sending_the_same_report_five_times_opens_one_case(world: World) -> None:
    """R28, api.md: the same key is answered with the first answer."""
    headers = {"Idempotency-Key": "phone-1-draft-7"}

    answers = [
        world.ask("POST", "/reports", "grid_member", json=REPORT, headers=headers) for _ in range(5)
    ]

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.get_json()["number"] for answer in answers}) == 1
    replayed = [answer.headers.get("Idempotency-Replayed") for answer in answers]
    assert replayed == [None, "true", "true", "true", "true"]
    assert len(world.done(world.ask("GET", "/cases", "supervisor"))["items"]) == 1


def test_the_server_may_go_between_any_two_steps(world: World) -> None:
    """Flows: nothing of a case lives in a server."""
    number = world.file()

    def restarted() -> None:
        fresh = compose(world.composition.settings, clock=world.clock)
        world.composition.database.close()
        world.composition, world.app = fresh, create_app(fresh)

    for who in ("grid_member", "grid_leader", "village_center"):
        restarted()
        world.pass_up(number, who)
    restarted()
    world.accept(number, "station")
    restarted()
    world.do(number, "station", "resolve_or_pass_up", **RESOLVED)
    restarted()
    world.do(number, "grid_member", "verify", verify_result="passed")

    assert world.case(number)["status"] == "closed"
