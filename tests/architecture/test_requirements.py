"""docs/requirements.md is whole and honest: a mark rests on a story somebody could walk."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, functions, source

ROW = re.compile(
    r"^\| (R\d\d) \| [^|]+ \| [^|]+ \| ([^|]+) \| (done|partly|later)\b([^|]*)\|$", re.MULTILINE
)
ROWS = ROW.findall(source("docs/requirements.md"))
WORKING = [(row[0], row[1]) for row in ROWS if row[2] != "later"]
AIM = re.compile(r"^\| ([\u4e00-\u9fff]{4}): [^|]+ \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
AIMS = AIM.findall(source("docs/requirements.md"))
TOLD = re.compile(r"^\| ([^|]{3,}) \| (`[^|]+) \|$", re.MULTILINE)
BARS = re.compile(r"^\| ([^|]{3,}) \| ([^|]*) \| ([^|]+) \|$", re.MULTILINE)
BOTH = ("either_world", "either_api", "pytest.mark.postgres")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")

# Fixtures through which a test walks HTTP, the pages or the command line, by their folder.
WALKS = {
    "stories": {"world", "postgres_world"},
    "api": {"api", "postgres_api", "terminal", "bare", "served"},
    "web": {"town", "person", "officer", "address"},
}


def test_every_requirement_is_listed_once() -> None:
    assert [number for number, *_ in ROWS] == [f"R{number:02}" for number in range(1, 76)]


@pytest.mark.parametrize(
    ("number", "shown_by"), [(row[0], row[1]) for row in ROWS if row[2] == "done"]
)
def test_what_is_done_is_cited_by_a_test_it_names(number: str, shown_by: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::\w+)?`", shown_by)
    cited = [path for path in named if re.search(rf"\b{number}\b", source(path))]

    assert cited


@pytest.mark.parametrize(("number", "shown_by"), WORKING)
def test_what_works_names_a_story_over_http_pages_or_command_line(
    number: str, shown_by: str
) -> None:
    """A function that only a unit test calls is no capability."""
    named = TEST.findall(shown_by)

    assert named, number
    assert [f"{path}::{name}" for path, name in named if not walks(path, name)] == []


def test_every_aim_of_the_plan_has_a_module_and_a_test() -> None:
    """R02."""
    missing = [
        (aim, place)
        for aim, modules, _ in AIMS
        for place in re.findall(r"`([\w./]+)`", modules)
        if not (ROOT / place).exists()
    ]
    untold = [
        aim
        for aim, modules, shown_by in AIMS
        if not modules.startswith("later: ")
        and not any(walks(path, name) for path, name in TEST.findall(shown_by))
    ]

    assert [aim for aim, *_ in AIMS] == ["条块联合", "信息联通", "监管联动", "服务联帮", "共治联防"]
    assert (missing, untold) == ([], [])


@pytest.mark.parametrize(
    ("number", "how_far"), [(row[0], row[3]) for row in ROWS if row[2] == "partly"]
)
def test_what_is_partly_done_says_which_part(number: str, how_far: str) -> None:
    assert how_far.startswith(": "), number


@pytest.mark.parametrize(
    ("page", "rows"),
    [
        # The design names ten stories and six bad inputs of departments, six and six of businesses.
        ("docs/departments-and-businesses.md", [12, 6, 23, 7, 6, 12]),
        # It names nine stories and seven bad inputs of the sync, six and five of video patrols.
        ("docs/two-platforms.md", [9, 9, 19, 6, 5, 7]),
        # Of seventeen checks all but the citizens' own and the map, which have pages of theirs.
        ("docs/officers-and-leaders.md", [9, 7, 5]),
    ],
)
def test_capabilities_are_shown_story_by_story(page: str, rows: list[int]) -> None:
    """R20-R28, R37, R38, R42, R55, R56; R29-R35: no row without a test that is there and walks."""
    parts = told_in(page)
    unshown = [
        (what, shown_by)
        for part in parts.values()
        for what, shown_by in part
        if not TEST.findall(shown_by)
        or not all(walks(path, name) for path, name in TEST.findall(shown_by))
    ]

    assert unshown == []
    assert [len(part) for part in parts.values() if part] == rows
    lines = [line for line in source(page).splitlines() if line.startswith("| ") and "::" in line]
    bars = [bar for bar in BARS.findall(source(page)) if "::" in bar[2]]
    assert len(lines) == sum(rows) + len(bars)


def test_stories_of_two_platforms_are_told_on_both_databases() -> None:
    """R29-R35: pages and the command line are shown on SQLite alone."""
    told = [
        shown_by
        for head, part in told_in("docs/two-platforms.md").items()
        if head.endswith(("stories", "bad input"))
        for _, shown_by in part
    ]
    named = {path for shown_by in told for path, _ in TEST.findall(shown_by)}

    assert len(told) == 29
    assert [path for path in sorted(named) if not is_told_on_both(path)] == []


def test_every_bar_of_two_platforms_is_measured_or_tested() -> None:
    bars = BARS.findall(source("docs/two-platforms.md"))
    places = [place for _, measured, _ in bars for place in re.findall(r"`([\w./]+)`", measured)]
    named = [each for _, _, shown_by in bars for each in TEST.findall(shown_by)]

    assert len(bars) == 6
    assert [place for place in places if not (ROOT / place).is_file()] == []
    assert [each for each in named if not walks(*each)] == []
    assert [what for what, measured, shown in bars if "`" not in measured + shown] == []


def told_in(page: str) -> dict[str, list[tuple[str, str]]]:
    """The rows of a page by their heading: what is told, and what shows it."""
    parts = (part.partition("\n") for part in source(page).split("\n## ")[1:])
    return {head: TOLD.findall(rows) for head, _, rows in parts}


def is_told_on_both(path: str) -> bool:
    """Whether a module of tests, or the folder it lies in, takes both kinds of database."""
    places = [path, str(Path(path).parent / "conftest.py")] if "/sync/" in path else [path]
    return any(mark in source(place) for place in places for mark in BOTH)


def walks(path: str, name: str) -> bool:
    """Whether this test is there and goes in where people and programs do."""
    if not (ROOT / path).is_file():
        return False
    wanted = WALKS.get(path.split("/")[1], set())
    tests = (function for function in functions(path) if function.name == name)
    return any(wanted & {argument.arg for argument in test.args.args} for test in tests)
