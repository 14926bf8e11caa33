"""The command line about versions: a bad one is not published, and there is a way back."""

import shutil
from pathlib import Path

import pytest

from api.composition import compose
from api.settings import ROOT, from_environment
from storage.people import actors
from storage.processes import definitions
from tests.api.terminal import Terminal, copied

REPORT = {
    "matter": "L01",
    "area": "350322100001001",
    "description": "示例",
    "no_photo_reason": "无",
}

UNASKED = (
    'targetRef="answered" />',
    (
        'targetRef="answered"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">'
        "side_result == 'answered'</bpmn:conditionExpression></bpmn:sequenceFlow>"
    ),
)
"""A default way, and the same with a condition of its own."""


@pytest.fixture
def folder(terminal: Terminal) -> Path:
    """The shipped diagrams, to be changed."""
    made = copied(ROOT / "bpmn", terminal.var / "bpmn")
    shutil.rmtree(made / "scenarios")  # these tests change what the scenarios say
    return made


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def _second_version(terminal: Terminal, folder: Path) -> None:
    _replace(folder / "forms" / "verify.json", "核查结果", "核查结论")
    assert terminal.run("deploy", folder).status == 0


def _states(terminal: Terminal, process: str = "grid_report") -> dict[int, str]:
    listed = terminal.run("versions", process, "--json").json
    return {one["version"]: one["state"] for one in listed}


def _new_case_runs_on() -> str:
    composition = compose(from_environment())
    with composition.database.transaction() as session:
        account = actors.find_officer(session, "grid_member")
        assert account is not None
        actor = actors.load_actor(session, account.id, at=composition.clock.now())
        composition.runner.start(session, "grid_report", REPORT, actor=actor)
        now = composition.clock.now()
        return definitions.get_published_digest(session, "grid_report", at=now)


def test_what_the_engine_cannot_read_is_neither_passed_nor_deployed(
    terminal: Terminal, folder: Path
) -> None:
    drawn = folder / "grid_report.bpmn"
    text = drawn.read_text("utf-8")
    start = text.index("<bpmn:documentation>", text.index("<bpmn:process "))
    stop = text.index("</bpmn:documentation>", start) + len("</bpmn:documentation>")
    rest = text[stop:].replace("</bpmn:laneSet>", "</bpmn:laneSet>" + text[start:stop], 1)
    drawn.write_text(text[:start] + rest, "utf-8")

    checked = terminal.run("check", folder)
    deployed = terminal.run("deploy", folder)

    assert (checked.status, deployed.status) == (1, 1)
    assert "grid_report.bpmn#grid_report: error engine" in checked.out
    assert _states(terminal) == {1: "current"}
    assert _new_case_runs_on()


def test_every_time_a_version_was_put_in_force_stays_on_file(
    terminal: Terminal, folder: Path
) -> None:
    _second_version(terminal, folder)
    terminal.run("rollback", "grid_report", "--to", 1, "--by", "示例管理员")

    listed = terminal.run("versions", "grid_report", "--history", "--json").json

    assert [(release["version"], release["publisher"]) for release in listed] == [
        (1, "示例管理员"),
        (2, "command line"),
        (1, "demo"),
    ]


def test_what_nobody_has_proved_is_published_only_by_a_named_person_who_accepts_it(
    terminal: Terminal, folder: Path
) -> None:
    """A diagram whose cases may come to a place without a way on."""
    _replace(folder / "side_task.bpmn", ' default="answers_given"', "")
    _replace(folder / "side_task.bpmn", *UNASKED)

    checked = terminal.run("check", folder)
    refused = terminal.run("deploy", folder)
    other = terminal.run("deploy", folder, "--accept", "unproved", "--by", "示例管理员")
    unnamed = terminal.run("deploy", folder, "--accept", "no_default")
    assert _states(terminal, "side_task") == {1: "current"}
    done = terminal.run("deploy", folder, "--accept", "no_default", "--by", "示例管理员")

    assert [one.status for one in (checked, refused, other, unnamed, done)] == [0, 1, 1, 2, 0]
    assert "hangji deploy --accept no_default --by" in refused.out
    assert "hangji deploy --accept no_default --by" in checked.out
    assert "--by NAME" in unnamed.err
    listed = terminal.run("versions", "side_task", "--json").json
    accepted = {one["version"]: one["accepted"] for one in listed}
    assert accepted[1] == []
    assert [one.split("#")[0] for one in accepted[2]] == ["示例管理员: no_default side_task.bpmn"]
    assert "示例管理员: no_default side_task.bpmn" in terminal.run("versions").out
    assert "no_default side_task.bpmn" in terminal.run("versions", "--history").out


