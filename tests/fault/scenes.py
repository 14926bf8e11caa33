"""Every kind of step, ready to be taken: the request that takes it, in a city set up for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.stories.pictures import upload
from tests.stories.world import ACCEPTED, GRID, PASSED_UP, RESOLVED, VILLAGE, World

REPORT = {"matter": "L01", "area": GRID, "description": "示例", "no_photo_reason": "无"}
TIP = {
    "kind": "tip",
    "description": "示例",
    "channel": "web",
    "area": VILLAGE,
    "reporter": {"name": "示例举报人", "phone": "000-00002222"},
}
CLIENT = "a-phone-that-made-itself-an-id-0123456789"


@dataclass(frozen=True)
class Request:
    """One write, as its client sends it however often."""

    path: str
    who: str | None
    body: dict[str, Any]
    key: str = "the-one-key"

    def send(self, world: World) -> TestResponse:
        """Send it."""
        headers = {"Idempotency-Key": self.key, "X-Client-Id": CLIENT}
        return world.ask("POST", self.path, self.who, json=self.body, headers=headers)


Scene = Callable[[World], Request]


def on_task(task_id: str, act: str, who: str, **body: Any) -> Request:
    """Do something with a task."""
    return Request(f"/tasks/{task_id}/{act}", who, body)


def a_report(_: World) -> Request:
    """An officer files an event."""
    return Request("/reports", "grid_member", REPORT)


def a_tip(_: World) -> Request:
    """A citizen reports, by name."""
    return Request("/public/reports", None, TIP)


def a_report_on_two_tracks(_: World) -> Request:
    """A complaint that is a tip as well: two cases of one reporter."""
    return Request("/public/reports", None, {**TIP, "kind": ["complaint", "tip"]})


def a_report_with_a_photo(world: World) -> Request:
    """An officer files an event with a picture."""
    body = {name: value for name, value in REPORT.items() if name != "no_photo_reason"}
    return Request("/reports", "grid_member", {**body, "photos": [upload(world, "grid_member")]})


def an_acceptance(world: World) -> Request:
    """A task is completed."""
    task = world.task(world.file(matter="L07"))["id"]
    return on_task(task, "complete", "station", form=ACCEPTED)


def a_passing_up(world: World) -> Request:
    """The owner changes."""
    number = world.file()
    world.accept(number, "grid_member")
    return on_task(world.task(number)["id"], "complete", "grid_member", form=PASSED_UP)


def an_ending(world: World) -> Request:
    """The case is closed and people are told."""
    number = closing(world)
    task = world.task(number, "verify")
    who = task["holder"]["post"].partition(":")[0]
    return on_task(task["id"], "complete", who, form={"verify_result": "passed"})


def a_claim(world: World) -> Request:
    """A task of several is taken."""
    number = world.file()
    world.climb(number, to="station")
    world.appoint("station", name="colleague")
    return on_task(world.task(number)["id"], "claim", "colleague")


def a_withdrawal(world: World) -> Request:
    """A message goes to the case: what was passed up is taken back."""
    task = world.pass_up(world.file(), "grid_member")
    return on_task(task, "withdraw", "grid_member", reason="可以自行处置")


def a_return(world: World) -> Request:
    """A case goes back to the previous holder."""
    number = world.report()
    world.pass_up(number, "village_assistant")
    return on_task(world.task(number)["id"], "return", "station", reason="请先核对地点")


def a_wish_for_time(world: World) -> Request:
    """A side task begins beside the case."""
    number = world.file("station")
    world.accept(number, "station")
    return on_task(world.task(number)["id"], "extend", "station", reason="等待检验结果")


def a_grant_of_time(world: World) -> Request:
    """The answer to a side task lengthens another task: two writes in one step."""
    asked = a_wish_for_time(world)
    number = world.done(asked.send(world))["number"]
    task = world.task(number, "answer")
    who = task["holder"]["post"].partition(":")[0]
    return Request(
        f"/tasks/{task['id']}/complete",
        who,
        {"form": {"opinion": "agree", "reply": "同意"}},
        key="another-key",
    )


def a_pause(world: World) -> Request:
    """A clock stops."""
    number = world.file("station")
    world.accept(number, "station")
    return on_task(world.task(number)["id"], "pause", "station", reason="等待补充材料")


def a_merge(world: World) -> Request:
    """A case ends as part of another."""
    first, second = world.file(), world.file()
    body = {"into": first, "reason": "同一事件"}
    return Request(f"/cases/{second}/merge", "supervisor", body)


def a_split(world: World) -> Request:
    """A case becomes several."""
    number = world.report()
    part = {"kind": ["tip"], "description": "示例", "channel": "web", "area": VILLAGE}
    body = {"parts": [part, part], "reason": "两件事"}
    return Request(f"/cases/{number}/split", "supervisor", body)


def a_reopening(world: World) -> Request:
    """A closed case runs again."""
    number = closing(world)
    task = world.task(number, "verify")
    who = task["holder"]["post"].partition(":")[0]
    world.do(number, who, "verify", verify_result="passed")
    return Request(f"/cases/{number}/reopen", "supervisor", {"reason": "再次发现"})


def a_chase(world: World) -> Request:
    """The holders are reminded."""
    return Request(f"/cases/{world.file()}/chase", "supervisor", {"text": "请尽快办理"})


def closing(world: World) -> str:
    """A case that waits for nothing but its verification."""
    number = world.file()
    world.climb(number, to="station")
    world.resolve(number, "station", **RESOLVED)
    return number


SCENES: dict[str, Scene] = {
    scene.__name__: scene
    for scene in (
        a_report,
        a_tip,
        a_report_on_two_tracks,
        a_report_with_a_photo,
        an_acceptance,
        a_passing_up,
        an_ending,
        a_claim,
        a_withdrawal,
        a_return,
        a_wish_for_time,
        a_grant_of_time,
        a_pause,
        a_merge,
        a_split,
        a_reopening,
        a_chase,
    )
}
