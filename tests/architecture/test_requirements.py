"""docs/requirements.md is whole and honest: what is marked as working is cited by a test."""

import re

import pytest

from tests.architecture.tree import source

ROW = re.compile(
    r"^\| (R\d\d) \| [^|]+ \| [^|]+ \| ([^|]+) \| (done|partly|later)\b([^|]*)\|$", re.MULTILINE
)
ROWS = ROW.findall(source("docs/requirements.md"))


def test_every_requirement_is_listed_once() -> None:
    assert [number for number, *_ in ROWS] == [f"R{number:02}" for number in range(1, 76)]


@pytest.mark.parametrize(
    ("number", "shown_by"), [(row[0], row[1]) for row in ROWS if row[2] == "done"]
)
def test_what_is_done_is_cited_by_a_test_it_names(number: str, shown_by: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`", shown_by)
    cited = [path for path in named if re.search(rf"\b{number}\b", source(path))]

    assert cited


@pytest.mark.parametrize(
    ("number", "how_far"), [(row[0], row[3]) for row in ROWS if row[2] == "partly"]
)
def test_what_is_partly_done_says_which_part(number: str, how_far: str) -> None:
    assert how_far.startswith(": "), number
