"""docs/requirements.md is whole and honest: a mark rests on a story somebody could walk."""

import re

import pytest

from tests.architecture.tree import ROOT, functions, source

ROW = re.compile(
    r"^\| (R\d\d) \| [^|]+ \| [^|]+ \| ([^|]+) \| (done|partly|later)\b([^|]*)\|$", re.MULTILINE
)
ROWS = ROW.findall(source("docs/requirements.md"))
WORKING = [(row[0], row[1]) for row in ROWS if row[2] != "later"]
AIM = re.compile(r"^\| ([\u4e00-\u9fff]{4}): [^|]+ \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
AIMS = AIM.findall(source("docs/requirements.md"))
STORIES = source("docs/departments-and-businesses.md")
TOLD = {
    head: re.findall(r"^\| ([^|]{3,}) \| (`[^|]+) \|$", part, re.MULTILINE)
    for head, _, part in (each.partition("\n") for each in STORIES.split("\n## ")[1:])
}
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")

# Fixtures through which a test walks HTTP, the pages or the command line, by their folder.
WALKS = {
    "stories": {"world", "postgres_world"},
    "api": {"api", "postgres_api", "terminal", "bare", "served"},
    "web": {"town", "person", "officer"},
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


@pytest.mark.parametrize("page", ["docs/sync.md", "docs/video-patrols.md"])
def test_every_story_of_a_page_is_told_by_a_test_there_is(page: str) -> None:
    named = TEST.findall(source(page))
    missing = [
        f"{path}::{name}"
        for path, name in named
        if name not in {one.name for one in functions(path)}
    ]

    assert named
    assert missing == []


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


def test_departments_patrols_and_businesses_are_shown_story_by_story() -> None:
    """R20-R28, R37, R38, R42, R55, R56: no row without a test that is there and walks."""
    unshown = [
        (what, shown_by)
        for rows in TOLD.values()
        for what, shown_by in rows
        if not TEST.findall(shown_by)
        or not all(walks(path, name) for path, name in TEST.findall(shown_by))
    ]

    assert unshown == []
    # The design names ten stories and six bad inputs of departments, six and six of businesses.
    assert [len(rows) for rows in TOLD.values()] == [12, 6, 19, 6, 6, 12]
    lines = [line for line in STORIES.splitlines() if line.startswith("| ") and "::" in line]
    assert len(lines) == sum(map(len, TOLD.values()))


def walks(path: str, name: str) -> bool:
    """Whether this test is there and goes in where people and programs do."""
    if not (ROOT / path).is_file():
        return False
    wanted = WALKS.get(path.split("/")[1], set())
    tests = (function for function in functions(path) if function.name == name)
    return any(wanted & {argument.arg for argument in test.args.args} for test in tests)
