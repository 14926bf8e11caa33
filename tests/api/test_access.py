"""Nobody sees or moves what is not theirs: every route, every demo account, a foreign area."""

import io
import re
import zipfile
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from werkzeug.test import TestResponse

from api.http import openapi
from storage.cases import cases
from storage.cases.related import link_cases
from tests.api.conftest import FOREIGN, RESOLVED, Api
from tests.api.test_walk import walk_to_the_station
from tests.build import an_area

HIDDEN = {401, 403, 404}
FILLED = {
    "complete": {"form": RESOLVED},
    "draft": {"form": RESOLVED},
    "delegate": {"officer": 1, "reason": "代办"},
    "return": {"reason": "不属于本辖区"},
    "withdraw": {"reason": "自行处置"},
    "extend": {"reason": "等待检验"},
    "pause": {"reason": "等待材料"},
    "consult": {"posts": ["station:ST-350322100"], "question": "请会商"},
    "countersign": {"posts": ["station:ST-350322100"], "question": "请会签"},
    "assist": {"posts": ["station:ST-350322100"], "question": "请协助"},
    "minutes": {"participants": "市管所", "text": "周五复查"},
    "chase": {"text": "请尽快"},
    "supervise": {"text": "请尽快"},
    "answer": {"text": "明天到店"},
    "end": {"text": "已说明"},
    "note": {"text": "已电话联系"},
    "add": {"added": "现场又发现过期食品"},
    "inspection": {"items": [{"item": "raw_and_cooked", "base": 0, "answer": "yes"}]},
    "correct": {"text": "已复核", "reason": "登记时看错"},
    "reopen": {"reason": "复查"},
    "merge": {"into": "2026000000011", "reason": "同一件事"},
    "split": {"parts": [{}], "reason": "两件事"},
    "reporter": {"purpose": "核实举报"},
}


def operations(api: Api) -> list[tuple[str, str]]:
    """Method and address of every operation that names a case, a task or a photo."""
    whole = api.get("/openapi.json").get_json()
    return [
        (operation.method, operation.path)
        for operation in openapi.operations(whole)
        if any(part in operation.path for part in ("{number}", "{key}"))
        and "/public/" not in operation.path
    ]


def call(api: Api, method: str, path: str, who: str | None, number: str, task: str) -> Any:
    """Send an operation with a body that would be right."""
    path = path.replace("{number}", number).replace("{key}", task).replace("{day}", "2026-03-02")
    path = path.replace("{post_id}", "station:ST-350322100")
    where = re.sub(r"{\w+}", "1", path)
    body = FILLED.get(path.rsplit("/", 1)[-1], {})
    return api.send(method, where, who, **({"json": body} if method != "GET" else {}))


@pytest.mark.parametrize("role", FOREIGN)
def test_for_another_area_nothing_of_a_case_is_there(api: Api, role: str) -> None:
    """`reliability.md` section 6: every endpoint, every role, a foreign area: 404, not 403."""
    number = walk_to_the_station(api)
    task = api.task(number)["id"]

    statuses = {
        f"{method} {path}": call(api, method, path, f"foreign_{role}", number, task)
        for method, path in operations(api)
    }

    seen = {
        where: one.status_code for where, one in statuses.items() if one.status_code not in HIDDEN
    }
    assert len(statuses) > 20
    assert seen == {}
    assert not any(
        number in one.get_data(as_text=True).replace(f"/{number}", "") for one in statuses.values()
    )


@pytest.mark.parametrize("role", FOREIGN)
def test_no_list_shows_another_area(api: Api, role: str) -> None:
    number = walk_to_the_station(api)

    for path in ("/tasks", "/tasks?team=true", "/cases", f"/cases?q={number}", "/tasks?state=done"):
        assert api.get(path, f"foreign_{role}").get_json()["items"] == []


def readings(api: Api, ids: dict[str, list[str]]) -> Iterator[str]:
    """Every GET of the description: each of its addresses, each of its queries on each."""
    whole = api.get("/openapi.json").get_json()
    for path, item in whole["paths"].items():
        if "get" not in item:
            continue
        parts = re.findall(r"{(\w+)}", path)
        asked = [one for one in item["get"].get("parameters", ()) if one["in"] == "query"]
        for values in product(*(ids.get(name, ids["other"]) for name in parts)):
            where = path
            for name, value in zip(parts, values, strict=True):
                where = where.replace(f"{{{name}}}", value)
            yield where
            for one in asked:
                for value in one["schema"].get("enum", [*ids["number"], "true"]):
                    yield f"{where}?{one['name']}={value}"


def text_of(answer: TestResponse) -> str:
    """What an answer says, an archive unpacked."""
    body = answer.get_data()
    if answer.content_type != "application/zip":
        return body.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


