"""Asking beside the owner: more time, advice, agreement; the owner's work goes on."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.test_left_behind import deliver
from tests.api.test_walk import walk_to_the_station

COUNTY = "county:J-350322"


def ask(api: Api, number: str, action: str, body: dict[str, Any]) -> dict[str, Any]:
    """Let the station ask; gives the side task that came of it."""
    task = next(one for one in open_tasks(api, number) if one["process"] == "handling")
    answer = api.post(f"/tasks/{task['id']}/{action}", body, "station_officer")
    assert answer.status_code == 200, answer.get_json()
    return next(one for one in open_tasks(api, number) if one["process"] == "side_task")


def open_tasks(api: Api, number: str) -> list[dict[str, Any]]:
    """The open tasks of a case."""
    return list(api.get(f"/cases/{number}", "supervisor").get_json()["tasks"])


def handling(api: Api, number: str) -> dict[str, Any]:
    """The owner's own task."""
    return next(task for task in open_tasks(api, number) if task["process"] == "handling")


def test_an_extension_moves_the_deadline_once_the_level_above_says_yes(api: Api) -> None:
    """延期: the clock runs on until it says yes."""
    number = walk_to_the_station(api)
    before = handling(api, number)["due_at"]

    side = ask(api, number, "extend", {"reason": "等待检验结果"})
    asked = handling(api, number)["due_at"]
    answer = api.post(
        f"/tasks/{side['id']}/complete",
        {"form": {"opinion": "agree", "reply": "同意延期"}},
        "county_officer",
    )

    assert side["holder"]["post"] == COUNTY
    assert asked == before
    assert answer.status_code == 200, answer.get_json()
    assert handling(api, number)["due_at"] > before


def test_more_time_is_asked_for_before_the_limit_passes(api: Api) -> None:
    """What is late stays late: no extension asked for afterwards takes it out of the numbers."""
    number = walk_to_the_station(api)
    task = handling(api, number)
    api.clock.set(datetime.fromisoformat(task["due_at"]) + timedelta(hours=2))
    offered = api.get(f"/tasks/{task['id']}", "station_officer").get_json()["allowed_actions"]

    late = api.post(f"/tasks/{task['id']}/extend", {"reason": "等待检验"}, "station_officer")

    assert "extend" not in offered
    assert (late.status_code, late.get_json()["code"]) == (409, "extension_too_late")


@pytest.mark.parametrize(("opinion", "told"), [("agree", "agreed"), ("disagree", "refused")])
def test_who_asked_for_more_time_hears_whether_there_is(api: Api, opinion: str, told: str) -> None:
    number = walk_to_the_station(api)
    side = ask(api, number, "extend", {"reason": "等待检验结果"})

    form = {"opinion": opinion, "reply": "已研究"}
    api.post(f"/tasks/{side['id']}/complete", {"form": form}, "county_officer")
    deliver(api)

    box = api.get("/messages", "station_officer").get_json()["items"]
    assert f"extension_{told}" in [each["template"] for each in box]


@pytest.mark.parametrize("action", ["consult", "countersign", "assist"])
def test_who_is_asked_answers_and_the_owner_stays(api: Api, action: str) -> None:
    """R27, R69."""
    number = walk_to_the_station(api)
    body = {"posts": [COUNTY], "question": "请提意见", "due_at": "2026-03-06T18:00:00+08:00"}

    side = ask(api, number, action, body)
    theirs = api.get(f"/tasks/{side['id']}", "county_officer").get_json()
    answer = api.post(
        f"/tasks/{side['id']}/complete",
        {"form": {"opinion": "agree", "reply": "同意"}},
        "county_officer",
    )

    case = api.get(f"/cases/{number}", "supervisor").get_json()
    assert "complete" in theirs["allowed_actions"]
    assert answer.status_code == 200, answer.get_json()
    assert (case["owner_level"], len(case["tasks"])) == ("station", 1)


def test_asking_a_post_that_is_not_there_is_refused(api: Api) -> None:
    number = walk_to_the_station(api)
    task = handling(api, number)

    answer = api.post(
        f"/tasks/{task['id']}/assist",
        {"posts": ["county:NOWHERE"], "question": "请协助"},
        "station_officer",
    )

    assert answer.status_code in {404, 422}


