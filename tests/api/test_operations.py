"""Long work over HTTP: 202, then state, progress, result and log; who may see and cancel it."""

from api.operating import kinds
from tests.api.conftest import Api
from tests.long_work import run_waiting


def run_all(api: Api) -> int:
    """What the scheduler does once a second."""
    return run_waiting(api.database, kinds(api.composition), api.clock)


def test_verifying_all_case_files_is_accepted_and_answers_with_what_it_found(api: Api) -> None:
    for _ in range(3):
        api.report()
    accepted = api.post("/operations", {"kind": "verify_case_files"}, "supervisor")

    assert accepted.status_code == 202
    assert accepted.get_json()["state"] == "waiting"
    assert run_all(api) == 1
    found = api.get(accepted.headers["Location"], "supervisor").get_json()
    assert (found["state"], found["done"], found["total"]) == ("done", 3, 3)
    assert found["result"]["broken"] == []
    assert found["is_over"] is True


def test_an_operation_is_started_once_however_often_it_is_sent(api: Api) -> None:
    body = {"kind": "verify_case_files"}

    first = api.post("/operations", body, "supervisor", key="verify-all-of-today-1")
    again = api.post("/operations", body, "supervisor", key="verify-all-of-today-1")

    assert first.get_json()["id"] == again.get_json()["id"]
    assert len(api.get("/operations", "supervisor").get_json()["items"]) == 1


def test_a_waiting_operation_is_cancelled_and_a_second_time_refused(api: Api) -> None:
    ident = api.post("/operations", {"kind": "verify_case_files"}, "supervisor").get_json()["id"]

    cancelled = api.post(f"/operations/{ident}/cancel", None, "supervisor")
    again = api.post(f"/operations/{ident}/cancel", None, "supervisor")

    assert cancelled.get_json()["state"] == "cancelled"
    assert (again.status_code, again.get_json()["code"]) == (409, "operation_over")
    assert run_all(api) == 0


def test_who_did_not_start_it_and_does_not_look_after_it_sees_no_operation(api: Api) -> None:
    ident = api.post("/operations", {"kind": "verify_case_files"}, "supervisor").get_json()["id"]

    assert api.get(f"/operations/{ident}", "admin_system").status_code == 200
    assert api.get(f"/operations/{ident}", "grid_member").status_code == 404
    assert api.post(f"/operations/{ident}/cancel", None, "grid_member").status_code == 404
    assert api.get("/operations", "grid_member").get_json()["items"] == []


def test_work_is_started_by_name_only_by_who_may(api: Api) -> None:
    for kind, who in (("verify_case_files", "grid_member"), ("recount_limits", "supervisor")):
        refused = api.post("/operations", {"kind": kind}, who)
        assert refused.status_code == 403, kind
    offered = api.get("/operations/kinds", "supervisor").get_json()["items"]
    assert [each["kind"] for each in offered] == ["verify_case_files"]


def test_a_case_file_that_was_tampered_with_is_named_in_the_result(api: Api) -> None:
    number = api.report()
    with api.database.transaction() as session:
        session.exec_driver_sql("update case_ set head_hash = 'forged'")
    ident = api.post("/operations", {"kind": "verify_case_files"}, "supervisor").get_json()["id"]

    run_all(api)

    found = api.get(f"/operations/{ident}", "supervisor").get_json()
    assert found["result"]["broken"] == [number]
    assert number in found["log"][0]["text"]
