"""What a city writes about matching records of another platform is checked when it starts."""

from pathlib import Path

import pytest

from storage.city.exchange import read_match_scores
from storage.errors import Refused
from storage.sync.scores import MatchScores


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
