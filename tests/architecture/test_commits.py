"""The hook that checks the form of a commit message."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

HOOK = ROOT / ".ci" / "hooks" / "commit-msg"
WHY = "\n\nIt saved nothing.\n"


def hook(folder: Path, message: str) -> str:
    """What the hook says; empty when it lets the message pass."""
    file = folder / "message"
    file.write_text(message, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, str(HOOK), str(file)], capture_output=True, text=True, check=False
    )
    assert (ran.returncode == 0) == (ran.stderr == "")
    return ran.stderr


@pytest.mark.parametrize(
    "message",
    [
        f"web: Revert the problem cache{WHY}",
        "all: Move modules into packages by noun\n",
        f"engine, storage: Write the moments of a step once{WHY}",
        "Merge branch 'rights'\n",
    ],
)
def test_a_message_in_the_form_passes(message: str, tmp_path: Path) -> None:
    assert hook(tmp_path, message) == ""


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        (f"Revert the problem cache.{WHY}", "area: Sentence"),
        (f"web: Revert the problem cache.{WHY}", "without a full stop"),
        (f"web: Revert {'x' * 70}{WHY}", "shorten the subject to 72"),
        ("web: Revert the problem cache\nIt saved nothing.\n", "leave the second line empty"),
        ("web: Revert the problem cache\n", "say why in the body"),
    ],
)
def test_a_message_out_of_form_is_refused_with_advice(
    message: str, advice: str, tmp_path: Path
) -> None:
    assert advice in hook(tmp_path, message)
