"""Asking beside the owner: more time, advice, agreement; the owner's work goes on."""

from typing import Any

import pytest

from tests.api.conftest import Api
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
