"""Published definitions are readable, and what analysts draw is checked without any harm."""

import io
from typing import Any

import pytest

from api.settings import ROOT
from engine.check import check_bundle
from engine.definitions import bundle, read_folder
from handlers.policy import POLICIES
from tests.api.conftest import Api

ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{i} "{"&a" + str(i - 1) + ";" if i else "&a;"}&a;">' for i in range(30))
    + "]><x>&a29;</x>"
)
HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" '
    'targetNamespace="http://hangji.example/bpmn">'
    '<bpmn:process id="bad" isExecutable="true">'
)
TAIL = "</bpmn:process></bpmn:definitions>"


def shipped() -> dict[str, str]:
    """Everything `grid_report` needs."""
    return bundle(read_folder(ROOT / "bpmn"), "grid_report")


def check(api: Api, files: dict[str, str]) -> Any:
    """Findings of a check."""
    answer = api.post("/processes/check", {"files": files}, "analyst")
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def test_the_published_processes_are_listed_with_their_versions_and_files(api: Api) -> None:
    listed = api.get("/processes", "grid_member").get_json()["items"]
    versions = api.get("/processes/grid_report/versions", "grid_member").get_json()["items"]
    one = api.get("/processes/grid_report/versions/1", "grid_member").get_json()

    names = {item["process"] for item in listed}
    assert names >= {"emergency_alert", "grid_report", "public_report", "side_task"}
    assert names.isdisjoint({"escalation", "follow_up", "handling"})
    assert [item["state"] for item in versions] == ["published"]
    assert one["files"].keys() == shipped().keys()
    assert one["running"] == 0


def test_the_shipped_diagrams_are_publishable(api: Api) -> None:
    told = check(api, shipped())

    assert told["is_publishable"], told["findings"]


def test_what_a_person_has_to_accept_is_not_publishable_before(api: Api) -> None:
    files = bundle(read_folder(ROOT / "bpmn"), "side_task")
    drawn = files["side_task.bpmn"].replace(' default="answers_given"', "")
    condition = "<bpmn:conditionExpression>side_result == 'answered'</bpmn:conditionExpression>"
    files["side_task.bpmn"] = drawn.replace(
        'targetRef="answered" />', f'targetRef="answered">{condition}</bpmn:sequenceFlow>'
    )

    told = check(api, files)

    assert {finding["severity"] for finding in told["findings"]} == {"warning"}
    assert not told["is_publishable"]
    assert told["to_accept"] == ["no_default"]


def test_files_may_be_sent_as_uploads(api: Api) -> None:
    parts = {
        f"f{at}": (io.BytesIO(text.encode()), name)
        for at, (name, text) in enumerate(shipped().items())
        if name == "handling.bpmn"
    }

    answer = api.send("POST", "/processes/check", "analyst", data=parts)

    told = answer.get_json()
    assert answer.status_code == 200
    assert {finding["file"] for finding in told["findings"]} <= {"handling.bpmn"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.bpmn", "this is no XML"),
        ("a.bpmn", ""),
        ("a.bpmn", "<definitions/>"),
        ("a.bpmn", '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'),
        ("a.bpmn", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'),
        ("a.bpmn", ENTITIES),
        ("a.bpmn", "<a>" * 50_000),
        ("a.bpmn", "\x00\x00"),
        (
            "a.bpmn",
            HEAD + '<bpmn:scriptTask id="s"><bpmn:script>1</bpmn:script></bpmn:scriptTask>' + TAIL,
        ),
        ("a.dmn", "<definitions/>"),
        ("forms/a.json", "{"),
        ("forms/a.json", "[" * 20_000),
        ("../../etc/passwd", "x"),
        ("*.bpmn", "x"),
    ],
)
def test_hostile_files_become_findings(api: Api, name: str, content: str) -> None:
    told = check(api, {name: content})

    assert not told["is_publishable"]
    assert "root:" not in str(told)
    assert all(
        finding["message"]["zh"] and finding["message"]["en"] for finding in told["findings"]
    )


def test_a_condition_that_reaches_for_the_system_is_named_with_its_place(api: Api) -> None:
    flow = "outcome == 'pass_up'"
    name = next(name for name, text in shipped().items() if flow in text)
    files = shipped()
    files[name] = files[name].replace(flow, "__import__('os').system('true')", 1)

    told = check(api, files)

    errors = [finding for finding in told["findings"] if finding["severity"] == "error"]
    assert not told["is_publishable"]
    assert name in {error["file"] for error in errors}


