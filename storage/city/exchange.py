"""How records are exchanged with other platforms: the folder `sync` of a city pack."""

from dataclasses import fields
from pathlib import Path
from typing import Final

from storage.city.files import pack_rows
from storage.sync.scores import MatchScores

_CRITERIA: Final = tuple(field.name for field in fields(MatchScores))


def read_match_scores(folder: Path) -> MatchScores:
    """Read the points; a pack without the file has the usual ones.

    Raises:
        Refused: a criterion is unknown or listed twice, or one alone would already be enough.
    """
    path = folder / "sync" / "matching.csv"
    if not path.is_file():
        return MatchScores()
    points: dict[str, int] = {}
    rows = list(pack_rows(path, ("criterion", "points")))
    for row in rows:
        criterion = row.choice("criterion", _CRITERIA)
        if criterion in points:
            row.refuse("criterion", f"{criterion} 重复 (double)")
        points[criterion] = row.number_of("points")
    scores = MatchScores(**points)
    if scores.links_from <= max(scores.same_day, scores.next_day):
        problem = "分数线要高于日期的分数，只凭日期不算同一次 (the day alone is not enough)"
        rows[-1].refuse("points", problem)
    return scores
