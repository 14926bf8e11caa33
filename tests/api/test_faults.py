"""A fault of ours in the middle of a step: the case is as it was, and somebody is told."""

from types import ModuleType
from typing import Any

import pytest

from api.composition import handler_modules
from engine.contract import user_task
from tests.api.conftest import RESOLVED, Api

CANARY = "金丝雀-in-a-message"
FAILS = {"now": True}


@pytest.fixture
def modules() -> dict[str, ModuleType]:
    """The shipped handlers, with one that raises while `FAILS` says so."""
    FAILS["now"] = True
    shipped = handler_modules()
    broken = ModuleType("handling")
    vars(broken).update(vars(shipped["handling"]))
    works = shipped["handling"].resolve_or_pass_up

    @user_task()
    def resolve_or_pass_up(case: Any, form: Any, *, officer: Any) -> Any:
        """处置，但出错。"""  # noqa: D415 - Chinese ends with 。
        if FAILS["now"]:
            raise ZeroDivisionError(CANARY)
        return works(case, form, officer=officer)

    vars(broken)["resolve_or_pass_up"] = resolve_or_pass_up
    return {**shipped, "handling": broken}


def test_a_handler_that_raises_leaves_the_case_and_an_incident(api: Api) -> None:
    number = api.report("grid_member")
    task = api.task(number)["id"]
    before = api.get(f"/cases/{number}/events", "supervisor").get_json()

    answer = api.post(f"/tasks/{task}/complete", {"form": RESOLVED}, "grid_member")

    told = answer.get_json()
    incidents = api.get("/incidents", "supervisor").get_json()["items"]
    assert (answer.status_code, told["code"]) == (500, "step_failed")
    assert CANARY not in answer.get_data(as_text=True)
    assert api.get(f"/cases/{number}/events", "supervisor").get_json() == before
    assert [(incident["case"], incident["error_code"]) for incident in incidents] == [
        (number, "fault")
    ]
    assert CANARY not in str(incidents)
    assert api.task(number)["id"] == task


def test_a_supervisor_lets_the_step_go_again_once_it_works(api: Api) -> None:
    number = api.report("grid_member")
    task = api.task(number)["id"]
    api.post(f"/tasks/{task}/complete", {"form": RESOLVED}, "grid_member")
    incident = api.get("/incidents", "supervisor").get_json()["items"][0]["id"]

    still = api.post(f"/incidents/{incident}/retry", {}, "supervisor")
    FAILS["now"] = False
    done = api.post(f"/incidents/{incident}/retry", {}, "supervisor")
    twice = api.post(f"/incidents/{incident}/retry", {}, "supervisor")

    assert still.status_code == 500
    assert (done.status_code, done.get_json()["state"]) == (200, "resolved")
    assert (twice.status_code, twice.get_json()["code"]) == (409, "already_resolved")
    assert api.task(number)["name"] == "verify"


def test_other_cases_go_on_while_one_fails(api: Api) -> None:
    api.report("grid_member")
    relayed = api.report("station_officer", matter="other")

    assert api.task(relayed)["name"] == "triage"


def test_a_fault_in_a_bulk_stops_no_other_task(api: Api) -> None:
    """`reliability.md` section 1: a case that fails stops nobody else."""
    failing = api.task(api.report("grid_member"))["id"]
    relayed = api.task(api.report("grid_member", matter="other"))["id"]
    body = {
        "action": "complete",
        "tasks": [
            {"id": failing, "form": RESOLVED},
            {"id": relayed, "form": {}},
        ],
    }

    items = api.post("/tasks/bulk", body, "grid_member").get_json()["items"]

    incidents = api.get("/incidents", "supervisor").get_json()["items"]
    assert [one["status"] for one in items] == [500, 403]
    assert items[0]["problem"]["code"] == "step_failed"
    assert len(incidents) == 1
    assert CANARY not in str(items)


def test_a_metric_counts_open_incidents(api: Api) -> None:
    task = api.task(api.report("grid_member"))["id"]
    api.post(f"/tasks/{task}/complete", {"form": RESOLVED}, "grid_member")

    assert "hangji_open_incidents 1.0" in api.get("/metrics").get_data(as_text=True)
