"""Every write route leaves a trace: an entry of a case's file, or one of the audit log (R70)."""

import inspect
import io
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from api.resources.tasks.actions import ACTIONS
from engine.background.incidents import note_guessing
from tests.api.conftest import RESOLVED, Api
from tests.api.test_walk import PASS_UP, walk_to_the_station
from tests.api.uploads import UNIT, checked, lines_of, shop

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
TRACE = re.compile(r'insert into "?(case_event|audit_event)\b', re.IGNORECASE)
KEEPS = ("keep_on_file(", "put_on_file(", ".runner")
"""What the source of a view says when it puts its act on file, or moves a case."""

WITHOUT_A_TRACE = {
    "map_places.find": "nothing is stored: it finds the village of a position",
    "messages.read_all": "each notification keeps itself when it was read first",
    "messages.read_message": "the notification keeps itself when it was read first",
    "process_checks.check": "nothing is stored: drawings are checked in memory",
}
"""Routes that leave none, each with the reason."""


def endpoints(app: Flask) -> Iterator[str]:
    """The write routes of the API, by their names."""
    for rule in app.url_map.iter_rules():
        if WRITES & set(rule.methods or ()) and not rule.endpoint.startswith("web."):
            yield rule.endpoint


def source(app: Flask, endpoint: str) -> str:
    """What a route does, with the helpers of its module; acts on tasks share one view."""
    name = endpoint.removeprefix("tasks.").removesuffix("_task")
    if endpoint.startswith("tasks.") and name in ACTIONS:
        act = ACTIONS[name][0]
        return inspect.getsource(act.func if isinstance(act, partial) else act)
    view: Any = inspect.unwrap(app.view_functions[endpoint])
    own = [view.__globals__.get(name) for name in view.__code__.co_names if name.startswith("_")]
    return "".join(inspect.getsource(part) for part in [view, *own] if inspect.isfunction(part))


def test_each_write_route_moves_a_case_or_puts_its_act_on_file(api: Api) -> None:
    """R70: a new write route does either, or says above why not."""
    bare = {
        endpoint
        for endpoint in endpoints(api.app)
        if not any(words in source(api.app, endpoint) for words in KEEPS)
    }

    assert len(list(endpoints(api.app))) > 80
    assert bare - {"tasks.bulk"} == set(WITHOUT_A_TRACE)


