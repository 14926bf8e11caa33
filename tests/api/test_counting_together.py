"""The folder in which processes count together goes with them, however they end."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHARE = """
from api.telemetry.sharing import share
share()
print("shared", flush=True)
input()
"""
CHILD = """
import subprocess, sys
from api.telemetry.sharing import held, share
share()
words = [sys.executable, "-c", "print('shared', flush=True); input()"]
subprocess.Popen(words, pass_fds=held())
input()
"""


@contextmanager
def sharing(folder: Path, program: str = SHARE) -> Iterator["subprocess.Popen[str]"]:
    """A process that counts together with others, in a temporary folder of the test's own."""
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, "TMPDIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "shared\n"
        yield process


def folders(folder: Path) -> set[str]:
    return {one.name for one in folder.glob("hangji-metrics-*")}


def test_the_folder_goes_when_its_process_ends(tmp_path: Path) -> None:
    with sharing(tmp_path) as process:
        assert len(folders(tmp_path)) == 1
        process.communicate("\n")

    assert folders(tmp_path) == set()


def test_what_a_killed_process_left_goes_with_the_next_start_and_nothing_else(
    tmp_path: Path,
) -> None:
    (tmp_path / "hangji-metrics-not-locked-yet").mkdir()
    with sharing(tmp_path) as killed:
        left = folders(tmp_path)
        killed.kill()
        killed.wait()
        with sharing(tmp_path) as living:
            first = folders(tmp_path) - left
            with sharing(tmp_path) as other:
                assert first < folders(tmp_path)
                other.communicate("\n")
            assert folders(tmp_path) == {"hangji-metrics-not-locked-yet", *first}
            living.communicate("\n")

    assert folders(tmp_path) == {"hangji-metrics-not-locked-yet"}


def test_a_child_that_outlives_its_parent_keeps_the_folder(tmp_path: Path) -> None:
    """Worker processes write on for a moment after the command that started them was killed."""
    with sharing(tmp_path, CHILD) as parent:
        (kept,) = folders(tmp_path)
        parent.kill()
        parent.wait()
        with sharing(tmp_path) as other:
            assert kept in folders(tmp_path)
            other.communicate("\n")
        parent.communicate("\n")
