"""Scenarios on the command line: the shipped ones hold, a real case becomes one, a broken one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.composition import compose
from api.settings import ROOT, from_environment
from storage.people import actors
from tests.api.terminal import Terminal, copied, environment

HEADS = "scenario,after,who,does,values,tasks,owner,outcome\n"
STARTED = (
    "示例,,grid_member,grid_report,"
    "matter=L01; area=350322100001001001; description=示例; no_photo_reason=无,{tasks},,\n"
)

DONE = ",1h,grid_member,resolve_or_pass_up,outcome=not_valid; reason=无,"


@pytest.fixture
def bare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    """A machine on which nothing has run."""
    with environment(tmp_path / "var"):
        yield Terminal(capsys, tmp_path / "var")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped diagrams with one short scenario beside them."""
    made = copied(ROOT / "bpmn", tmp_path / "bpmn")
    for path in (made / "scenarios").glob("*.csv"):
        path.unlink()
    told = HEADS + STARTED.format(tasks="resolve_or_pass_up@grid_member")
    (made / "scenarios" / "short.csv").write_text(told, "utf-8")
    return made


BY_REGISTER = {"operates_after_notice", "not_owed"}
"""Reached when the register says so, which a scenario does not change; stories walk there."""


def test_the_shipped_scenarios_go_as_written_and_reach_everything_drawn(bare: Terminal) -> None:
    ended = bare.run("scenario", "run", "--json")

    assert [one for one in ended.json["scenarios"] if not one["is_fine"]] == []
    assert ended.status == 0
    missed = {
        one["name"]: [
            node for node, times in one["times"].items() if not times and node not in BY_REGISTER
        ]
        for one in ended.json["diagrams"]
    }
    assert len(missed) >= 7
    assert {name: nodes for name, nodes in missed.items() if nodes} == {}
    (matters,) = [one for one in ended.json["tables"] if one["name"] == "matters"]
    unreached = [row for row, times in matters["times"].items() if not times]
    assert [row for row in unreached if not row.endswith("_repeat")] == []


def test_a_drawing_that_breaks_a_scenario_is_published_only_by_who_accepts_it(
    terminal: Terminal, folder: Path
) -> None:
    """The matter goes to the department by the new row; the scenario still says the grid."""
    table = folder / "matters.dmn"
    text = table.read_text("utf-8")
    row = text.index('id="L01"')
    changed = text[row:].replace("GRID_FIRST", "MSA_DIRECT", 1).replace("collector", "station", 1)
    table.write_text(text[:row] + changed, "utf-8")

    played = terminal.run("scenario", "run", folder)
    refused = terminal.run("deploy", folder)
    version = terminal.run("versions", "grid_report", "--json").json[0]["version"]
    done = terminal.run("deploy", folder, "--accept", "scenario", "--by", "示例管理员")

    assert (played.status, refused.status, version, done.status) == (1, 1, 1, 0)
    for words in (played.out, refused.out):
        assert "accept@station" in words
        assert "short.csv" in words
    assert "--accept scenario" in refused.out
    newest = terminal.run("versions", "grid_report", "--json").json[0]
    assert (newest["version"], newest["state"]) == (2, "current")
    assert [one for one in newest["accepted"] if "示例管理员: scenario" in one]