def test_rolling_back_gives_new_cases_the_former_version(terminal: Terminal, folder: Path) -> None:
    first = _new_case_runs_on()
    _second_version(terminal, folder)
    assert _new_case_runs_on() != first

    ended = terminal.run("rollback", "grid_report", "--to", "1", "--by", "李示例")

    assert ended.status == 0
    assert "version 1" in ended.out
    assert _new_case_runs_on() == first
    listed = terminal.run("versions", "grid_report", "--json").json
    shown = [(one["version"], one["state"], one["running"]) for one in listed]
    # One of the sample's own cases runs on the first version, too.
    assert shown == [(2, "published", 1), (1, "current", 3)]
    assert listed[1]["publisher"] == "李示例"
    assert listed[1]["since"] > listed[0]["since"]


def test_a_retired_version_can_be_taken_up_again(terminal: Terminal, folder: Path) -> None:
    _second_version(terminal, folder)
    composition = compose(from_environment())
    with composition.database.transaction() as session:
        digest = definitions.get_version(session, "grid_report", 1)[0].digest
        definitions.move(session, "grid_report", digest, to="retired", seen="published")

    refused = terminal.run("deploy")
    assert refused.status == 1
    assert "hangji rollback grid_report --to 1" in refused.err
    assert _states(terminal) == {2: "current", 1: "retired"}

    assert terminal.run("rollback", "grid_report", "--to", "1").status == 0
    assert _states(terminal) == {2: "published", 1: "current"}


def test_deploying_former_files_makes_them_current_and_says_so(
    terminal: Terminal, folder: Path
) -> None:
    _second_version(terminal, folder)

    again = {one["process_id"]: one for one in terminal.run("deploy", "--json").json}

    report = again["grid_report"]
    assert (report["version"], report["is_new"], report["is_changed"]) == (1, False, True)
    assert not again["side_task"]["is_changed"]
    assert _states(terminal) == {2: "published", 1: "current"}
    words = terminal.run("deploy").out
    assert "already current" in words
    assert "current again" not in words


def test_there_is_no_way_back_to_what_never_was(terminal: Terminal) -> None:
    for words, said in (
        (("rollback", "grid_report", "--to", "9"), "没有第 9 版"),
        (("rollback", "nothing", "--to", "1"), "nothing"),
        (("versions", "nothing"), "grid_report"),
    ):
        ended = terminal.run(*words)
        assert ended.status == 1
        assert said in ended.err


def test_all_versions_are_listed_for_people(terminal: Terminal) -> None:
    shown = terminal.run("versions").out

    assert "public_report" in shown
    assert "current" in shown


def test_a_file_that_is_not_utf8_is_named_and_the_others_are_checked(
    terminal: Terminal, folder: Path
) -> None:
    drawn = folder / "side_task.bpmn"
    drawn.write_bytes(drawn.read_text("utf-8").encode("utf-16"))
    form = folder / "forms" / "verify.json"
    form.write_bytes(form.read_text("utf-8").encode("gb18030"))
    _replace(folder / "handling.bpmn", "serviceTask", "scriptTask")

    for command in ("check", "deploy"):
        ended = terminal.run(command, folder)

        assert ended.status == 1
        assert "side_task.bpmn: error xml_not_utf8" in ended.out
        assert "forms/verify.json: error form" in ended.out
        assert "handling.bpmn" in ended.out
