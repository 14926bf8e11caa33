"""What people write and who they are is in no log, no metric, no error and no message sent out."""

import io
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from api.http import logs
from engine.delivery.channels import LogChannel
from tests.delivering import deliver_due
from tests.stories.test_merge_and_split import change, published
from tests.stories.world import PASSED_UP, World

NAME, PHONE, TEXT = "鸫鸟演示", "13900000000", "canary-私下写的话"
REPORTER = {"name": NAME, "phone": PHONE}
DISPUTE = ("code", "reason")
MARKS = [
    form
    for mark in (NAME, PHONE, TEXT)
    for form in (mark, quote(mark), orjson.dumps(mark).decode(), ascii(mark)[1:-1])
]


@pytest.fixture
def heard() -> Iterator[io.StringIO]:
    """Everything that is logged while the story goes on."""
    stream = io.StringIO()
    logs.configure(stream)
    yield stream
    logs.configure()


def said(text: str) -> list[str]:
    """The marks that stand in a text."""
    return [mark for mark in MARKS if mark in text]


def ask_aside(world: World, number: str) -> None:
    """The owner asks for help, a joint opinion and a signature; all three are answered."""
    handling = world.task(number, "resolve_or_pass_up")["id"]
    for act in ("assist", "consult", "countersign"):
        body = {"posts": [world.post("county")], "question": f"{TEXT} {NAME} {PHONE}"}
        world.done(world.act(handling, "station", act, **body))
    for task in world.open(number):
        if task["name"] == "answer":
            form = {"opinion": "agree", "reply": f"{TEXT} {PHONE}"}
            world.done(world.act(task["id"], "county", "complete", form=form))


def refusals(world: World, number: str, other: str) -> list[Any]:
    """Answers to requests that are wrong, each with private words in it."""
    handling = world.task(number, "resolve_or_pass_up")["id"]
    words = f"{TEXT} {NAME} {PHONE}"
    return [
        change(world, number, "merge", into="2026000009994", reason=words),
        change(world, other, "merge", into=other, reason=words),
        change(world, number, "split", parts=[{"description": words}]),
        world.ask(
            "POST", f"/public/reports/{number}/dispute", json={"code": words, "reason": words}
        ),
        world.dispute(number, words),
        world.ask("GET", f"/public/reports/{number}?code={quote(words)}"),
        world.act(handling, "station", "assist", posts=["station:ST-nowhere"], question=words),
        world.act(handling, "county", "countersign", posts=[world.post("city")], question=words),
        world.act(handling, "station", "complete", form={"outcome": words, "measures": words}),
        world.ask("POST", "/public/reports", json={"kind": words, "reporter": REPORTER}),
    ]


def test_neither_merges_disputes_nor_side_tasks_leave_a_trace_outside_the_case(
    world: World, heard: io.StringIO
) -> None:
    words = f"{TEXT} {NAME} {PHONE}"
    number = world.report(description=TEXT, reporter=REPORTER)
    world.accept(number, "village_assistant")
    world.do(number, "village_assistant", "resolve_or_pass_up", **{**PASSED_UP, "reason": words})
    world.accept(number, "station")
    merged = world.report(description=words, reporter=REPORTER)
    ask_aside(world, number)
    wrong = refusals(world, number, merged)
    world.done(change(world, merged, "merge", into=number, reason=words))
    world.do(number, "station", "resolve_or_pass_up", outcome="resolved", measures="已整改")
    answered = published(world)
    world.done(world.dispute(answered, words))
    world.wait(days=30)
    deliver_due(world.database, {"log": LogChannel()}, world.clock)
    metrics = world.client.get("/metrics").get_data(as_text=True)
    health = [
        world.client.get(f"/health/{of}").get_data(as_text=True) for of in ("ready", "deadlines")
    ]

    assert {answer.status_code // 100 for answer in wrong} == {4}
    assert said(heard.getvalue()) == []
    assert said(metrics) == []
    assert said(str(health)) == []
    assert [said(answer.get_data(as_text=True)) for answer in wrong] == [[]] * len(wrong)
    assert heard.getvalue().count('"event"') > 20