def test_too_much_is_refused_before_it_is_read(api: Api) -> None:
    answer = api.post("/processes/check", {"files": {"a.bpmn": "x" * (17 << 20)}}, "analyst")

    assert (answer.status_code, answer.get_json()["code"]) == (413, "upload_too_large")


def test_only_who_draws_may_check(api: Api) -> None:
    answer = api.post("/processes/check", {"files": {"a.bpmn": "x"}}, "grid_member")

    assert (answer.status_code, answer.get_json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("files", [{}, [], "text", {"": "x"}, {"a": {"b": 1}}])
def test_a_check_of_nothing_or_of_nonsense_is_told(api: Api, files: Any) -> None:
    answer = api.post("/processes/check", {"files": files}, "analyst")

    assert answer.status_code in {200, 422}
    assert answer.get_json().get("is_publishable", False) is False


def test_what_is_nested_too_deeply_is_refused_under_a_key_too(api: Api) -> None:
    """Such a body is not looked through; to make its fingerprint is no fault of ours."""
    deep = b'{"files": ' + b"[" * 400 + b"]" * 400 + b"}"

    answer = api.send(
        "POST",
        "/processes/check",
        "analyst",
        data=deep,
        content_type="application/json",
        key="a-key-for-deep-text",
    )

    assert answer.status_code == 422, answer.get_json()


def wide(name: str) -> str:
    """Twenty tasks side by side in a loop: more markings than are looked at."""
    ways = "".join(
        f'<bpmn:userTask id="t{at}" />'
        f'<bpmn:sequenceFlow id="a{at}" sourceRef="p" targetRef="t{at}" />'
        f'<bpmn:sequenceFlow id="b{at}" sourceRef="t{at}" targetRef="j" />'
        for at in range(20)
    )
    frame = (
        '<bpmn:startEvent id="s" /><bpmn:parallelGateway id="p" /><bpmn:parallelGateway id="j" />'
        '<bpmn:exclusiveGateway id="m" /><bpmn:exclusiveGateway id="g" default="y" />'
        '<bpmn:endEvent id="e" /><bpmn:sequenceFlow id="x" sourceRef="s" targetRef="m" />'
        '<bpmn:sequenceFlow id="v" sourceRef="m" targetRef="p" />'
        '<bpmn:sequenceFlow id="w" sourceRef="j" targetRef="g" />'
        '<bpmn:sequenceFlow id="y" sourceRef="g" targetRef="e" />'
        '<bpmn:sequenceFlow id="z" sourceRef="g" targetRef="m">'
        "<bpmn:conditionExpression>answer == 'again'</bpmn:conditionExpression>"
        "</bpmn:sequenceFlow>"
    )
    return HEAD.replace('id="bad"', f'id="{name}"') + frame + ways + TAIL


def test_one_check_has_one_budget_for_all_its_diagrams() -> None:
    """Each diagram is bounded; a hundred of them in one request were not."""
    names = [f"w{at:02}" for at in range(10)]

    told = check_bundle(
        {f"{name}.bpmn": wide(name).encode() for name in names}, policies=POLICIES, functions={}
    )

    unproved = {one.file: one for one in told if one.rule == "unproved"}
    assert sorted(unproved) == [f"{name}.bpmn" for name in names]
    assert "Too complex to prove" in unproved["w00.bpmn"].message.en
    last = unproved["w09.bpmn"]
    assert "not looked at" in last.message.en
    assert "fewer files" in last.way_out.en


def test_an_answer_holds_two_hundred_findings_and_counts_the_rest(api: Api) -> None:
    tasks = "".join(f'<bpmn:userTask id="Activity_{at}" />' for at in range(300))

    told = check(api, {"bad.bpmn": f"{HEAD}{tasks}{TAIL}"})

    assert len(told["findings"]) == 200
    assert told["left_out"] > 300
    assert not told["is_publishable"]


def test_what_a_version_changes_is_told_in_words(api: Api) -> None:
    """The first version is new as a whole; an unknown one is not found."""
    path = "/processes/side_task/versions/1/changes"

    items = api.get(path, "grid_member").get_json()["items"]

    assert {"forms/side_answer.json", "side_task.bpmn"} <= {item["file"] for item in items}
    assert "新增流程“协办会商”。" in {item["zh"] for item in items}
    assert api.get("/processes/side_task/versions/9/changes", "grid_member").status_code == 404
