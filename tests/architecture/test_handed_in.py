"""What must never stand in a tracked file: hosts, machine paths, stubs, real people's numbers."""

import csv
import re
from collections.abc import Iterator

import pytest

from tests.architecture.tree import ROOMS, Place, calls, source, tracked_files

# Written so that no pattern matches the line it stands on.
PLACES = {
    "an address of a package registry": r"(?:pypi|npmjs|debian)[.](?:org|com)|python[h]osted",
    "a place it was fetched from": r'"resolved":\s*"[h]ttp',
    "a path of somebody's machine": r"(?<![\w.])/(?:work|farm|home|Users|root)/\w|/tm[p]/[a-z_]+",
}
STUBS = (
    r"\b(?:TO[D]O|FIX[M]E|XX[X]|NotImplemented[E]rror)\b|pytest\.sk[i]p\(|mark\.(?:sk[i]p|xf[a]il)"
)
FOREIGN = r"""(?:src|href|action|srcset|from|import|url|fetch)\s*[=(]?\s*["'(]?(?:https?:)?//\w"""
MOBILE = re.compile(r"(?<![\w.-])1[3-9]\d{9}(?![\w.-])")
IDENTITY = re.compile(r"(?<!\w)[1-9]\d{5}(?:19|20)\d{2}[01]\d[0-3]\d\d{3}[\dXx](?!\w)")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@pytest.mark.parametrize("what", [*PLACES])
def test_no_file_names_a_place_outside_the_repository(what: str) -> None:
    assert list(matches(PLACES[what])) == []


def test_nothing_is_left_undone_or_skipped() -> None:
    code = [hit for hit in matches(STUBS) if hit.path.endswith((".py", ".js", ".mjs", ".ts"))]

    assert [str(hit) for hit in code] == []


def test_no_telephone_number_could_be_somebodys() -> None:
    """R66: generated people carry numbers with four zeros in a row."""
    real = [
        str(hit)
        for hit in matches(MOBILE.pattern)
        if any("0000" not in number for number in MOBILE.findall(hit.what))
    ]

    assert real == []


def test_no_identity_number_stands_anywhere() -> None:
    """R66: eighteen digits with a date of birth and a right check digit."""
    found = [
        str(hit)
        for hit in matches(IDENTITY.pattern)
        if any(is_identity_number(text) for text in IDENTITY.findall(hit.what))
    ]

    assert found == []


def test_every_person_of_a_sample_is_marked_as_generated() -> None:
    """R66: 演示 (demonstration) in the name, so that nobody can take it for a real one."""
    real = [
        f"{path}: {row[column]}"
        for path in tracked_files()
        if path.startswith("city/") and "/sample/" in path and path.endswith(".csv")
        for row in csv.DictReader(source(path).splitlines())
        for column in ("name", "person_in_charge", "representative")
        if "演示" not in row.get(column, "演示") and not path.endswith("/areas.csv")
    ]

    assert real == []


def test_pages_load_nothing_from_another_host() -> None:
    """Everything works with no internet: no CDN, no remote font, no tile server."""
    foreign = [
        str(hit)
        for hit in matches(FOREIGN)
        if hit.path.startswith(("web/", "api/")) and hit.path.endswith((".html", ".css", ".js"))
    ]

    assert foreign == []


def test_rooms_never_run_text_as_code() -> None:
    found = [
        str(Place(path, node.lineno, name))
        for path in tracked_files()
        if path.endswith(".py") and path.split("/")[0] in ROOMS
        for node, name in calls(path)
        if name in {"eval", "exec", "__import__"} and not hasattr(node.func, "value")
    ]

    assert found == []


def test_data_folders_are_no_packages() -> None:
    python = [
        path
        for path in tracked_files()
        if path.startswith(("bpmn/", "city/")) and path.endswith(".py")
    ]

    assert python == []


def matches(pattern: str) -> Iterator[Place]:
    """Lines of tracked text that the pattern hits."""
    expression = re.compile(pattern)
    for path in tracked_files():
        try:
            lines = source(path).splitlines()
        except UnicodeDecodeError:
            continue  # a picture
        for number, line in enumerate(lines, start=1):
            if expression.search(line):
                yield Place(path, number, line.strip())


def is_identity_number(text: str) -> bool:
    """Whether the check digit of a Chinese identity number is right."""
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == text[17].upper()
