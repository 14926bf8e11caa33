"""Whether a record of another platform and a case here are one visit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchScores:
    """Points by criterion, and the sum from which on a case is a candidate."""

    same_day: int = 30
    next_day: int = 20
    same_matter: int = 40
    same_inspector: int = 40
    links_from: int = 60


@dataclass(frozen=True, slots=True)
class VisitRule:
    """Which cases are visits: somebody collected them by looking. A tip or a snapshot is none."""

    kinds: frozenset[str] = frozenset({"grid_report", "department_inspection"})
    sources: frozenset[str] = frozenset({"grid_patrol", "department_patrol", "video_patrol"})
