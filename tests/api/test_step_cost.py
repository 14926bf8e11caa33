"""What one completed task costs the database: one transaction, at most ten statements."""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, event

from api.http.shapes.cases import moved
from tests.api.conftest import RESOLVED, Api
from tests.api.test_walk import PASS_UP

BUDGET = 10


@contextmanager
def counting_commits() -> Iterator[list[str]]:
    """Begins and endings of transactions, in order."""
    seen: list[str] = []
    heard = {
        name: lambda *_, name=name: seen.append(name) for name in ("begin", "commit", "rollback")
    }
    for name, hear in heard.items():
        event.listen(Engine, name, hear)
    try:
        yield seen
    finally:
        for name, hear in heard.items():
            event.remove(Engine, name, hear)


@pytest.mark.postgres
def test_completing_a_task_is_one_transaction_of_at_most_ten_statements(
    postgres_api: Api,
) -> None:
    """Issue, speed and size; `performance.md` section 9."""
    api = postgres_api
    number = api.report("grid_member")
    api.accept(number, "grid_member")
    costs = []

    for who, form in (
        ("grid_member", PASS_UP),
        ("grid_leader", {"answer": "accept"}),
        ("grid_leader", PASS_UP),
    ):
        task = api.task(number)
        api.get("/me", who)
        with counting_commits() as ends, api.database.counting() as count:
            answer = api.post(
                f"/tasks/{task['id']}/complete", {"form": form}, who, key=f"k-{task['id']}"
            )
        assert answer.status_code == 200, answer.get_json()
        assert ends == ["begin", "commit"]
        costs.append((len(count), count.statements))

    assert max(costs)[0] <= BUDGET, "\n\n".join(max(costs)[1])


@pytest.mark.postgres
def test_the_thousandth_open_case_costs_what_the_first_did(postgres_api: Api) -> None:
    """The number of statements does not grow with what is in the database."""
    api = postgres_api
    counts = []
    for _ in range(12):
        number = api.report("grid_member")
        task = api.task(number)
        with api.database.counting() as count:
            api.post(f"/tasks/{task['id']}/complete", {"form": RESOLVED}, "grid_member")
        counts.append(len(count))

    assert len(set(counts[1:])) == 1


def test_a_refused_form_writes_nothing(api: Api) -> None:
    number = api.report("grid_member")
    task = api.task(number)

    with counting_commits() as ends:
        answer = api.post(f"/tasks/{task['id']}/complete", {"form": {}}, "grid_member")

    assert (answer.status_code, ends) == (422, ["begin", "rollback"])


def test_a_signed_in_request_costs_no_question_about_who_it_is(api: Api) -> None:
    api.get("/me", "grid_member")

    with api.database.counting() as count:
        api.get("/me", "grid_member")

    assert [statement for statement in count.statements if statement != "begin"] == []


@contextmanager
def counting_calls() -> Iterator[Counter[str]]:
    """How often the answer of a step is composed, and JSON read in the rooms of the API."""
    calls: Counter[str] = Counter()

    def hear(frame: FrameType, event: str, what: Any) -> None:
        if event == "call" and frame.f_code is moved.__code__:
            calls["composed"] += 1
        if event == "c_call" and what is orjson.loads and "/api/http/" in frame.f_code.co_filename:
            calls["parsed"] += 1

    sys.setprofile(hear)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def test_a_step_parses_its_body_once_and_composes_its_answer_once(api: Api) -> None:
    """The answer stored under the key is the one that is sent."""
    number = api.report("grid_member")
    where = f"/tasks/{api.task(number)['id']}/complete"
    form = {"form": RESOLVED}

    with counting_calls() as calls:
        first = api.post(where, form, "grid_member", key="a-key-of-this-test")
    again = api.post(where, form, "grid_member", key="a-key-of-this-test")

    assert (first.status_code, calls) == (200, Counter(composed=1, parsed=1))
    assert (again.headers["Idempotency-Replayed"], again.get_data()) == ("true", first.get_data())
