"""A repeated request gets the first answer; nothing is done twice, nothing secret is kept."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from sqlalchemy import select, text

from storage.database.session import Database
from storage.tables import idempotency
from tests.api.conftest import PASSWORD, RESOLVED, UNIT, Api

REPORT = {"matter": "L01", "area": UNIT, "description": "流动摊贩", "no_photo_reason": "已离开"}
PUBLIC = {"kind": "tip", "description": "后厨有老鼠", "channel": "web", "area": "350322100001"}
BOTH = ["api", pytest.param("postgres_api", marks=pytest.mark.postgres)]
CLIENT = "a-phone-that-made-itself-an-id-0123456789"


def count(database: Database, question: str) -> int:
    """One number out of the database."""
    with database.reading() as session:
        return int(session.execute(text(question)).scalar_one())


def test_the_same_key_and_body_give_the_first_answer_again(api: Api) -> None:
    first = api.post("/reports", REPORT, "grid_member", key="k-1")
    again = api.post("/reports", REPORT, "grid_member", key="k-1")

    assert first.status_code == again.status_code == 201
    assert first.get_json() == again.get_json()
    assert first.headers["Location"] == again.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert count(api.database, "select count(*) from case_") == 1


@pytest.mark.parametrize("fixture", BOTH)
def test_one_key_makes_one_display_link_with_one_secret(
    fixture: str, request: pytest.FixtureRequest
) -> None:
    """The secret is kept nowhere, not even under the key: it is derived again."""
    api: Api = request.getfixturevalue(fixture)
    wanted = "/dashboards/displays", {"area": "350322"}, "county_officer"

    first, again = (api.post(*wanted, key="k-1") for _ in range(2))
    other = api.post(*wanted, key="k-2")

    assert first.status_code == again.status_code == 201
    assert first.get_json() == again.get_json()
    token = first.get_json()["token"]
    assert token
    assert token != other.get_json()["token"]
    links = api.get("/dashboards/displays", "county_officer").get_json()["items"]
    assert [link["id"] for link in links] == [other.get_json()["id"], first.get_json()["id"]]
    with api.database.reading() as session:
        kept = session.execute(select(idempotency.c.answer)).scalars().all()
    assert not any(token in answer for answer in kept)


def test_the_order_of_fields_and_spaces_are_no_other_body(api: Api) -> None:
    first = api.post("/reports", REPORT, "grid_member", key="k-1")
    turned = dict(reversed(REPORT.items()))

    again = api.post("/reports", turned, "grid_member", key="k-1")

    assert again.get_json() == first.get_json()


def test_another_body_under_the_key_is_a_conflict(api: Api) -> None:
    api.post("/reports", REPORT, "grid_member", key="k-1")

    other = api.post("/reports", {**REPORT, "description": "别的"}, "grid_member", key="k-1")
    elsewhere = api.post("/cases/2026000000011/note", {"text": "x"}, "grid_member", key="k-1")

    assert (other.status_code, other.get_json()["code"]) == (409, "key_reused")
    assert (elsewhere.status_code, elsewhere.get_json()["code"]) == (409, "key_reused")


def test_a_key_belongs_to_its_caller(api: Api) -> None:
    first = api.post("/reports", REPORT, "grid_member", key="k-1")

    other = api.post("/reports", REPORT, "grid_leader", key="k-1")

    assert other.get_json()["number"] != first.get_json()["number"]


def test_a_refused_request_keeps_its_key_free(api: Api) -> None:
    refused = api.post("/reports", {**REPORT, "matter": "Z99"}, "grid_member", key="k-1")

    mended = api.post("/reports", REPORT, "grid_member", key="k-1")

    assert (refused.status_code, mended.status_code) == (422, 201)


@pytest.mark.parametrize("key", ["", " ", "with space", "ключ", "x" * 201])
def test_a_key_that_cannot_be_one_is_refused(api: Api, key: str) -> None:
    answer = api.post("/reports", REPORT, "grid_member", headers={"Idempotency-Key": key})

    assert (answer.status_code, answer.get_json()["code"]) == (422, "key_malformed")


def test_an_anonymous_caller_brings_a_client_id(api: Api) -> None:
    short = api.post("/public/reports", PUBLIC, key="k-1", headers={"X-Client-Id": "short"})
    first = api.post("/public/reports", PUBLIC, key="k-1", headers={"X-Client-Id": CLIENT})
    again = api.post("/public/reports", PUBLIC, key="k-1", headers={"X-Client-Id": CLIENT})
    other = api.post("/public/reports", PUBLIC, key="k-1", headers={"X-Client-Id": CLIENT + "x"})

    assert (short.status_code, short.get_json()["code"]) == (422, "client_id_missing")
    assert again.get_json() == first.get_json()
    assert other.get_json()["number"] != first.get_json()["number"]


def test_neither_codes_nor_tokens_nor_identities_lie_in_kept_answers(api: Api) -> None:
    """The query code is derived again; what is secret is derived again, never kept."""
    headers = {"X-Client-Id": CLIENT}
    report = {**PUBLIC, "reporter": {"name": "金丝雀", "phone": "000-00001111"}}
    filed = api.post("/public/reports", report, key="k-1", headers=headers).get_json()
    signed = {"username": "grid_member", "password": PASSWORD}
    token = api.post("/tokens", signed, key="k-2", headers=headers).get_json()["access_token"]
    asked = f"/cases/{filed['number']}/reporter"
    told = api.post(asked, {"purpose": "核实举报"}, "supervisor", key="k-3")

    with api.database.reading() as session:
        kept = str(session.execute(text("select * from idempotency")).all())

    assert told.get_json()["name"] == "金丝雀"
    assert "k-1" in kept
    assert "k-3" in kept
    assert not any(secret in kept for secret in (filed["query_code"], token, "金丝雀", "00001111"))


def test_a_telephone_number_is_not_found_by_trying_from_what_is_kept(api: Api) -> None:
    """Everything else of the request stands in the case; a bare digest would tell the rest."""
    report = {**PUBLIC, "reporter": {"phone": "000-00001117"}}
    headers = {"X-Client-Id": CLIENT}
    api.post("/public/reports", report, key="k-1", headers=headers)
    with api.database.reading() as session:
        kept = set(session.execute(text("select body_hash from idempotency")).scalars())

    guesses = [{**PUBLIC, "reporter": {"phone": f"000-0000111{last}"}} for last in range(10)]
    bare = {_bare_digest("/api/v1/public/reports", guess) for guess in guesses}

    assert len(kept) == 1
    assert kept & bare == set()
    again = api.post("/public/reports", report, key="k-1", headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"


def _bare_digest(path: str, body: object) -> str:
    """What the first release kept: the same parts, without a key."""
    digest = hashlib.sha256()
    for part in (b"POST", path.encode(), b"", orjson.dumps(body, option=orjson.OPT_SORT_KEYS)):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def test_reading_an_identity_again_under_its_key_gives_it_and_leaves_another_trace(
    api: Api,
) -> None:
    report = {**PUBLIC, "reporter": {"name": "金丝雀", "phone": "000-00001111"}}
    number = api.post("/public/reports", report).get_json()["number"]

    for _ in range(2):
        told = api.post(
            f"/cases/{number}/reporter", {"purpose": "核实举报"}, "supervisor", key="k-1"
        )

    assert told.get_json()["name"] == "金丝雀"
    assert told.headers["Idempotency-Replayed"] == "true"
    assert count(api.database, "select count(*) from vault_access") == 2


def test_a_dry_run_says_what_would_happen_and_writes_nothing(api: Api) -> None:
    answer = api.post("/reports?dry_run=true", REPORT, "grid_member", key="k-1")

    assert (answer.status_code, answer.headers["Dry-Run"]) == (200, "true")
    assert [next_task["name"] for next_task in answer.get_json()["next_tasks"]] == [
        "resolve_or_pass_up"
    ]
    for table in ("case_", "case_event", "outbox", "idempotency", "task"):
        assert count(api.database, f"select count(*) from {table}") == 0  # noqa: S608 - our tables


@pytest.mark.parametrize("kind", ["api", pytest.param("postgres_api", marks=pytest.mark.postgres)])
def test_the_same_report_sent_five_times_at_once_is_one_case(
    kind: str, request: pytest.FixtureRequest
) -> None:
    served: Api = request.getfixturevalue(kind)

    answers = at_once(served, 5, "/reports", REPORT, "grid_member")

    assert [answer.status_code for answer in answers] == [201] * 5, [
        answer.get_json() for answer in answers
    ]
    assert len({answer.get_json()["number"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 4
    assert count(served.database, "select count(*) from case_") == 1


@pytest.mark.parametrize("kind", ["api", pytest.param("postgres_api", marks=pytest.mark.postgres)])
def test_the_same_completion_sent_at_once_is_one_step_with_one_answer(
    kind: str, request: pytest.FixtureRequest
) -> None:
    served: Api = request.getfixturevalue(kind)
    task = served.task(served.report())
    form = {"form": RESOLVED}

    answers = at_once(served, 6, f"/tasks/{task['id']}/complete", form, "grid_member")

    assert [answer.status_code for answer in answers] == [200] * 6, [
        answer.get_json() for answer in answers
    ]
    assert len({answer.get_data() for answer in answers}) == 1
    done = "select count(*) from case_event where kind = 'task_completed'"
    assert count(served.database, done) == 1


@pytest.mark.parametrize("kind", ["api", pytest.param("postgres_api", marks=pytest.mark.postgres)])
def test_a_completion_sent_again_later_is_answered_as_the_first_time(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """The key is looked up only once the task is found done; the answer is the same."""
    served: Api = request.getfixturevalue(kind)
    number = served.report()
    path = f"/tasks/{served.task(number)['id']}/complete"
    form = {"form": RESOLVED}

    first = served.post(path, form, "grid_member", key="k-1")
    again = served.post(path, form, "grid_member", key="k-1")
    other = served.post(path, {"form": {"answer": "return"}}, "grid_member", key="k-1")
    unkeyed = served.post(path, form, "grid_member", key="k-2")

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.get_data() == first.get_data()
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.get_json()["code"]) == (409, "key_reused")
    assert unkeyed.status_code == 409


@pytest.mark.parametrize("kind", ["api", pytest.param("postgres_api", marks=pytest.mark.postgres)])
def test_a_key_of_another_request_completes_nothing(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """The key is written with the step: where it is taken already, the step is taken back."""
    served: Api = request.getfixturevalue(kind)
    number = served.post("/reports", REPORT, "grid_member", key="k-1").get_json()["number"]
    task = served.task(number)

    refused = served.post(
        f"/tasks/{task['id']}/complete", {"form": RESOLVED}, "grid_member", key="k-1"
    )

    assert (refused.status_code, refused.get_json()["code"]) == (409, "key_reused")
    assert served.task(number)["id"] == task["id"]
    assert count(served.database, "select count(*) from case_event") == count(
        served.database, "select last_seq from case_"
    )


def test_a_fault_of_ours_does_not_hide_that_a_key_was_used(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = api.post("/reports", REPORT, "grid_member", key="k-1").get_json()["number"]
    path = f"/tasks/{api.task(number)['id']}/complete"

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("engine.run.runner.write", fail)
    answer = api.post(path, {"form": RESOLVED}, "grid_member", key="k-1")

    assert (answer.status_code, answer.get_json()["code"]) == (409, "key_reused")
    assert count(api.database, "select count(*) from incident") == 0


@pytest.mark.parametrize("kind", ["api", pytest.param("postgres_api", marks=pytest.mark.postgres)])
def test_two_officers_in_the_same_second_one_wins_and_one_is_told(
    kind: str, request: pytest.FixtureRequest
) -> None:
    served: Api = request.getfixturevalue(kind)
    number = served.report("grid_member", matter="L03")
    task = served.task(number)
    form = {"form": {"answer": "accept"}}
    people = ["station_officer", "station_officer2"]
    barrier = threading.Barrier(2)

    def press(who: str) -> Any:
        headers = served.authorization(who)
        barrier.wait()
        return served.app.test_client().post(
            f"/api/v1/tasks/{task['id']}/complete", json=form, headers=headers
        )

    with ThreadPoolExecutor(2) as pool:
        statuses = sorted(one.status_code for one in pool.map(press, people))

    assert statuses == [200, 409]


def at_once(served: Api, times: int, path: str, body: Any, who: str) -> list[Any]:
    """Send the same keyed request from several threads together."""
    headers = {**served.authorization(who), "Idempotency-Key": "the-same"}
    barrier = threading.Barrier(times)

    def send(_: int) -> Any:
        barrier.wait()
        return served.app.test_client().post(f"/api/v1{path}", json=body, headers=headers)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(send, range(times)))
