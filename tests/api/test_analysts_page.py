"""The analysts' page is followed: its commands run as they stand, with the results it tells."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from api.settings import ROOT
from tests.api.terminal import Ended, Terminal, copied

PAGE = (ROOT / "docs" / "analysts.md").read_text("utf-8")
BLOCKS = re.findall(r"```(sh|csv)\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines() if line]
KEPT = ("网格员当场解决", "长期整改三次报进展", "长期整改")


def followed(terminal: Terminal, line: str) -> Ended:
    """Run one line of the page; a comment is the status it ends with, where that is not 0."""
    words = shlex.split(line, comments=True)
    if words[0] == "cp":
        shutil.copytree(words[2], words[3])
        return Ended(0, "", "")
    status = int(line.partition("#")[2] or 0)
    ended = terminal.run(*words[1:])
    assert (line, ended.status) == (line, status), ended.out + ended.err
    return ended


def corrected(folder: Path, rows: str) -> None:
    """The scenario as the page says: the first row replaces the one it resembles; `-` deletes."""
    path = folder / "scenarios" / "grid_report.csv"
    first = rows.removeprefix("-").splitlines()[0].rsplit(",", 3)[0]
    kept = path.read_text("utf-8").splitlines(keepends=True)
    (place,) = [at for at, row in enumerate(kept) if row.startswith(first)]
    written = "" if rows.startswith("-") else rows
    path.write_text("".join([*kept[:place], written, *kept[place + 1 :]]), "utf-8")


def few_scenarios(folder: Path) -> None:
    """Keep two of the shipped scenarios: all of them are played elsewhere."""
    for path in (folder / "scenarios").glob("*.csv"):
        head, *rows = path.read_text("utf-8").splitlines(keepends=True)
        kept, name = [head], ""
        for row in rows:
            name = row.partition(",")[0] or name
            kept += [row] if name in KEPT else []
        path.write_text("".join(kept), "utf-8")


def test_the_page_is_followed_from_its_first_command_to_its_last(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_scenarios(copied(ROOT / "bpmn", tmp_path / "bpmn"))
    monkeypatch.chdir(tmp_path)

    outs = []
    for kind, block in BLOCKS:
        if kind == "csv":
            corrected(Path("mine"), block)
        else:
            outs += [(line, followed(terminal, line).out) for line in block.splitlines() if line]

    assert len(COMMANDS) > 15
    first, limit, last = [out for line, out in outs if line == "hangji diff mine"]
    assert "新增任务“办结前复核”：承办岗, form=review" in first
    assert "新增表单“复核”" in first
    assert "2 → 5" in limit
    assert "删去任务“办结前复核”" in last
    assert "办结前复核" in (tmp_path / "check.html").read_text("utf-8")
    states = {
        one["version"]: one["state"]
        for one in terminal.run("versions", "grid_report", "--json").json
    }
    assert states[1] == "current"
    assert len(states) == 3


@pytest.mark.parametrize("what", ["加", "改", "拿掉", "退回"])
def test_every_chapter_has_commands_and_the_page_its_pictures(what: str) -> None:
    chapters = re.split(r"^## ", PAGE, flags=re.MULTILINE)[2:]
    (chapter, *_) = [one for one in chapters if what in one.partition("\n")[0]]

    assert "```sh" in chapter
    assert (ROOT / "docs" / "analysts" / "check.png").exists()
