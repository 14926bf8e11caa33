"""A diagram that was published and cannot go on: said in words, on the list, the case unhurt.

The check before publishing would refuse most of these; what slips past it must stop nobody else.
"""

from datetime import timedelta
from typing import Any

import pytest

from api.deploying import publish, read_paths
from api.settings import ROOT
from engine.background.scheduler import run_due
from tests.api.conftest import Api
from tests.api.test_public_reports import file, resolve

EXAMPLE = ROOT / "tests" / "web" / "example"
PROCESS = "stall_registration"
DRAWN, TABLE = f"{PROCESS}.bpmn", "stall_risk.dmn"
CONDITION = "risk == 'high'"
DEADLINE = '<spiffworkflow:property name="deadline" value="handle" />'
GRANTED = "stall_answer == 'refused'"

AT_THE_START = {
    "due that has no value": (DRAWN, DEADLINE, DEADLINE.replace("deadline", "due"), "due_unusable"),
    "due that is no time": (
        DRAWN,
        DEADLINE,
        '<spiffworkflow:property name="due" value="goods" />',
        "due_unusable",
    ),
    "a step without a limit": (DRAWN, DEADLINE, DEADLINE.replace("handle", "nosuch"), "no_row"),
    "a timer that is no time": (DRAWN, '"P5D"', "goods", "timer_unreadable"),
    "a timer of an unknown variable": (DRAWN, '"P5D"', "nowhere", "unknown_name"),
    "named post not named": (DRAWN, 'name="市场监管所"', 'name="指定岗"', "post_not_named"),
    "a lane of nobody": (DRAWN, 'name="市场监管所"', 'name="核查岗"', "lane_without_post"),
    "comparison of types": (DRAWN, CONDITION, "risk &gt; 3", "type"),
    "unknown variable": (DRAWN, CONDITION, "nothing == 'x'", "unknown_name"),
    "unknown variable in a property": (
        DRAWN,
        'name="beside" value="yes"',
        'name="beside" value="= nothing"',
        "unknown_name",
    ),
    "table that is not there": (DRAWN, ">stall_risk<", ">no_risk<", "diagram"),
    "no row": (TABLE, '<text>"cooked"</text>', '<text>"raw"</text>', "no_row"),
    "two rows": (TABLE, '<text>"packaged"</text>', '<text>"cooked"</text>', "decision_ambiguous"),
    "a reminder of no trigger": (
        "chase.dmn",
        '"fraction_of_limit_used"',
        '"some_day"',
        "chase_unusable",
    ),
    "unknown variable in a table": (TABLE, '<text>"high"</text>', "<text>high</text>", ""),
}


def draw(api: Api, name: str = DRAWN, drawn: str = "", wrong: str = "") -> None:
    """Publish the example with one thing drawn wrongly, past the check."""
    files = read_paths([ROOT / "bpmn", EXAMPLE])
    assert not drawn or drawn in files[name]
    files[name] = files[name].replace(drawn, wrong) if drawn else files[name]
    with api.database.transaction() as session:
        publish(session, files, by="tests", now=api.clock.now())


def start(api: Api, goods: str = "cooked", query: str = "", **more: Any) -> Any:
    form = {"stall_name": "南门烧烤摊", "goods": goods, "about": "夜市。"}
    return api.post(f"/processes/{PROCESS}/cases{query}", form, "grid_member", **more)


def incidents(api: Api) -> list[dict[str, Any]]:
    """What the supervisor is shown."""
    return list(api.get("/incidents", "supervisor").get_json()["items"])


@pytest.mark.parametrize("wrong", AT_THE_START)
def test_a_start_that_is_drawn_wrongly_is_told_in_words_and_noted(api: Api, wrong: str) -> None:
    name, drawn, instead, code = AT_THE_START[wrong]
    draw(api, name, drawn, instead)
    before = api.get("/cases", "supervisor").get_json()["items"]

    rehearsed = start(api, query="?dry_run=true")
    noted_by_rehearsal = incidents(api)
    told = start(api)
    start(api)

    problem = told.get_json()
    assert (rehearsed.status_code, told.status_code) == (409, 409)
    assert rehearsed.get_json()["code"] == problem["code"]
    assert not code or problem["code"] == code
    assert "临时摊位备案" in problem["detail"]
    assert "重新发布" in problem["detail"]
    assert problem["element"] in drawn or problem["element"] in problem["detail"]
    assert api.get("/cases", "supervisor").get_json()["items"] == before
    assert noted_by_rehearsal == []
    assert [(incident["case"], incident["attempts"]) for incident in incidents(api)] == [(None, 2)]


def test_a_fault_of_a_drawing_is_told_in_english_too(api: Api) -> None:
    draw(api, DRAWN, CONDITION, "risk &gt; 3")

    problem = start(api, headers={"Accept-Language": "en"}).get_json()

    assert "cannot go on at is_the_risk_high" in problem["detail"]
    assert "an analyst mends this place" in problem["detail"]


