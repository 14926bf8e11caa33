"""Old cases become files of a folder that verify, are found by number and read again."""

from pathlib import Path
from zipfile import ZipFile

import orjson
import pytest
from sqlalchemy import select

from engine.casefile.archive import read_index
from storage.tables import attachment
from tests.api.terminal import Ended, Terminal, environment
from tests.stories.test_facts import close
from tests.stories.test_retention import all_closed, retained
from tests.stories.world import World

LATER, EARLIER = "2099-01-01", "2020-01-01"


@pytest.fixture(params=["world", pytest.param("postgres_world", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest) -> World:
    """The city on either database."""
    found: World = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def terminal(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Terminal:
    """The command line of a machine with a signing key."""
    var = tmp_path / "var"
    var.mkdir()
    made = Terminal(capsys, var)
    with environment(var):
        made.run("keys", "new")
    return made


def archived(world: World, terminal: Terminal, folder: Path, before: str = LATER) -> Ended:
    """Archive what was closed before a day."""
    return retained(world, terminal, "archive", "--before", before, str(folder), "--json")


def test_closed_cases_are_written_once_verify_and_are_read_again(
    place: World, terminal: Terminal, tmp_path: Path
) -> None:
    numbers, waiting = all_closed(place), place.report()

    first = archived(place, terminal, tmp_path / "old")
    again = archived(place, terminal, tmp_path / "old")
    none = archived(place, terminal, tmp_path / "none", EARLIER)

    index = read_index(tmp_path / "old")
    assert first.json == {"written": 2, "broken": [], "in_folder": 2}
    assert again.json == {"written": 0, "broken": [], "in_folder": 2}
    assert none.json == {"written": 0, "broken": [], "in_folder": 0}
    assert sorted(index) == sorted(numbers)
    assert waiting not in index
    for number in numbers:
        file = tmp_path / "old" / index[number].file
        with environment(terminal.var):
            verdict = terminal.run("verify", str(file), "--json").json
            shown = terminal.run("archive", str(tmp_path / "old"), "--show", number)
        assert (verdict["authenticated"], verdict["number"]) == (True, number)
        assert verdict["head_hash"] == index[number].head_hash
        assert (shown.status, "case_opened" in shown.out) == (0, True)


def test_a_case_that_was_reopened_and_closed_again_is_written_again(
    world: World, terminal: Terminal, tmp_path: Path
) -> None:
    number = world.file("grid_member")
    close(world, number, "grid_member")
    archived(world, terminal, tmp_path / "old")
    before = read_index(tmp_path / "old")[number]

    again = {"reason": "又发现问题"}
    world.done(world.ask("POST", f"/cases/{number}/reopen", "supervisor", json=again))
    close(world, number, world.task(number)["level"])
    after = archived(world, terminal, tmp_path / "old")

    assert after.json["written"] == 1
    assert read_index(tmp_path / "old")[number].head_hash != before.head_hash


def test_a_case_whose_photo_is_lost_is_named_and_not_archived(
    world: World, terminal: Terminal, tmp_path: Path
) -> None:
    numbers = all_closed(world)
    with world.database.reading() as session:
        (digest,) = set(session.execute(select(attachment.c.sha256)).scalars())
    blobs = world.composition.blobs
    (blobs / digest[:2] / digest).unlink()

    ended = archived(world, terminal, tmp_path / "old")

    assert (ended.status, ended.json["written"]) == (1, 1)
    (fault,) = ended.json["broken"]
    assert "lost attachments" in fault
    assert len(read_index(tmp_path / "old")) == len(numbers) - 1
    assert not list(tmp_path.rglob("*.part"))


def test_a_changed_archive_is_not_shown(world: World, terminal: Terminal, tmp_path: Path) -> None:
    number = all_closed(world)[0]
    archived(world, terminal, tmp_path / "old")
    file = tmp_path / "old" / read_index(tmp_path / "old")[number].file
    with ZipFile(file) as zipped:
        content = {name: zipped.read(name) for name in zipped.namelist()}
    lines = content["events.jsonl"].splitlines()
    content["events.jsonl"] = b"\n".join([*lines[:-1], _changed(lines[-1])]) + b"\n"
    with ZipFile(file, "w") as zipped:
        for name, one in content.items():
            zipped.writestr(name, one)

    with environment(terminal.var):
        shown = terminal.run("archive", str(tmp_path / "old"), "--show", number)
        unknown = terminal.run("archive", str(tmp_path / "old"), "--show", "2020000000001")

    assert (shown.status, number in shown.err) == (1, True)
    assert (unknown.status, "no case 2020000000001" in unknown.err) == (1, True)


def _changed(line: bytes) -> bytes:
    return orjson.dumps({**orjson.loads(line), "actor": "officer:99"})
