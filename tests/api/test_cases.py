"""Searching cases, what supervisors and clerks do with them, and the file that leaves the house."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import marshmallow as ma
import pytest

from api.http.shapes import cases as shapes
from engine.casefile.proof import verify
from engine.reads import cases as reads
from engine.reads import tasks
from tests.api.conftest import UNIT, Api
from tests.api.test_walk import walk_to_the_station


def act(api: Api, number: str, action: str, who: str, body: Any, **more: Any) -> Any:
    """Do something with a case."""
    return api.post(f"/cases/{number}/{action}", body, who, **more)


def kinds(api: Api, number: str) -> list[str]:
    """What stands in the file, in order."""
    items = api.get(f"/cases/{number}/events", "supervisor").get_json()["items"]
    return [one["kind"] for one in items]


def closed(api: Api) -> str:
    """A case that was resolved and verified."""
    number = walk_to_the_station(api)
    api.complete(number, "station_officer", outcome="resolved", measures="责令改正")
    api.complete(number, "grid_member", verify_result="passed")
    return number


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("status=open", 2),
        ("status=closed", 0),
        ("matter=L03", 1),
        ("area=350322", 2),
        ("area=350302", 0),
        ("source=department_patrol", 1),
        ("kind=grid_report", 2),
        ("q=冷柜", 1),
        ("supervised=true", 0),
        ("opened_from=2026-03-02T08:59:00%2B08:00", 2),
        ("opened_before=2026-03-02T08:59:00%2B08:00", 0),
    ],
)
def test_cases_are_searched_within_what_one_sees(api: Api, query: str, found: int) -> None:
    api.report("grid_member")
    api.report("station_officer", matter="L03", description="冷柜不制冷")

    answer = api.get(f"/cases?{query}", "county_officer")

    assert len(answer.get_json()["items"]) == found


def test_cases_are_counted_only_on_request(api: Api) -> None:
    for _ in range(3):
        api.report("grid_member")

    plain = api.get("/cases?limit=2", "supervisor").get_json()
    counted = api.get("/cases?limit=2&count=exact", "supervisor").get_json()
    rest = api.get(f"/cases?limit=2&cursor={plain['next']}", "supervisor").get_json()

    assert "count" not in plain
    assert counted["count"] == 3
    assert [one["number"] for one in plain["items"] + rest["items"]] == sorted(
        (one["number"] for one in plain["items"] + rest["items"]), reverse=True
    )
    assert rest["next"] is None


def test_a_superior_reminds_and_supervises_without_taking_over(api: Api) -> None:
    number = walk_to_the_station(api)

    chased = act(api, number, "chase", "county_officer", {"text": "请尽快办理"})
    supervised = act(api, number, "supervise", "supervisor", {"text": "列入督办"})
    equal = act(api, number, "chase", "station_officer", {"text": "请尽快办理"})

    case = api.get(f"/cases/{number}", "county_officer").get_json()
    assert (chased.status_code, supervised.status_code) == (200, 200)
    assert (equal.status_code, equal.get_json()["code"]) == (403, "not_superior")
    assert (case["supervised"], case["owner_level"]) == (True, "station")
    assert kinds(api, number)[-2:] == ["case_chased", "case_supervised"]


def test_a_note_goes_into_the_file_once(api: Api) -> None:
    """R70."""
    number = walk_to_the_station(api)

    for _ in range(2):
        answer = act(api, number, "note", "station_officer", {"text": "已电话联系"}, key="k-1")

    assert answer.headers["Idempotency-Replayed"] == "true"
    assert kinds(api, number).count("note_added") == 1


def test_a_closed_case_is_reopened_by_a_clerk_only(api: Api) -> None:
    number = closed(api)
    body = {"reason": "群众再次反映"}

    refused = act(api, number, "reopen", "station_officer", body)
    reopened = act(api, number, "reopen", "supervisor", body)
    twice = act(api, number, "reopen", "supervisor", body)

    assert refused.status_code == 403
    assert (reopened.status_code, reopened.get_json()["status"]) == (200, "open")
    assert (twice.status_code, twice.get_json()["code"]) == (409, "not_closed")


def test_a_case_is_merged_into_another_and_both_say_so(api: Api) -> None:
    original, repeat = api.report("grid_member"), api.report("grid_member")
    body = {"into": original, "reason": "同一件事"}

    rehearsed = api.post(f"/cases/{repeat}/merge?dry_run=true", body, "supervisor")
    merged = act(api, repeat, "merge", "supervisor", body)
    itself = act(api, original, "merge", "supervisor", {"into": original, "reason": "x"})
    nowhere = act(api, original, "merge", "supervisor", {"into": "2026999999998", "reason": "x"})

    links = api.get(f"/cases/{original}", "supervisor").get_json()["links"]
    assert rehearsed.get_json()["status"] == merged.get_json()["status"] == "closed"
    assert [(link["number"], link["kind"], link["is_outgoing"]) for link in links] == [
        (repeat, "merged_into", False)
    ]
    assert (itself.status_code, nowhere.status_code) == (409, 404)


def test_a_case_is_split_into_cases_of_their_own(api: Api) -> None:
    number = api.report("grid_member")
    part = {"matter": "L01", "area": UNIT, "description": "另一件事", "no_photo_reason": "无"}

    wrong = act(
        api, number, "split", "supervisor", {"parts": [{**part, "matter": "Z99"}], "reason": "x"}
    )
    done = act(api, number, "split", "supervisor", {"parts": [part], "reason": "两件事"})

    assert (wrong.status_code, wrong.get_json()["code"]) == (422, "form_invalid")
    if done.status_code == 200:
        made = done.get_json()["into"]
        assert len(made) == 1
        assert api.get(f"/cases/{made[0]}", "supervisor").status_code == 200
    else:
        assert done.status_code == 403, done.get_json()


@pytest.mark.parametrize("kind", ["json", "zip"])
def test_a_case_file_is_taken_out_and_proves_itself_offline(
    api: Api, tmp_path: Path, kind: str
) -> None:
    """R44."""
    number = closed(api)

    answer = api.get(f"/cases/{number}/file?format={kind}", "station_officer")

    path = tmp_path / f"file.{kind}"
    path.write_bytes(answer.get_data())
    proof = verify(path)
    assert answer.headers["Content-Disposition"] == f"attachment; filename={number}.{kind}"
    assert (proof.is_whole, proof.number) == (True, number), proof


def test_a_case_file_that_was_touched_is_found_out(api: Api, tmp_path: Path) -> None:
    """R44."""
    number = closed(api)
    content = api.get(f"/cases/{number}/file?format=json", "station_officer").get_data()
    path = tmp_path / "file.json"
    path.write_bytes(content.replace("责令改正".encode(), "没有问题".encode()))

    assert not verify(path).is_whole


def test_an_unknown_form_of_a_file_is_refused(api: Api) -> None:
    number = api.report("grid_member")

    answer = api.get(f"/cases/{number}/file?format=exe", "grid_member")

    assert answer.status_code == 422


TOLD_BY_ACTIONS = {"is_barred", "may_extend", "awaits_more_time"}
TOLD_IN_WORDS = {"urgency", "times_chased", "times_urged", "asked_kind", "handed_by", "sent_back"}
OF_A_BUSINESS = {"asked", "asked_by"}
"""What its own representatives are asked; the API gives it with the obligation."""


@pytest.mark.parametrize(
    ("read", "schema", "on_pages_only"),
    [
        (reads.CaseBrief, shapes.CaseBrief, {"description", "business_id"}),
        (reads.CaseShown, shapes.CaseShown, {"business_id"}),
        # The clock of a task is given with the task; a list gives its end.
        (
            tasks.TaskBrief,
            shapes.TaskBrief,
            TOLD_IN_WORDS | TOLD_BY_ACTIONS | OF_A_BUSINESS | {"deadline"},
        ),
        (tasks.TaskShown, shapes.TaskShown, TOLD_IN_WORDS | TOLD_BY_ACTIONS | {"asked_by"}),
    ],
)
def test_the_api_gives_every_field_that_is_read_for_a_page(
    read: type, schema: type[ma.Schema], on_pages_only: set[str]
) -> None:
    """A schema leaves out in silence what it does not name."""
    assert {field.name for field in fields(read)} - set(schema().fields) == on_pages_only