@pytest.mark.parametrize("memo", [True, False], ids=["memoized", "plain"])
@pytest.mark.parametrize("code", ["type", "no_form"])
def test_a_step_that_is_drawn_wrongly_leaves_the_case_and_an_incident(
    api: Api, code: str, *, memo: bool
) -> None:
    object.__setattr__(api.composition.runner, "is_memoized", memo)
    wrong = (GRANTED, "stall_answer &gt; 3") if code == "type" else ('"stall_answer"', '"nowhere"')
    draw(api, DRAWN, *wrong)
    number = start(api, "packaged").get_json()["number"]
    before = api.get(f"/cases/{number}/events", "supervisor").get_json()
    task = api.task(number)
    body = {"form": {"stall_answer": "granted"}}

    rehearsed = api.post(f"/tasks/{task['id']}/complete?dry_run=true", body, "grid_leader")
    told = api.post(f"/tasks/{task['id']}/complete", body, "grid_leader")
    many = {"action": "complete", "tasks": [{"id": task["id"], **body}]}
    rehearsed_many = api.post("/tasks/bulk?dry_run=true", many, "grid_leader").get_json()
    of_many = api.post("/tasks/bulk", many, "grid_leader").get_json()["items"][0]

    place = "is_it_granted" if code == "type" else "confirm_stall"
    assert [one.status_code for one in (rehearsed, told)] == [409, 409]
    assert told.get_json()["element"] == place
    assert [rehearsed_many["items"][0]["status"], of_many["status"]] == [409, 409]
    assert api.get(f"/cases/{number}/events", "supervisor").get_json() == before
    assert api.task(number) == task
    noted = incidents(api)
    assert [(one["case"], one["attempts"]) for one in noted] == [(number, 2)]
    assert "重新发布" in noted[0]["message"]


def test_a_timer_that_leads_nowhere_leaves_the_case_and_an_incident_in_words(api: Api) -> None:
    draw(
        api,
        DRAWN,
        'sourceRef="inspection_overdue" targetRef="nobody_inspected"',
        'sourceRef="inspection_overdue" targetRef="is_it_granted"',
    )
    number = start(api).get_json()["number"]
    task = api.task(number)

    for _ in range(6):
        api.clock.advance(timedelta(days=6))
        run_due(api.database, api.composition.runner)

    drawn = [incident for incident in incidents(api) if incident["element"] == "inspection_overdue"]
    assert [(one["case"], one["error_code"]) for one in drawn] == [(number, "unknown_name")]
    assert "is_it_granted" in drawn[0]["message"]
    assert api.task(number)["id"] == task["id"]


def test_a_dispute_that_is_drawn_wrongly_leaves_the_case_and_an_incident(api: Api) -> None:
    """The message of a member of the public: nothing of it is taken, and an analyst learns where.

    Once it is mended the same dispute goes through for cases that begin with the mended diagram.
    """
    publish_public_report(api, BROKEN_DISPUTE)
    code, number = a_public_result(api)
    before = api.get(f"/cases/{number}/events", "supervisor").get_json()
    reason = {"code": code, "reason": "没有整改"}

    told = [api.post(f"/public/reports/{number}/dispute", reason) for _ in range(2)]

    assert [one.status_code for one in told] == [409, 409]
    assert {one.get_json()["code"] for one in told} == {"unknown_name"}
    assert api.get(f"/cases/{number}/events", "supervisor").get_json() == before
    assert api.get(f"/public/reports/{number}?code={code}").get_json()["may_dispute"] is True
    (noted,) = incidents(api)
    assert (noted["case"], noted["element"], noted["attempts"]) == (number, "is_it_heard", 2)
    assert "重新发布" in noted["message"]


BROKEN_DISPUTE = (
    'sourceRef="reporter_disputed" targetRef="reopen_one_level_up" />',
    """sourceRef="reporter_disputed" targetRef="is_it_heard" />
    <bpmn:exclusiveGateway id="is_it_heard" name="受理吗？" default="not_heard" />
    <bpmn:sequenceFlow id="it_is" sourceRef="is_it_heard" targetRef="reopen_one_level_up">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">nowhere</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="not_heard" sourceRef="is_it_heard" targetRef="case_closed" />""",
)


def publish_public_report(api: Api, change: tuple[str, str]) -> None:
    """Publish the shipped diagrams with one change to that of public reports, past the check."""
    files = read_paths([ROOT / "bpmn"])
    assert change[0] in files["public_report.bpmn"]
    files["public_report.bpmn"] = files["public_report.bpmn"].replace(*change)
    with api.database.transaction() as session:
        publish(session, files, by="tests", now=api.clock.now())


def a_public_result(api: Api) -> tuple[str, str]:
    """A tip whose result was told to its reporter; its code and number."""
    filed = file(api)
    resolve(api, filed["number"])
    return filed["query_code"], filed["number"]


def test_a_diagram_that_is_mended_starts_again(api: Api) -> None:
    draw(api, DRAWN, CONDITION, "risk &gt; 3")
    assert start(api).status_code == 409
    draw(api)

    assert start(api).status_code == 201
