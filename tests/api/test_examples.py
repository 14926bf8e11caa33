"""The description holds: every example is understood as it stands, a step answers as shown."""

import re
from typing import Any

from api.http.shapes.cases import Moved, NextTask
from tests.api.conftest import RESOLVED, Api
from tests.api.test_walk import walk_to_the_station

UNDERSTOOD = {200, 201, 204, 403, 404, 409}
DONE = {
    "POST /api/v1/tokens",
    "POST /api/v1/reports",
    "POST /api/v1/public/reports",
    "POST /api/v1/processes/check",
    "POST /api/v1/tasks/{key}/complete",
    "POST /api/v1/tasks/{key}/pause",
    "POST /api/v1/cases/{number}/note",
    "PUT /api/v1/tasks/{key}/draft",
}
WHO = {
    "/me/password": "publisher",
    "/reports": "grid_member",
    "/processes/check": "analyst",
}


def examples(api: Api) -> dict[str, Any]:
    """Operation -> example of its body."""
    whole = api.get("/openapi.json").get_json()
    return {
        f"{method.upper()} {path}": content["example"]
        for path, item in whole["paths"].items()
        for method, one in item.items()
        if isinstance(one, dict)
        for content in one.get("requestBody", {}).get("content", {}).values()
        if "example" in content
    }


def test_every_example_is_understood_as_it_stands(api: Api) -> None:
    found = examples(api)
    answers = {}

    for operation, body in found.items():
        method, path = operation.split(" ")
        is_accepting = path.endswith(("/complete", "/draft"))
        number = (
            api.report("grid_member", matter="L03") if is_accepting else walk_to_the_station(api)
        )
        filled = path.replace("{number}", number).replace("{key}", api.task(number)["id"])
        who = WHO.get(path.removeprefix("/api/v1"), "station_officer")
        answers[operation] = api.send(method, re.sub(r"{\w+}", "1", filled), who, json=body)

    # The gateway of live pictures is told that an example is no ticket: the answer it works by.
    assert answers.pop("POST /api/v1/live-tickets/check").status_code == 401
    statuses = {operation: one.status_code for operation, one in answers.items()}
    assert len(found) > 18
    assert {o: s for o, s in statuses.items() if s not in UNDERSTOOD} == {}
    assert {o for o in DONE if statuses[o] not in {200, 201, 204}} == set()


def test_what_is_answered_is_what_is_described(api: Api) -> None:
    """Names of the answers' fields are those of their schema, so that nothing slips out."""
    whole = api.get("/openapi.json").get_json()
    schemas = whole["components"]["schemas"]
    number = walk_to_the_station(api)
    task = api.task(number)["id"]

    for path, schema in (
        (f"/cases/{number}", "CaseShown"),
        (f"/tasks/{task}", "TaskShown"),
        ("/me", "Me"),
        ("/areas/350322", "AreaPage"),
        ("/processes/grid_report/versions/1", "VersionFiles"),
        (f"/cases/{number}/diagram", "CaseDiagrams"),
    ):
        told = api.get(path, "station_officer").get_json()
        assert told.keys() == schemas[schema]["properties"].keys(), path


def test_a_step_is_answered_as_its_schema_says(api: Api) -> None:
    number = api.report("grid_member")
    task = api.task(number)["id"]

    answer = api.post(f"/tasks/{task}/complete", {"form": RESOLVED}, "grid_member").get_json()

    assert Moved().load(answer)["next_tasks"]
    assert answer.keys() == Moved().fields.keys()
    assert answer["next_tasks"][0].keys() == NextTask().fields.keys()
    assert answer["next_tasks"][0]["due_at"].endswith("+08:00")
