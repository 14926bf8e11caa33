"""What whoever reported adds while the case is open; the privacy of reports stays as it is."""

from datetime import timedelta
from typing import Any

from engine.background.scheduler import run_until
from tests.api.conftest import Api
from tests.api.test_attachments import picture, send
from tests.api.test_left_behind import deliver
from tests.api.test_public_reports import EVERYBODY, file, resolve

MORE = "想起来了，是菜市场东门第二家"
NO_CODE = "AAAABBBBCCCC"


def add(api: Api, filed: dict[str, str], **more: Any) -> Any:
    """Add to a report as its reporter."""
    body = {"code": filed["query_code"], "added": MORE, **more}
    return api.post(f"/public/reports/{filed['number']}/add", body)


def upload(api: Api, who: str | None) -> str:
    """Upload a photo and give its id."""
    return str(send(api, picture(), who).get_json()["id"])


def additions(api: Api, number: str) -> list[dict[str, Any]]:
    """The additions in a case file."""
    entries = api.get(f"/cases/{number}/events", "supervisor").get_json()["items"]
    return [one for one in entries if one["kind"].startswith("case_added_by")]


def inbox_of(api: Api, who: str) -> list[str]:
    """Templates of the messages somebody has got."""
    deliver(api)
    return [one["template"] for one in api.get("/messages", who).get_json()["items"]]


def test_a_reporter_adds_words_and_photos_and_the_holder_is_told(api: Api) -> None:
    filed = file(api)
    photo = upload(api, None)

    answer = add(api, filed, photos=[photo])

    (entry,) = additions(api, filed["number"])
    seen = api.get(f"/public/reports/{filed['number']}?code={filed['query_code']}").get_json()
    assert answer.status_code == 200, answer.get_json()
    assert (entry["kind"], entry["data"]["form"]) == (
        "case_added_by_reporter",
        {"added": MORE, "photos": [photo]},
    )
    assert [(one["added"], one["photos"]) for one in seen["additions"]] == [(MORE, 1)]
    assert "report_added" in inbox_of(api, "village_assistant")
    assert photo in api.get(f"/cases/{filed['number']}", "village_assistant").get_json()["photos"]


def test_what_a_message_of_an_addition_says_is_the_number_alone(api: Api) -> None:
    """Mails leave the system: what a citizen wrote stays on file."""
    filed = file(api)

    add(api, filed)
    deliver(api)

    box = api.get("/messages", "village_assistant").get_data(as_text=True)
    assert ("report_added" in box, MORE in box) == (True, False)


def test_a_wrong_code_adds_nothing_and_is_answered_like_an_unknown_number(api: Api) -> None:
    filed = file(api)

    wrong = add(api, {**filed, "query_code": NO_CODE})
    unknown = add(api, {"number": "2026000009999", "query_code": NO_CODE})

    assert (wrong.status_code, unknown.status_code) == (404, 404)
    assert wrong.get_json()["code"] == unknown.get_json()["code"] == "unknown_report"
    assert additions(api, filed["number"]) == []


def test_nothing_is_added_to_a_closed_case(api: Api) -> None:
    filed = file(api)
    resolve(api, filed["number"])
    until = api.clock.now() + timedelta(days=15)
    run_until(api.database, api.composition.runner, api.clock, until)

    late = add(api, filed)
    seen = api.get(f"/public/reports/{filed['number']}?code={filed['query_code']}").get_json()

    assert (seen["status"], seen["may_add"]) == ("closed", False)
    assert (late.status_code, late.get_json()["code"]) == (409, "case_closed")


def test_a_photo_of_somebody_else_is_not_added(api: Api) -> None:
    filed = file(api)

    answer = add(api, filed, photos=[upload(api, "grid_member")])

    assert answer.status_code == 422
    assert additions(api, filed["number"]) == []


def test_what_was_added_to_a_duplicate_is_read_in_its_original(api: Api) -> None:
    """Each reporter reads their own words again, nobody those of the other."""
    first, second = file(api), file(api)
    merged = {"into": first["number"], "reason": "同一件事"}
    assert api.post(f"/cases/{second['number']}/merge", merged, "supervisor").status_code == 200

    assert add(api, second).status_code == 200

    (entry,) = additions(api, first["number"])
    views = [
        api.get(f"/public/reports/{one['number']}?code={one['query_code']}").get_json()
        for one in (first, second)
    ]
    assert entry["data"]["report"] == second["number"]
    assert [len(view["additions"]) for view in views] == [0, 1]


def test_a_collector_adds_to_an_own_case_and_nobody_else_does(api: Api) -> None:
    number = api.report("grid_member")
    body = {"added": "又看到过期食品", "photos": [upload(api, "grid_member")]}

    offered = {
        who: "add" in (api.get(f"/cases/{number}", who).get_json().get("allowed_actions") or [])
        for who in EVERYBODY
    }
    others = api.post(f"/cases/{number}/add", body, "supervisor")
    own = api.post(f"/cases/{number}/add", body, "grid_member")

    assert [who for who, is_offered in offered.items() if is_offered] == ["grid_member"]
    assert (others.status_code, own.status_code) == (403, 200)
    assert additions(api, number)[0]["actor_name"] is not None


def test_a_case_is_not_added_to_without_end(api: Api) -> None:
    filed = file(api)

    codes = [add(api, filed, added=f"第 {place} 次").status_code for place in range(21)]

    assert (codes[:20], codes[20]) == ([200] * 20, 409)
