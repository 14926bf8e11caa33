"""The processes of a server, each on a processor of its own."""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

PROGRAM = """
import os, sys
from pathlib import Path
from api.cli.server import processors
processors.bind(Path(sys.argv[1]))
print(*(sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else ()), flush=True)
sys.stdin.read()
"""


def test_each_process_holds_one_processor_until_it_ends(tmp_path: Path) -> None:
    """One more than there are stays free to move; the place of one that ended is taken again.

    Where the system binds no process there is nothing to hold.
    """
    ours = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    with ExitStack() as stack:
        started = [_start(stack, tmp_path) for _ in range(len(ours) + 1)]
        assert [bound for _, bound in started] == [[number] for number in ours] + [ours]

        first = started[0][0]
        first.kill()
        first.wait()
        _, bound = _start(stack, tmp_path)
        assert bound == ours[:1]


def _start(stack: ExitStack, folder: Path) -> tuple[subprocess.Popen[str], list[int]]:
    """Start a process that stays, and wait until it says where it is bound."""
    process = stack.enter_context(
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    )
    stack.callback(process.kill)
    assert process.stdout is not None
    return process, [int(number) for number in process.stdout.readline().split()]
