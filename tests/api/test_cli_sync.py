"""Other platforms from the command line, with the demo's stand-in."""

from pathlib import Path

import orjson

from tests.api.terminal import Terminal
from tests.supervision import SOURCE, running


def test_the_demo_reads_its_supervision_platform_and_says_how_it_stands(
    terminal: Terminal,
) -> None:
    made = terminal.run("demo", "--with-supervision", "--json")
    status = terminal.run("sync", "status", "--json")
    down = terminal.run("sync", "run", SOURCE)
    again = terminal.run("sync", "replay", SOURCE, "--from", "2026-01-01 00:00:00", "--json")
    compared = terminal.run("sync", "compare", SOURCE)
    unknown = terminal.run("sync", "run", "nothing")

    assert made.status == 0, made.err
    assert "4 visits arrived" in made.err
    (shown,) = orjson.loads(status.out)
    assert (shown["source"], shown["dead"], shown["paused"]) == (SOURCE, 0, None)
    assert shown["last_ok"]
    assert "nothing read" in down.out
    assert orjson.loads(again.out) == {}
    assert (compared.status, unknown.status) == (1, 1)
    said = terminal.run("sync", "status")
    assert "could not be reached" in said.out


def test_a_platform_is_read_again_from_a_cursor_and_nothing_is_doubled(
    terminal: Terminal, tmp_path: Path
) -> None:
    """R29: what lies before the cursor is not asked for, what is known stays as it is."""
    with running(tmp_path) as platform:
        platform.configure(terminal.var)
        platform.inspection("EARLY", gxsj="2026-03-02 08:30:00")
        platform.inspection("LATE", gxsj="2026-03-03 08:30:00")
        read = terminal.run("sync", "run", SOURCE, "--json")
        again = terminal.run("sync", "replay", SOURCE, "--from", "2026-03-03 00:00:00", "--json")
        compared = terminal.run("sync", "compare", SOURCE)

    assert (read.json["created"], again.json["read"], again.json["same"]) == (2, 1, 1)
    assert "0 differences in 35 days" in compared.out
