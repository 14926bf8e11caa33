"""The analysts' page is followed: its commands run as they stand, with the results it tells."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from api.settings import ROOT
from tests.api.terminal import Ended, Terminal, copied

PAGE = (ROOT / "docs" / "analysts.md").read_text("utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
    if line
]
KEPT = ("网格员当场解决", "长期整改三次报进展")


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

    outs = {line: followed(terminal, line).out for line in COMMANDS}

    assert len(COMMANDS) > 15
    differences = [out for line, out in outs.items() if line == "hangji diff mine"]
    assert differences
    assert "办结前复核" in "".join(outs.values())
    assert "办结前复核" in (tmp_path / "check.html").read_text("utf-8")
    states = {
        one["version"]: one["state"]
        for one in terminal.run("versions", "grid_report", "--json").json
    }
    assert states[1] == "current"
    assert len(states) == 3


@pytest.mark.parametrize("what", ["加", "改", "拿掉", "退回"])
def test_every_chapter_has_commands_and_the_page_its_pictures(what: str) -> None:
    chapters = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    (chapter, *_) = [one for one in chapters if what in one.partition("\n")[0]]

    assert "```sh" in chapter
    assert (ROOT / "docs" / "analysts" / "check.png").exists()