class Walk:
    """Writes one after another, each of which has to work and to leave a trace."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.untraced: list[str] = []
        self.done: set[str] = set()

    def write(self, method: str, path: str, who: str | None, body: Any = None, **more: Any) -> Any:
        """Write, and note the route where nothing was put on file."""
        sent = more or {"json": body or {}}
        with self.api.database.counting() as count:
            answer = self.api.send(method, path, who, **sent)
        assert answer.status_code < 300, (method, path, answer.get_json(silent=True))
        if not any(TRACE.match(text) for text in count.statements):
            self.untraced.append(f"{method} {path}")
        adapter = self.api.app.url_map.bind("localhost")
        self.done.add(str(adapter.match(f"/api/v1{path}", method=method)[0]))
        return answer.get_json(silent=True)


def own_settings(walk: Walk) -> None:
    walk.write("POST", "/tokens", None, {"username": "station_officer", "password": "hangji-demo"})
    address = {"email": "somebody@mail.example", "phone": "13800000000"}
    walk.write("PUT", "/me/address", "station_officer", address)
    hours = {"quiet_from": "22:00", "quiet_to": "06:30"}
    walk.write("PUT", "/me/quiet-hours", "station_officer", hours)
    view = walk.write("POST", "/views", "station_officer", {"name": "本周", "query": "view=mine"})
    walk.write("DELETE", f"/views/{view['id']}", "station_officer")


def long_work(walk: Walk) -> None:
    work = walk.write("POST", "/operations", "supervisor", {"kind": "verify_case_files"})
    walk.write("POST", f"/operations/{work['id']}/cancel", "supervisor")
    batch = checked(walk.api, lines_of(shop("示例小店")))["id"]
    walk.write("POST", f"/imports/{batch}/check", "registry_keeper", {"mapping": {}})
    with walk.api.database.transaction() as session:
        ident = note_guessing(session, 1, "unit_leader", 30, now=walk.api.clock.now())
    walk.write("POST", f"/incidents/{ident}/retry", "supervisor")


def in_the_field(walk: Walk) -> None:
    photo = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(photo, "JPEG")
    file = {"file": (io.BytesIO(photo.getvalue()), "photo.jpg", "image/jpeg")}
    multipart = "multipart/form-data"
    walk.write("POST", "/attachments", "grid_member", data=file, content_type=multipart)
    shops = walk.api.get("/businesses", "grid_member").get_json()["items"]
    walk.write("POST", "/patrols", "grid_member", {"business": shops[0]["id"], "result": "none"})
    report = {"matter": "L01", "area": UNIT, "description": "摊贩", "no_photo_reason": "无"}
    walk.write("POST", "/reports", "grid_member", report)


def on_tasks(walk: Walk) -> None:
    api = walk.api
    number = api.report("grid_member", matter="L01")
    api.accept(number, "grid_member")
    path = f"/tasks/{api.task(number)['id']}"
    walk.write("PUT", f"{path}/draft", "grid_member", {"form": RESOLVED})
    walk.write("POST", f"{path}/release", "grid_member")
    walk.write("POST", f"{path}/claim", "grid_member")
    walk.write("POST", f"{path}/pause", "grid_member", {"reason": "等待材料"})
    walk.write("POST", f"{path}/resume", "grid_member")
    walk.write("POST", f"{path}/complete", "grid_member", {"form": PASS_UP})
    up = f"/tasks/{api.task(number)['id']}"
    bulk = {"action": "claim", "tasks": [{"id": api.task(number)["id"]}]}
    walk.write("POST", "/tasks/bulk", "grid_leader", bulk)
    walk.write("POST", f"{up}/release", "grid_leader")


def on_cases(walk: Walk) -> None:
    number, other = walk_to_the_station(walk.api), walk.api.report("grid_member")
    asked = {"posts": ["grid_leader:350322100001001"], "question": "请会商"}
    for name in ("consult", "countersign", "assist"):
        key = _first(walk.api, number)
        walk.write("POST", f"/tasks/{key}/{name}", "station_officer", asked)
    for name in ("note", "chase", "supervise"):
        walk.write("POST", f"/cases/{number}/{name}", "supervisor", {"text": "请尽快"})
    merge = {"into": number, "reason": "同一件事"}
    walk.write("POST", f"/cases/{other}/merge", "supervisor", merge)


def _first(api: Api, number: str) -> str:
    tasks = api.get(f"/cases/{number}", "supervisor").get_json()["tasks"]
    return str(next(task["id"] for task in tasks if task["holder"]["post"].startswith("station")))


@pytest.mark.parametrize("acts", [own_settings, long_work, in_the_field, on_tasks, on_cases])
def test_what_a_write_changes_is_put_on_file_with_it(api: Api, acts: Any) -> None:
    """R70: own settings, drafts, long work and visits, and what people do with tasks and cases."""
    walk = Walk(api)

    acts(walk)

    assert walk.untraced == []
    assert len(walk.done) > 2


def test_a_second_draft_of_a_task_and_a_repeated_write_leave_no_second_trace(api: Api) -> None:
    number = api.report("grid_member", matter="L01")
    api.accept(number, "grid_member")
    path = f"/tasks/{api.task(number)['id']}/draft"

    for measures in ("一", "二"):
        api.send("PUT", path, "grid_member", json={"form": {**RESOLVED, "measures": measures}})
    acts = api.get("/audit?action=draft_begun", "admin_audit").get_json()["items"]

    assert len(acts) == 1
    assert "一" not in str(acts[0]["data"]), "what is typed stays with its task"
