"""The shipped diagrams look drawn by a careful person: nothing crosses, nothing is covered."""

from pathlib import Path

import pytest

from tests.bpmn.geometry import Picture, read_picture

ROOT = Path(__file__).parents[2]
DIAGRAMS = [*sorted((ROOT / "bpmn").glob("*.bpmn")), *(ROOT / "tests/web/example").glob("*.bpmn")]


@pytest.fixture(name="picture", params=DIAGRAMS, ids=lambda path: path.stem)
def _picture(request: pytest.FixtureRequest) -> Picture:
    return read_picture(request.param)


def test_no_two_lines_cross(picture: Picture) -> None:
    assert list(picture.crossings()) == []


def test_no_line_runs_through_a_shape(picture: Picture) -> None:
    assert list(picture.lines_through_shapes()) == []


def test_every_label_can_be_read(picture: Picture) -> None:
    assert list(picture.covered_labels()) == []


def test_no_shape_lies_on_another(picture: Picture) -> None:
    assert list(picture.touching_shapes()) == []


def test_lines_run_level_or_upright(picture: Picture) -> None:
    assert list(picture.slanting_lines()) == []


def test_everything_stands_inside_the_pool(picture: Picture) -> None:
    assert list(picture.outside()) == []
