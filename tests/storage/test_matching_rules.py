"""What a city writes about matching records of another platform is checked when it starts."""

from pathlib import Path

import pytest

from storage.city.exchange import read_match_scores, read_visits
from storage.errors import Refused
from storage.sync.scores import MatchScores, VisitRule


def written(folder: Path, *rows: str) -> Path:
    (folder / "sync").mkdir()
    text = "\n".join(("criterion,points", *rows))
    (folder / "sync" / "matching.csv").write_text(text, encoding="utf-8")
    return folder


def test_a_city_without_the_file_or_a_row_has_the_usual_points(tmp_path: Path) -> None:
    usual = read_match_scores(tmp_path)

    changed = read_match_scores(written(tmp_path, "same_matter,50"))

    assert usual == MatchScores()
    assert changed == MatchScores(same_matter=50)


@pytest.mark.parametrize(
    ("row", "says"),
    [("links_from,30", "分数线"), ("same_street,5", "same_street"), ("same_day,x", "same_day")],
)
def test_points_that_make_no_sense_are_refused_with_their_cell(
    tmp_path: Path, row: str, says: str
) -> None:
    with pytest.raises(Refused, match="matching") as refused:
        read_match_scores(written(tmp_path, row))

    assert says in str(refused.value) or "points" in str(refused.value)


def visits(folder: Path, *rows: str) -> Path:
    (folder / "sync").mkdir()
    text = "\n".join(("what,value", *rows))
    (folder / "sync" / "visits.csv").write_text(text, encoding="utf-8")
    return folder


def test_a_city_says_which_cases_are_visits(tmp_path: Path) -> None:
    usual = read_visits(tmp_path)
    rows = ("kind,side_task", "source,grid_patrol", "source,public_report")

    changed = read_visits(visits(tmp_path, *rows))

    assert usual == VisitRule()
    assert changed == VisitRule(
        frozenset({"side_task"}), frozenset({"grid_patrol", "public_report"})
    )


@pytest.mark.parametrize("row", ["kind,grid_report", "role,station", "kind,"])
def test_visits_without_a_kind_or_a_source_are_refused(tmp_path: Path, row: str) -> None:
    with pytest.raises(Refused, match="visits"):
        read_visits(visits(tmp_path, row))