@pytest.mark.parametrize("role", FOREIGN)
def test_no_reading_shows_the_number_of_a_foreign_case(api: Api, role: str) -> None:
    """Lists, items, links, counts, searches and exports: one rule, every route that reads."""
    hidden = walk_to_the_station(api)
    with api.database.transaction() as session:
        an_area(session, FOREIGN["unit_leader"])
    own = api.report("foreign_grid_member", area=FOREIGN["unit_leader"])
    with api.database.transaction() as session:
        mine, theirs = (cases.find_case_by_number(session, one) for one in (own, hidden))
        assert mine is not None
        assert theirs is not None
        link_cases(session, mine.id, theirs.id, kind="same_submission", at=mine.opened_at)
    ids = {
        "number": [hidden, own],
        "key": [api.task(hidden)["id"], api.task(own)["id"]],
        "other": ["1", hidden],
    }

    answers = {where: api.get(where, f"foreign_{role}") for where in readings(api, ids)}

    assert sum(one.status_code == 200 for one in answers.values()) > 40
    # A refusal may repeat what was asked.
    shown = [
        where
        for where, one in answers.items()
        if hidden in text_of(one) and (one.status_code == 200 or hidden not in where)
    ]
    assert shown == []
    assert api.get("/cases?count=exact", f"foreign_{role}").get_json()["count"] <= 1


def test_without_a_sign_in_only_what_is_public_answers(api: Api) -> None:
    number = walk_to_the_station(api)
    task = api.task(number)["id"]
    whole = api.get("/openapi.json").get_json()

    for operation in openapi.operations(whole):
        if operation.needs != "anyone":
            answer = call(api, operation.method, operation.path, None, number, task)
            assert answer.status_code == 401, operation.path


@pytest.mark.parametrize("who", ["station_officer2", "county_officer", "supervisor", "grid_leader"])
def test_a_task_one_may_see_but_another_holds_is_403(api: Api, who: str) -> None:
    number = api.report("grid_member")
    task = api.task(number)["id"]

    answer = api.post(f"/tasks/{task}/complete", {"form": RESOLVED}, who)

    assert api.get(f"/tasks/{task}", who).status_code == 200
    assert (answer.status_code, answer.get_json()["code"]) == (403, "not_your_task")


@pytest.mark.parametrize(
    "who",
    [
        "triage",
        "analyst",
        "publisher",
        "admin_system",
        "admin_security",
        "admin_audit",
        "supervisor",
    ],
)
def test_who_does_not_collect_cannot_file(api: Api, who: str) -> None:
    """Requirements section 14."""
    answer = api.post("/reports", {"matter": "L01"}, who)

    assert (answer.status_code, answer.get_json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize(
    "who", ["analyst", "publisher", "admin_system", "admin_security", "admin_audit"]
)
def test_who_handles_no_case_sees_none(api: Api, who: str) -> None:
    """Requirements section 14: handles no case; none of the administrators sees a reporter."""
    number = walk_to_the_station(api)
    task = api.task(number)["id"]

    for method, path in operations(api):
        assert call(api, method, path, who, number, task).status_code in HIDDEN, path


@pytest.mark.parametrize("who", ["unit_leader", "station_officer", "triage", "admin_audit"])
def test_incidents_are_for_supervisors(api: Api, who: str) -> None:
    assert api.get("/incidents", who).status_code == 403
    assert api.post("/incidents/1/retry", {}, who).status_code == 403
    assert api.get("/incidents", "supervisor").status_code == 200


@pytest.mark.parametrize("who", ["unit_leader", "grid_member", "grid_leader", "village_assistant"])
def test_who_has_no_power_to_enforce_is_offered_no_case_lead(api: Api, who: str) -> None:
    """R03: neither offered nor accepted."""
    if who == "village_assistant":
        number = api.post("/public/reports", PUBLIC).get_json()["number"]
    else:
        number = api.report(who)
    api.accept(number, who)
    task = api.task(number)["id"]

    form = api.get(f"/tasks/{task}/form", who).get_json()
    lead = {"outcome": "case_lead", "measures": "立案"}
    answer = api.post(f"/tasks/{task}/complete", {"form": lead}, who)

    options = next(f for f in form["fields"] if f["name"] == "outcome")["options"]
    assert "case_lead" not in {option["value"] for option in options}
    assert answer.status_code in {403, 422}


def test_a_village_centre_relays_and_cannot_resolve(api: Api) -> None:
    """A1, `api.md`: its form has no such outcome."""
    number = walk_to_the_village(api)
    task = api.task(number)["id"]

    answer = api.post(
        f"/tasks/{task}/complete",
        {"form": {"outcome": "resolved", "measures": "已整改"}},
        "village_center",
    )

    assert (answer.status_code, answer.get_json()["code"]) == (422, "form_invalid")
    assert api.task(number)["id"] == task


def walk_to_the_village(api: Api) -> str:
    """A case that waits for the village centre."""
    number = api.report("grid_leader")
    api.accept(number, "grid_leader")
    reason = {"reason_code": "beyond_powers", "reason": "需要执法权"}
    api.complete(number, "grid_leader", outcome="pass_up", **reason)
    return number


PUBLIC = {"kind": "tip", "description": "后厨有老鼠", "channel": "web", "area": "350322100001"}


def test_a_business_never_sees_a_case_about_itself(api: Api) -> None:
    """R54."""
    number = api.report("grid_member", business=1)

    assert api.get(f"/cases/{number}", "business").status_code == 404
    assert api.get("/cases", "business").get_json()["items"] == []
