"""Other platforms from the command line, with the demo's stand-in."""

import orjson

from tests.api.terminal import Terminal
from tests.supervision import SOURCE


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
