"""Commands of a city with a role more: its pack is installed before a command runs."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import ROOT
from storage.city.rules import install, read_rules
from tests.api.terminal import Terminal, environment
from tests.city import CITY


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    """A terminal on a machine with a city pack and diagrams of its own; one lane is renamed."""
    shutil.copytree(CITY, tmp_path / "city")
    shutil.copytree(ROOT / "bpmn", tmp_path / "drawn")
    for name in ("case_investigation", "snapshot_review"):
        drawn = tmp_path / "drawn" / f"{name}.bpmn"
        text = drawn.read_text(encoding="utf-8")
        assert 'name="执法大队"' in text
        drawn.write_text(text.replace('name="执法大队"', 'name="检查员"'), encoding="utf-8")
    with environment(tmp_path / "var") as patch:
        patch.setenv("HANGJI_CITY_FOLDER", str(tmp_path / "city"))
        yield Terminal(capsys, tmp_path / "var")
    install(read_rules(CITY))


def test_a_lane_of_a_role_added_to_the_pack_passes_the_check(
    terminal: Terminal, tmp_path: Path
) -> None:
    before = terminal.run("check", tmp_path / "drawn")
    with (tmp_path / "city" / "roles.csv").open("a", encoding="utf-8") as roles:
        roles.write(
            "inspector,检查员,Inspector,,enforcement,county,county,5,,yes,no,yes,no,no,no,no,no\n"
        )

    lanes = tmp_path / "city" / "lanes.csv"
    lanes.write_text(
        lanes.read_text(encoding="utf-8").replace(",enforcement,", ",inspector,"),
        encoding="utf-8",
    )

    after = terminal.run("check", tmp_path / "drawn")

    assert (before.status, after.status) == (1, 0), after.out


def test_a_command_refuses_a_pack_with_a_role_without_rank(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "city" / "roles.csv"
    row = len(path.read_text(encoding="utf-8").splitlines()) + 1
    with path.open("a", encoding="utf-8") as roles:
        roles.write(
            "inspector,检查员,Inspector,,enforcement,county,county,,,yes,no,yes,no,no,no,no\n"
        )

    ended = terminal.run("check", tmp_path / "drawn")

    assert ended.status == 1
    assert f"roles.csv: 第 {row} 行 (row) rank" in ended.err


def test_a_role_of_every_city_added_to_a_running_city_gets_its_post(
    terminal: Terminal, tmp_path: Path
) -> None:
    assert terminal.run("demo").status == 0
    with (tmp_path / "city" / "roles.csv").open("a", encoding="utf-8") as roles:
        roles.write("visitor,巡访员,Visitor,,assistance,city,city,0,,no,no,no,no,no,no,yes,no\n")

    first, second = terminal.run("upgrade-db"), terminal.run("upgrade-db")

    assert "new posts: visitor:3503" in first.out
    assert "new posts" not in second.out
