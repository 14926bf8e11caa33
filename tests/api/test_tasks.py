"""What people do with a task, and what they are told when they may not."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.conftest import RESOLVED, Api
from tests.api.test_walk import PASS_UP, walk_to_the_station


def act(api: Api, task: str, action: str, who: str, body: Any = None, **more: Any) -> Any:
    """Do something with a task."""
    return api.post(f"/tasks/{task}/{action}", body, who, **more)


def told(answer: Any) -> tuple[int, str]:
    """Status and word of a refusal."""
    return answer.status_code, answer.get_json().get("code", "")


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def test_the_inbox_lists_what_is_mine_by_due_time(api: Api) -> None:
    numbers = [api.report("grid_member"), api.report("grid_member", urgent=True)]

    mine = api.get("/tasks?mine=true", "grid_member").get_json()["items"]
    others = api.get("/tasks?mine=true", "grid_leader").get_json()["items"]
    visible = api.get("/tasks", "grid_leader").get_json()["items"]

    assert [one["case"]["number"] for one in mine] == numbers[::-1]
    assert mine[0]["due_at"] < mine[1]["due_at"]
    assert mine[0]["due_at"].endswith("+08:00")
    assert others == []
    assert len(visible) == 2


def test_the_inbox_comes_page_by_page_with_cursors_of_ours_only(api: Api) -> None:
    for _ in range(5):
        api.report("grid_member")

    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(f"/tasks?limit=2{cursor}", "grid_member").get_json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"] and f"&cursor={page['next']}"
    forged = api.get("/tasks?cursor=WyIyMDI2IiwxLCIxIl0", "grid_member")

    assert len(seen) == len(set(seen)) == 5
    assert told(forged) == (422, "bad_cursor")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("process=handling", 1),
        ("process=escalation", 0),
        ("task=resolve_or_pass_up", 1),
        ("matter=L01", 1),
        ("matter=L02", 0),
        ("area=350322100", 1),
        ("area=350322000000", 1),
        ("area=350302", 0),
        ("overdue=true", 0),
        ("due_before=2026-03-02T09:00:00%2B08:00", 0),
        ("due_before=2026-04-02T09:00:00%2B08:00", 1),
        ("state=done", 0),
    ],
)
def test_the_inbox_is_filtered(api: Api, query: str, found: int) -> None:
    api.report("grid_member")

    items = api.get(f"/tasks?{query}", "station_officer").get_json()["items"]

    assert len(items) == found


def test_an_overdue_task_says_so(api: Api) -> None:
    api.report("station_officer", matter="L03")
    api.clock.advance(timedelta(days=20))

    items = api.get("/tasks?overdue=true", "station_officer").get_json()["items"]

    assert [one["is_overdue"] for one in items] == [True]


def test_a_task_says_who_holds_it_why_and_what_may_be_done(api: Api) -> None:
    number = walk_to_the_station(api)
    task = api.task(number)["id"]

    shown = api.get(f"/tasks/{task}", "station_officer")

    one = shown.get_json()
    assert shown.headers["ETag"] == f'"{one["version"]}"'
    assert (one["case"]["number"], one["name"], one["form"]) == (
        number,
        "resolve_or_pass_up",
        "resolve_or_pass_up",
    )
    assert {who["name"] for who in one["candidates"]} == {"演示市管所01", "演示市管所02"}
    assert {"complete", "extend", "pause", "assist"} <= set(one["allowed_actions"])
    assert one["why"]["rule"] == "owner"
    assert api.get(f"/tasks/{task}", "county_officer").get_json()["allowed_actions"] == []


def test_a_form_offers_what_its_level_may_answer(api: Api) -> None:
    """A1, R03: the station may lead a case, a grid member may not."""
    number = api.report("grid_member")
    api.accept(number, "grid_member")
    at_grid = api.get(f"/tasks/{api.task(number)['id']}/form", "grid_member").get_json()
    at_station = walk_to_the_station(api)
    station = api.get(f"/tasks/{api.task(at_station)['id']}/form", "station_officer").get_json()

    options = [
        {option["value"] for option in field["options"]}
        for form in (at_grid, station)
        for field in form["fields"]
        if field["name"] == "outcome"
    ]
    assert "case_lead" not in options[0]
    assert "case_lead" in options[1]


# ── drafts ───────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_is_kept_for_who_holds_the_task_and_touches_no_case(api: Api) -> None:
    number = api.report("grid_member")
    task = api.task(number)["id"]
    draft = {"form": {"answer": "return", "reason": "想一想"}}

    kept = api.send("PUT", f"/tasks/{task}/draft", "grid_member", json=draft)
    others = api.send("PUT", f"/tasks/{task}/draft", "grid_leader", json=draft)

    assert (kept.status_code, kept.get_data()) == (204, b"")
    assert told(others) == (403, "not_your_task")
    assert api.get(f"/tasks/{task}/form", "grid_member").get_json()["values"] == draft["form"]
    assert api.get(f"/tasks/{task}/form", "grid_leader").get_json()["values"] == {}
    assert api.get(f"/cases/{number}", "grid_member").get_json()["version"] == 1


# ── completing ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"outcome": "perhaps"},
        {"outcome": 1},
        {"outcome": ["resolved"]},
        {"outcome": "resolved"},
        {**RESOLVED, "level": "city"},
        {**RESOLVED, "__builtins__": {}},
        {**RESOLVED, "version": 9},
        {**RESOLVED, "is_filled": True},
        {**RESOLVED, "measures": "x" * 5000},
        {**RESOLVED, "measures": 5},
    ],
)
def test_a_form_that_does_not_fit_is_refused_and_the_case_is_as_it_was(
    api: Api, form: dict[str, Any]
) -> None:
    number = api.report("grid_member")
    task = api.task(number)["id"]

    answer = act(api, task, "complete", "grid_member", {"form": form})

    assert told(answer) == (422, "form_invalid")
    assert all(error["pointer"].startswith("/form/") for error in answer.get_json()["errors"])
    assert api.get(f"/cases/{number}", "grid_member").get_json()["version"] == 1


@pytest.mark.parametrize("body", [{}, {"form": None}, {"form": []}, {"form": "x"}, {"answer": "x"}])
def test_a_completion_without_a_form_is_refused(api: Api, body: dict[str, Any]) -> None:
    task = api.task(api.report("grid_member"))["id"]

    assert told(act(api, task, "complete", "grid_member", body)) == (422, "form_invalid")


def test_passing_up_needs_a_reason_and_stops_at_the_top(api: Api) -> None:
    """R40."""
    number = walk_to_the_station(api)
    bare = act(
        api, api.task(number)["id"], "complete", "station_officer", {"form": {"outcome": "pass_up"}}
    )
    api.complete(number, "station_officer", **PASS_UP)
    for who in ("county_officer", "city_officer"):
        api.accept(number, who)
        if who == "county_officer":
            api.complete(number, who, **PASS_UP)

    top = act(api, api.task(number)["id"], "complete", "city_officer", {"form": PASS_UP})

    assert told(bare) == (422, "form_invalid")
    assert top.status_code in {409, 422}
    if top.status_code == 409:
        assert told(top) == (409, "top_of_chain")
        assert top.get_json()["clause"] == "R40"


def test_a_task_already_done_says_who_and_when(api: Api) -> None:
    number = api.report("grid_member")
    task = api.task(number)["id"]
    api.complete(number, "grid_member", **RESOLVED)

    answer = act(api, task, "complete", "grid_member", {"form": RESOLVED})

    problem = answer.get_json()
    assert told(answer) == (409, "task_closed")
    assert problem["closed_by"] == api.get("/me", "grid_member").get_json()["id"]
    assert problem["closed_at"].startswith("2026-03-02T")


def test_a_deadline_that_has_passed_wins_over_the_form(api: Api) -> None:
    """`reliability.md` row 7: no tick in between."""
    number = api.report("grid_member")
    task = api.task(number)["id"]
    api.clock.advance(timedelta(days=5))

    answer = act(api, task, "complete", "grid_member", {"form": RESOLVED})

    assert told(answer) == (409, "deadline_passed")


def test_if_match_guards_against_a_page_left_open(api: Api) -> None:
    number = api.report("grid_member")
    task = api.task(number)["id"]
    old = {"If-Match": '"1"'}
    api.post(f"/cases/{number}/note", {"text": "已联系"}, "grid_member")

    form = {"form": RESOLVED}
    stale = act(api, task, "complete", "grid_member", form, headers=old)
    claimed = act(api, task, "release", "grid_member", None, headers=old)
    nonsense = act(api, task, "complete", "grid_member", form, headers={"If-Match": "x"})
    right = act(api, task, "complete", "grid_member", form, headers={"If-Match": 'W/"2"'})

    assert told(stale) == told(claimed) == told(nonsense) == (412, "stale")
    assert right.status_code == 200


# ── the other acts ───────────────────────────────────────────────────────────────────────────────


def test_a_task_of_a_post_is_claimed_released_and_handed_on(api: Api) -> None:
    number = api.report("grid_member", matter="L03")
    task = api.task(number)["id"]
    second = api.get(f"/tasks/{task}", "station_officer").get_json()["candidates"][1]["id"]

    claimed = act(api, task, "claim", "station_officer")
    theirs = act(api, task, "claim", "station_officer2")
    handed = act(api, task, "delegate", "station_officer", {"officer": second, "reason": "外出"})
    released = act(api, task, "release", "station_officer2")

    assert [claimed.status_code, handed.status_code, released.status_code] == [200] * 3
    assert told(theirs) == (403, "not_your_task")
    assert api.get(f"/tasks/{task}", "station_officer").get_json()["holder"]["id"] is None


def test_what_was_delegated_is_taken_back_until_it_is_touched(api: Api) -> None:
    """The colleague is told, the file says so, and the owner is the former one again."""
    number = api.report("grid_member", matter="L03")
    task = api.task(number)["id"]
    second = api.get(f"/tasks/{task}", "station_officer").get_json()["candidates"][1]["id"]
    body = {"officer": second, "reason": "外出"}

    act(api, task, "delegate", "station_officer", body)
    offered = api.get(f"/tasks/{task}", "station_officer").get_json()["allowed_actions"]
    of_the_other = api.get(f"/tasks/{task}", "station_officer2").get_json()["allowed_actions"]
    by_the_other = act(api, task, "take_back", "station_officer2")
    taken = act(api, task, "take_back", "station_officer")
    again = act(api, task, "take_back", "station_officer")
    holder = api.get(f"/tasks/{task}", "station_officer").get_json()["holder"]["id"]
    act(api, task, "delegate", "station_officer", body)
    draft = {"form": {"answer": "accept"}}
    api.send("PUT", f"/tasks/{task}/draft", "station_officer2", json=draft)
    too_late = act(api, task, "take_back", "station_officer")

    assert offered == ["take_back"]
    assert "take_back" not in of_the_other
    assert taken.status_code == 200
    assert holder == api.get("/me", "station_officer").get_json()["id"]
    refusals = [by_the_other, again, too_late]
    assert [told(each) for each in refusals] == [(409, "too_late_to_take_back")] * 3
    entries = api.get(f"/cases/{number}/events", "supervisor").get_json()["items"]
    assert "task_taken_back" in [each["kind"] for each in entries]


def test_a_department_event_is_never_delegated_downwards(api: Api) -> None:
    """R26."""
    number = api.report("county_officer", matter="L03")
    task = api.task(number)["id"]
    lower = api.get("/me", "station_officer").get_json()["id"]

    answer = act(api, task, "delegate", "county_officer", {"officer": lower, "reason": "请办理"})

    assert told(answer) == (409, "owner_below_collector")
    assert answer.get_json()["clause"] == "R26"


def test_what_was_passed_up_is_taken_back_before_anyone_accepts(api: Api) -> None:
    """撤回."""
    number = api.report("grid_member")
    api.accept(number, "grid_member")
    task = api.task(number)["id"]
    api.complete(number, "grid_member", **PASS_UP)

    theirs = act(api, task, "withdraw", "grid_leader", {"reason": "我来"})
    back = act(api, task, "withdraw", "grid_member", {"reason": "可以自行处置"})
    again = act(api, task, "withdraw", "grid_member", {"reason": "再来"})

    assert theirs.status_code == 403
    assert back.status_code == 200, back.get_json()
    assert api.task(number)["name"] == "resolve_or_pass_up"
    assert again.status_code == 409


def test_a_helper_is_asked_beside_the_owner(api: Api) -> None:
    """R27: work goes down, ownership does not."""
    number = walk_to_the_station(api)
    task = api.task(number)["id"]
    body = {
        "posts": ["grid_leader:350322100001001"],
        "question": "请协助督促整改",
        "due_at": "2026-03-05T18:00:00+08:00",
    }

    asked = act(api, task, "assist", "station_officer", body)

    case = api.get(f"/cases/{number}", "supervisor").get_json()
    assert asked.status_code == 200, asked.get_json()
    assert {one["process"] for one in case["tasks"]} == {"handling", "side_task"}
    assert case["owner_level"] == "station"


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("return", {}),
        ("withdraw", {"reason": ""}),
        ("extend", {"until": "tomorrow", "reason": "x"}),
        ("pause", None),
        ("delegate", {"officer": "x", "reason": "x"}),
        ("delegate", {"officer": 1}),
        ("assist", {"posts": [], "question": "x"}),
        ("claim", {"surprise": 1}),
    ],
)
def test_an_act_without_what_it_needs_is_refused(api: Api, action: str, body: Any) -> None:
    task = api.task(api.report("grid_member"))["id"]

    assert told(act(api, task, action, "grid_member", body)) == (422, "form_invalid")


def test_a_bulk_answers_for_each_task_by_itself(api: Api) -> None:
    first, second = (api.task(api.report("grid_member"))["id"] for _ in range(2))
    form = {"form": RESOLVED}
    body = {
        "action": "complete",
        "tasks": [
            {"id": first, **form},
            {"id": "999-1", **form},
            {"id": second, "form": {}},
            {"id": second, **form},
        ],
    }

    answer = api.post("/tasks/bulk", body, "grid_member", key="k-1")
    again = api.post("/tasks/bulk", body, "grid_member", key="k-1")
    other = api.post("/tasks/bulk", {**body, "action": "claim"}, "grid_member", key="k-1")

    items = answer.get_json()["items"]
    assert [one["status"] for one in items] == [200, 404, 422, 200]
    assert items[1]["problem"]["code"] == "task_not_found"
    assert items[2]["problem"]["errors"][0]["pointer"] == "/outcome"
    assert items[0]["result"]["next_tasks"][0]["name"] == "verify"
    assert again.get_json() == answer.get_json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert told(other) == (409, "key_reused")


@pytest.mark.parametrize(
    "key", ["1-abc", "9" * 40 + "-1", "1-" + "9" * 40, "", None, 5, {"a": 1}, "1.1"]
)
def test_an_id_that_cannot_be_one_is_answered_for_by_itself(api: Api, key: Any) -> None:
    task = api.task(api.report("grid_member"))["id"]
    form = {"form": RESOLVED}
    body = {"action": "complete", "tasks": [{"id": key, **form}, {"id": task, **form}]}

    items = api.post("/tasks/bulk", body, "grid_member").get_json()["items"]

    assert [one["status"] for one in items] == [404, 200]


@pytest.mark.parametrize("version", ["9" * 40, "9" * 5000, "-1", "", "１"])
def test_a_version_that_cannot_be_one_is_stale(api: Api, version: str) -> None:
    task = api.task(api.report("grid_member"))["id"]
    headers = {"If-Match": f'"{version}"'.encode().decode("latin-1")}

    assert told(act(api, task, "claim", "grid_member", headers=headers)) == (412, "stale")


@pytest.mark.parametrize("action", ["explode", "bulk", ""])
def test_a_bulk_of_an_unknown_act_is_refused(api: Api, action: str) -> None:
    answer = api.post("/tasks/bulk", {"action": action, "tasks": [{"id": "1-1"}]}, "grid_member")

    items = answer.get_json().get("items", [{"status": answer.status_code}])
    assert items[0]["status"] == 422
