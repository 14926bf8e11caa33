"""Starts by the calendar over HTTP: planned, listed, ended by the administrator, on file."""

from tests.api.conftest import Api

MONTHLY = {
    "process_id": "side_task",
    "subject_kind": "area",
    "subject": "350322100",
    "period": "month",
}


def test_an_administrator_plans_lists_and_ends_a_start(api: Api) -> None:
    form: dict[str, object] = {
        "side_kind": "assist",
        "posts": ["station:ST-350322100"],
        "question": "情况",
    }
    form["side_due_at"] = "2026-03-20T09:00:00+08:00"
    refused = api.post("/recurring", {**MONTHLY, "form": {"x": 1}}, "admin_system")
    made = api.post("/recurring", {**MONTHLY, "form": form}, "admin_system")
    again = api.post("/recurring", {**MONTHLY, "form": form}, "admin_system")

    assert refused.status_code == 422
    assert made.status_code == 201, made.json["errors"]
    assert made.json["next_at"] == "2026-04-01T00:00:00+08:00"
    assert again.status_code == 409
    listed = api.get("/recurring", "admin_system").json["items"]
    assert [row["id"] for row in listed] == [made.json["id"]]

    ended = api.post(f"/recurring/{made.json['id']}/end", {}, "admin_system")

    assert ended.json["ended_at"] is not None
    assert api.get("/recurring", "admin_system").json["items"] == []
    acts = api.get("/audit", "admin_audit", query_string={"subject_kind": "recurring"}).json
    assert [act["action"] for act in acts["items"]] == ["recurring_ended", "recurring_planned"]


def test_nobody_else_plans_starts(api: Api) -> None:
    for who in ("supervisor", "city_officer", "analyst", "grid_member"):
        assert api.post("/recurring", MONTHLY, who).status_code == 403
        assert api.get("/recurring", who).status_code == 403
    assert api.post("/recurring/404/end", {}, "admin_system").status_code == 404


def test_a_term_begins_on_the_days_of_the_city(api: Api) -> None:
    """R55: spring and autumn of `pack.json`; a report a term is opened by the calendar."""
    form = {
        "side_kind": "assist",
        "posts": ["station:ST-350322100"],
        "question": "情况",
        "side_due_at": "2026-12-20T09:00:00+08:00",
    }
    made = api.post("/recurring", {**MONTHLY, "period": "term", "form": form}, "admin_system")

    assert made.status_code == 201, made.json
    assert made.json["next_at"] == "2026-09-01T00:00:00+08:00"
