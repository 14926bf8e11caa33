"""Who comes too late: after a deadline nobody has looked at yet, after leaving a post."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.stories.test_merge_and_split import published
from tests.stories.world import RESOLVED, World

HOUR = timedelta(hours=1)


def pass_the_deadline(world: World, number: str) -> None:
    """Set the clock past the open task's deadline; no scheduler looks."""
    world.clock.set(datetime.fromisoformat(world.task(number)["due_at"]) + HOUR)


def offered_on(world: World, task: str, who: str) -> list[str]:
    """What somebody is offered to do with a task."""
    return list(world.done(world.ask("GET", f"/tasks/{task}", who))["allowed_actions"])


def inbox(world: World, who: str, whose: str) -> list[dict[str, Any]]:
    """What waits for somebody, or for their post."""
    return list(world.done(world.ask("GET", f"/tasks?{whose}=true", who))["items"])


def extend(world: World, task: str, who: str, **more: str) -> int:
    return world.act(task, who, "extend", reason="等待复检", **more).status_code


def test_a_pause_cannot_outrun_a_deadline(world: World) -> None:
    number = world.file()
    world.accept(number, "grid_member")
    task = world.task(number)["id"]
    pass_the_deadline(world, number)

    answer = world.act(task, "grid_member", "pause", reason="等待检验结果")

    assert (answer.status_code, answer.get_json()["code"]) == (409, "deadline_passed")


def test_taking_back_cannot_outrun_a_deadline(world: World) -> None:
    number = world.file()
    task = world.pass_up(number, "grid_member")
    pass_the_deadline(world, number)

    offered = offered_on(world, task, "grid_member")
    answer = world.act(task, "grid_member", "withdraw", reason="可以自行处置")
    world.tick()

    assert (answer.status_code, answer.get_json()["code"]) == (409, "deadline_passed")
    assert offered == []
    assert world.case(number)["owner_level"] == "village_center"


def test_taking_back_is_offered_until_somebody_accepts(world: World) -> None:
    """What is offered is done: the page and the API ask what the action asks."""
    number = world.file()
    task = world.pass_up(number, "grid_member")
    before = offered_on(world, task, "grid_member")
    of_others = offered_on(world, task, "grid_leader")

    world.accept(number, "grid_leader")

    assert (before, of_others) == (["withdraw"], [])
    assert offered_on(world, task, "grid_member") == []
    assert world.act(task, "grid_member", "withdraw", reason="可以自行处置").status_code == 409


def test_a_dispute_after_its_days_is_refused_before_anybody_looked(world: World) -> None:
    """R51: seven days, whether or not a scheduler runs."""
    number = published(world)
    world.clock.advance(timedelta(days=30))

    answer = world.dispute(number)
    world.tick()

    assert (answer.status_code, answer.get_json()["code"]) == (409, "deadline_passed")
    assert world.case(number)["status"] == "closed"


def test_who_has_left_the_post_takes_nothing_back(world: World) -> None:
    """R42: only who holds the post acts, as long as they hold it."""
    number = world.file()
    world.appoint("grid_member", name="successor")
    task = world.pass_up(number, "grid_member")
    world.leave("grid_member")

    answer = world.act(task, "grid_member", "withdraw", reason="可以自行处置")

    assert answer.status_code == 404
    assert world.case(number)["owner_level"] == "grid_leader"


@pytest.mark.parametrize("is_vacant_first", [False, True])
def test_what_was_taken_before_leaving_waits_for_whoever_is_in_post(
    world: World, *, is_vacant_first: bool
) -> None:
    """A13, R46: it looks unclaimed, and is a colleague's or successor's to claim and finish."""
    number = world.file("station")
    world.accept(number, "station")
    task = world.task(number)["id"]
    gone = world.task(number)["holder"]["id"]
    if not is_vacant_first:
        world.appoint("station", name="colleague")
        assert inbox(world, "colleague", "mine") == []
    world.leave("station")
    if is_vacant_first:
        world.appoint("station", name="colleague")

    (mine,), (team,) = (inbox(world, "colleague", whose) for whose in ("mine", "team"))
    shown = world.done(world.ask("GET", f"/tasks/{task}", "colleague"))
    draft = world.ask("PUT", f"/tasks/{task}/draft", "colleague", json={"form": RESOLVED})
    world.done(world.act(task, "colleague", "claim"))
    claimed = world.task(number)["holder"]["id"]
    world.do(number, "colleague", "resolve_or_pass_up", **RESOLVED)

    assert gone == world.people["station"].id
    assert inbox(world, "station", "mine") == []
    assert (mine["id"], mine["holder"]["id"], mine["holder"]["name"]) == (task, None, None)
    assert team["holder"]["post"] == world.post("colleague")
    assert {"claim", "complete", "delegate"} <= set(shown["allowed_actions"])
    assert draft.status_code == 204
    assert claimed == world.people["colleague"].id


def test_a_reminder_goes_to_the_post_of_who_has_left(world: World) -> None:
    """R45: chased is whoever can act."""
    number = world.file("station")
    world.accept(number, "station")
    world.appoint("station", name="colleague")
    remind = partial(world.ask, "POST", f"/cases/{number}/chase", "supervisor")

    world.done(remind(json={"text": "请抓紧办理"}))
    world.leave("station")
    world.done(remind(json={"text": "请抓紧办理"}))

    told = [note["told"] for note in world.notes(number, "case_chased")]
    assert told == [[world.people["station"].reference], [world.post("station")]]


def test_the_clock_reminds_the_post_of_who_has_left(world: World) -> None:
    """R45: the table's own reminders, too, reach who can act."""
    number = world.file("station")
    world.accept(number, "station")
    world.appoint("station", name="colleague")
    world.leave("station")
    world.clock.set(datetime.fromisoformat(world.task(number)["due_at"]) - HOUR)

    world.tick()

    told = {note["told"] for note in world.notes(number, "chased") if note["tells"] == "holder"}
    assert told == {world.post("station")}


def test_an_extension_nobody_could_grant_is_refused_at_once(world: World) -> None:
    number = world.file("station")
    world.accept(number, "station")
    task = world.task(number)["id"]

    assert extend(world, task, "station", until="2027-01-01T00:00:00+08:00") == 409
    assert len(world.open(number)) == 1


def test_an_extension_granted_while_the_clock_stands_moves_its_timer(world: World) -> None:
    """Flows, handling: extension and pause together; the drawn timer keeps to both."""
    number = world.file()
    world.accept(number, "grid_member")
    task = world.task(number)["id"]
    assert extend(world, task, "grid_member") == 200
    world.done(world.act(task, "grid_member", "pause", reason="等待检验结果"))
    world.do(number, "grid_leader", "answer", opinion="agree")
    world.wait(days=3)
    world.done(world.act(task, "grid_member", "resume"))
    new = datetime.fromisoformat(world.task(number)["due_at"])

    world.until(new - timedelta(seconds=1))
    still = world.case(number)["owner_level"]
    world.until(new)

    assert (still, world.case(number)["owner_level"]) == ("grid_member", "grid_leader")


def test_a_stand_in_for_the_city_hands_on_to_a_colleague(world: World) -> None:
    """R26, A13: the city's post is vacant; whoever answers in its place has its rank."""
    number = world.file("station")
    world.climb(number, to="county")
    world.dismiss("city")
    world.pass_up(number, "county")
    world.appoint("supervisor", name="colleague")
    task = world.task(number)["id"]

    body = {"officer": world.people["colleague"].id, "reason": "外出"}
    world.done(world.act(task, "supervisor", "delegate", **body))

    world.accept(number, "colleague")