def test_who_chose_to_wait_does_not_finish_before_the_answer(api: Api) -> None:
    """R69: the owner is not held up, unless they chose so."""
    number = walk_to_the_station(api)
    done = {"form": {"outcome": "resolved", "measures": "已整改"}}
    side = ask(api, number, "consult", {"posts": [COUNTY], "question": "请提意见", "wait": True})
    task = handling(api, number)["id"]

    offered = api.get(f"/tasks/{task}", "station_officer").get_json()["allowed_actions"]
    early = api.post(f"/tasks/{task}/complete", done, "station_officer")
    answered = api.post(
        f"/tasks/{side['id']}/complete", {"form": {"opinion": "agree"}}, "county_officer"
    )
    then = api.post(f"/tasks/{task}/complete", done, "station_officer")

    assert ("go_on" in offered, "complete" in offered) == (True, False)
    assert (early.status_code, early.get_json()["code"]) == (409, "answers_awaited")
    assert (answered.status_code, then.status_code) == (200, 200)


def test_who_waits_may_go_on_after_all(api: Api) -> None:
    """R69: it is the owner's choice, and on file."""
    number = walk_to_the_station(api)
    ask(api, number, "assist", {"posts": [COUNTY], "question": "请协助", "wait": True})
    task = handling(api, number)["id"]

    stopped = api.post(f"/tasks/{task}/go_on", {}, "station_officer")
    again = api.post(f"/tasks/{task}/go_on", {}, "station_officer")
    done = {"form": {"outcome": "resolved", "measures": "已整改"}}
    then = api.post(f"/tasks/{task}/complete", done, "station_officer")

    assert (stopped.status_code, again.status_code, then.status_code) == (200, 409, 200)
    kinds = [
        each["kind"] for each in api.get(f"/cases/{number}/events", "supervisor").json["items"]
    ]
    assert kinds.index("answers_awaited") < kinds.index("waiting_ended")


def test_the_minutes_of_a_consultation_stand_in_the_case_file(api: Api) -> None:
    """R69: participants and what came of it."""
    number = walk_to_the_station(api)
    said = {"participants": "市场监管所、县局", "text": "商定周五复查"}
    task = handling(api, number)["id"]

    written = api.post(f"/tasks/{task}/minutes", said, "station_officer")
    of_others = api.post(f"/tasks/{task}/minutes", said, "county_officer")

    entries = api.get(f"/cases/{number}/events", "supervisor").get_json()["items"]
    (minutes,) = [each["data"] for each in entries if each["kind"] == "minutes_written"]
    assert (written.status_code, of_others.status_code) == (200, 403)
    assert (minutes["participants"], minutes["text"]) == (said["participants"], said["text"])


def test_a_colleague_of_ones_own_office_is_asked_by_name(api: Api) -> None:
    """R69: the colleague answers, who asked does not do it for them, the file names both."""
    number = walk_to_the_station(api)
    task = handling(api, number)["id"]
    (choice,) = api.get(f"/tasks/{task}/colleagues", "station_officer").get_json()["own_office"]
    colleague = f"officer:{choice['id']}"

    side = ask(api, number, "consult", {"posts": [colleague], "question": "请看看照片"})
    form = {"form": {"opinion": "agree", "reply": "是过期食品"}}
    own = api.get(f"/tasks/{side['id']}", "station_officer").get_json()["allowed_actions"]
    by_asker = api.post(f"/tasks/{side['id']}/complete", form, "station_officer")
    released = api.post(f"/tasks/{side['id']}/release", {}, "station_officer2")
    taken = api.post(f"/tasks/{side['id']}/claim", {}, "station_officer")
    answered = api.post(f"/tasks/{side['id']}/complete", form, "station_officer2")

    assert (choice["name"], choice["post"]) == ("演示市管所02", "枫亭市场监管所")
    assert (side["holder"]["post"], own) == ("station:ST-350322100", [])
    assert (by_asker.status_code, released.status_code, taken.status_code) == (403, 200, 403)
    assert answered.status_code == 200, answered.get_json()
    entries = api.get(f"/cases/{number}/events", "supervisor").get_json()["items"]
    (asked,) = [each["data"] for each in entries if each["kind"] == "side_task_asked"]
    assert asked["posts"] == [colleague]


@pytest.mark.parametrize("who", ["station_officer", "county_officer", "nobody"])
def test_only_a_colleague_of_the_own_office_is_asked_by_name(api: Api, who: str) -> None:
    """Not oneself, not somebody of another office: those are asked by their post."""
    number = walk_to_the_station(api)
    officer = 10**9 if who == "nobody" else api.get("/me", who).get_json()["id"]
    body = {"posts": [f"officer:{officer}"], "question": "请提意见"}

    answer = api.post(f"/tasks/{handling(api, number)['id']}/consult", body, "station_officer")

    assert (answer.status_code, answer.get_json()["code"]) == (409, "not_of_own_office")
    assert len(open_tasks(api, number)) == 1
