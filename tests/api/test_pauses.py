"""Stopping the clock of a task: with a reason, until a day, and without wiping what was late."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.background.firing import run_due
from tests.api.conftest import Api
from tests.api.test_tasks import act, told
from tests.api.test_walk import walk_to_the_station


def run(api: Api) -> None:
    """Let the scheduler do what is due."""
    run_due(api.composition.database, api.composition.runner)


def test_a_clock_stops_with_a_reason_and_runs_on(api: Api) -> None:
    """缓办."""
    number = walk_to_the_station(api)
    task = api.task(number)
    paused = act(api, task["id"], "pause", "station_officer", {"reason": "等待检验"})
    api.clock.advance(timedelta(days=29))
    waiting = api.get(f"/tasks/{task['id']}", "station_officer").get_json()

    resumed = act(api, task["id"], "resume", "station_officer")

    after = api.get(f"/tasks/{task['id']}", "station_officer").get_json()
    assert (paused.status_code, resumed.status_code) == (200, 200)
    assert (waiting["is_overdue"], waiting["paused_at"] is not None) == (False, True)
    assert after["due_at"] > task["due_at"]


def test_a_pause_has_a_reason_in_words_and_ends_within_the_citys_days(api: Api) -> None:
    task = api.task(walk_to_the_station(api))["id"]
    bodies = (
        {"reason": "忙"},
        {"reason": "等待检验", "until": "2026-03-01T23:59:00+08:00"},
        {"reason": "等待检验", "until": "2026-09-01T23:59:00+08:00"},
    )

    refused = [told(act(api, task, "pause", "station_officer", body)) for body in bodies]

    assert refused == [(422, "form_invalid"), (409, "pause_too_long"), (409, "pause_too_long")]


def test_a_pause_that_is_over_ends_by_rule(api: Api) -> None:
    number = walk_to_the_station(api)
    task = api.task(number)["id"]
    until = (api.clock.now() + timedelta(days=3)).isoformat()
    act(api, task, "pause", "station_officer", {"reason": "等待检验", "until": until})

    api.clock.advance(timedelta(days=2))
    run(api)
    before = api.get(f"/tasks/{task}", "station_officer").get_json()["paused_at"]
    api.clock.advance(timedelta(days=1))
    run(api)

    after = api.get(f"/tasks/{task}", "station_officer").get_json()
    assert before is not None
    assert (after["paused_at"], after["paused_until"]) == (None, None)


def test_what_was_late_stays_late_while_it_is_paused_and_after(api: Api) -> None:
    number = walk_to_the_station(api)
    task = api.task(number)
    api.clock.set(datetime.fromisoformat(task["due_at"]) + timedelta(days=1))
    run(api)

    act(api, task["id"], "pause", "station_officer", {"reason": "等待检验"})
    paused = api.get(f"/tasks/{task['id']}", "station_officer").get_json()
    act(api, task["id"], "resume", "station_officer")

    after = api.get(f"/tasks/{task['id']}", "station_officer").get_json()
    assert [one["is_overdue"] for one in (paused, after)] == [True, True]
    assert after["due_at"] == task["due_at"]


def test_an_alert_counted_in_minutes_cannot_be_paused(api: Api) -> None:
    number = api.report("grid_member", matter="X01")
    alert = next(
        one
        for one in api.get("/tasks", "station_officer").get_json()["items"]
        if one["case"]["number"] == number and one["form"] == "acknowledge"
    )
    offered = api.get(f"/tasks/{alert['id']}", "station_officer").get_json()["allowed_actions"]

    answer = act(api, alert["id"], "pause", "station_officer", {"reason": "等待检验"})

    assert "pause" not in offered
    assert told(answer) == (409, "not_to_be_paused")


def test_a_clock_stops_only_so_often_then_more_time_is_asked_for(api: Api) -> None:
    """Nobody's consent is needed for a pause: as often as one wants it would be no limit at all."""
    task = api.task(walk_to_the_station(api))["id"]
    answers = []
    for _ in range(3):
        offered = api.get(f"/tasks/{task}", "station_officer").get_json()["allowed_actions"]
        paused = act(api, task, "pause", "station_officer", {"reason": "等待检验"})
        answers.append(("pause" in offered, paused.status_code))
        act(api, task, "resume", "station_officer")

    again = act(api, task, "pause", "station_officer", {"reason": "等待检验"})

    assert answers == [(True, 200), (True, 200), (False, 409)]
    assert told(again) == (409, "paused_too_often")
    assert "已经缓办 2 次" in again.get_json()["detail"]
    assert "申请延期，由上一级决定" in again.get_json()["detail"]


@pytest.mark.parametrize(
    ("who", "report"),
    [("county_officer", {"matter": "X01"}), ("grid_member", {"matter": "H01", "urgent": True})],
)
def test_neither_an_emergency_nor_pressing_work_is_paused(
    api: Api, who: str, report: dict[str, Any]
) -> None:
    """突发, 加急: also where their limits are in hours and days."""
    number = api.report("grid_member", **report)
    task = next(
        one
        for one in api.get("/tasks", who).get_json()["items"]
        if one["case"]["number"] == number and one["form"] != "acknowledge"
    )
    offered = api.get(f"/tasks/{task['id']}", who).get_json()["allowed_actions"]

    answer = act(api, task["id"], "pause", who, {"reason": "等待检验"})

    assert "pause" not in offered
    assert told(answer) == (409, "not_to_be_paused")
    assert "突发事项和加急事项不能缓办" in answer.get_json()["detail"]