def test_a_real_case_recorded_by_one_command_goes_the_same_way_again(
    terminal: Terminal, folder: Path
) -> None:
    number = _a_case_passed_up()
    (folder / "scenarios" / "short.csv").unlink()

    recorded = terminal.run("scenario", "record", number, "--into", folder, "--name", "真事")
    played = terminal.run("scenario", "run", folder)

    assert recorded.status == 0
    written = (folder / "scenarios" / f"{number}.csv").read_text("utf-8")
    assert written.count("\n") == 3
    assert "accept@grid_leader,grid_leader" in written
    assert (played.status, "1 of 1 scenarios" in played.out) == (0, True)


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        ("name,after\n", 1, "表头"),
        (HEADS + ",,grid_member,grid_report,,,,\n", 2, "名称"),
        (HEADS + "示例,,,,,,,\n", 2, "发起哪个流程"),
        (HEADS + "示例,明天,,grid_report,,,,\n", 2, "开始的时间"),
        (HEADS + "示例,,,grid_report,,,,\n,soon,,accept,,,,\n", 3, "多久之后"),
        (HEADS + "示例,,,grid_report,matter,,,\n", 2, "名称=值"),
        (HEADS + "示例,,,grid_report\n", 2, "格"),
        (HEADS + "甲,,,grid_report,,,,\n乙,,,grid_report,,,,\n甲,,,accept,,,,\n", 4, "连在一起"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_its_line(
    bare: Terminal, tmp_path: Path, rows: str, line: int, words: str
) -> None:
    made = copied(ROOT / "bpmn" / "forms", tmp_path / "drawn" / "forms").parent
    (made / "scenarios").mkdir()
    (made / "scenarios" / "wrong.csv").write_text(rows, "utf-8")

    ended = bare.run("scenario", "run", made)

    assert ended.status == 1
    assert f"wrong.csv 第 {line} 行" in ended.err
    assert words in ended.err


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (",,station,accept,answer=accept,,,\n", "resolve_or_pass_up@grid_member"),
        (",1h,grid_member,resolve_or_pass_up,outcome=perhaps,,,\n", "/outcome"),
        (",,,no_such_step,,,,\n", "no_such_step"),
        (DONE + "accept@station,,\n", "应为 accept@station"),
        (DONE + ",station,\n", "应为 station"),
        (DONE + ",,resolved\n", "应为 resolved"),
    ],
)
def test_the_first_line_that_does_not_go_as_written_is_named(
    bare: Terminal, folder: Path, row: str, words: str
) -> None:
    told = HEADS + STARTED.format(tasks="") + row
    (folder / "scenarios" / "short.csv").write_text(told, "utf-8")

    ended = bare.run("scenario", "run", folder, "--json")

    assert ended.status == 1
    (one,) = ended.json["scenarios"]
    assert one["line"] == 3
    assert words in one["message"]["zh"]


def _a_case_passed_up() -> str:
    composition = compose(from_environment())
    form = {"matter": "L01", "area": "350322100001001001", "description": "示例"}
    forms = [
        {"outcome": "pass_up", "reason_code": "beyond_powers", "reason": "超出职权；见附件"},
    ]
    with composition.database.transaction() as session:
        account = actors.find_officer(session, "grid_member")
        assert account is not None
        actor = actors.load_actor(session, account.id, at=composition.clock.now())
        runner = composition.runner
        done = runner.start(session, "grid_report", {**form, "no_photo_reason": "无"}, actor=actor)
        for values in forms:
            task = done.next_tasks[0]
            done = runner.complete(session, task.running_id, int(task.token), values, actor=actor)
    composition.database.close()
    return done.number


def test_the_second_person_of_a_post_and_the_calendar_act_as_written(
    bare: Terminal, tmp_path: Path
) -> None:
    """What a scenario writes as `station:2` or `calendar:county` is acted by exactly them."""
    made = copied(ROOT / "bpmn", tmp_path / "bpmn")
    table = made / "scenarios" / "department_inspection.csv"
    text = table.read_text("utf-8")
    table.write_text(text.replace("station:2,", "station,"), "utf-8")
    calendar = made / "scenarios" / "registry_refresh.csv"
    written = calendar.read_text("utf-8").replace("calendar:county", "calendar:nobody")
    calendar.write_text(written, "utf-8")

    ended = bare.run("scenario", "run", made, "--only", "核", "--json")

    broken = {
        one["scenario"]: one["message"]["en"]
        for one in ended.json["scenarios"]
        if not one["is_fine"]
    }
    assert "nobody" in broken["当月没有变化，核对后确认"]
    assert broken.keys() >= {"有问题，当场改正，第二人核查后办结"}
