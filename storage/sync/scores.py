"""How much speaks for a record of another platform and a case here being one visit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchScores:
    """Points by criterion, and the sum from which on a case is a candidate."""

    same_day: int = 30
    next_day: int = 20
    same_matter: int = 40
    same_inspector: int = 40
    links_from: int = 60
