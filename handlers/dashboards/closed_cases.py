"""Closed cases of a period as a board counts them; a figure is the length of the list behind it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Final, Literal

from storage.dashboards.facts import Fact, TimeRange, list_facts
from storage.database.session import Session
from storage.people.actors import Actor

ClosedFigure = Literal["closed", "eligible", "self_resolved", "passed_up", "no_result"]

NOBODY: Final = "none"
"""In the place of a channel or a level: there was none."""

_NINETY: Final = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedFilter:
    """Which closed cases; `area` stands for its whole subtree."""

    period: TimeRange
    figure: ClosedFigure = "closed"
    area: str | None = None
    is_here: bool = False
    """Only what lies in the area itself and in none below it."""
    reason: str | None = None
    channel: str | None = None
    level: str | None = None
    collector: int | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """How long cases took, in minutes of office time; None where there are none."""

    count: int
    median: int | None
    p90: int | None


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of the eligible events the grid resolved itself (R62)."""

    resolved: int
    eligible: int

    @property
    def share(self) -> float | None:
        """The rate, None without an eligible case."""
        return self.resolved / self.eligible if self.eligible else None


def list_closed_cases(session: Session, having: ClosedFilter, *, actor: Actor) -> list[Fact]:
    """List the closed cases a filter selects, the last closed first."""
    facts = list_facts(session, actor=actor, area=having.area, closed=having.period)
    return choose(facts, having)


def choose(facts: Iterable[Fact], having: ClosedFilter) -> list[Fact]:
    """Return those of the facts a filter selects, the last closed first."""
    chosen = [fact for fact in facts if _is_selected(fact, having)]
    return sorted(chosen, key=lambda fact: (fact.closed_at, fact.case_id), reverse=True)


def rate_of(facts: Sequence[Fact]) -> Rate:
    """The self-resolution rate; R62 in `facts`."""
    return Rate(
        sum(fact.is_self_resolved for fact in facts), sum(fact.is_eligible for fact in facts)
    )


def times_of(facts: Sequence[Fact]) -> Times:
    """Median and 90th percentile of the handling time, by nearest rank.

    What another platform had settled took nobody's time here: it counts as closed alone.
    """
    minutes = sorted(fact.minutes for fact in facts if fact.minutes_by_level)
    return Times(len(facts), _at_share(minutes, 0.5), _at_share(minutes, _NINETY))


def reasons_of(facts: Iterable[Fact]) -> list[tuple[str, int]]:
    """How many cases were passed up for which reason; a case may have several."""
    return Counter(reason for fact in facts for reason in fact.pass_reasons).most_common()


def channels_of(facts: Iterable[Fact]) -> list[tuple[str, int]]:
    """How many cases came in by which way."""
    return Counter(way_in(fact) for fact in facts).most_common()


def levels_of(facts: Iterable[Fact]) -> list[tuple[str, int]]:
    """How many cases were handled at which level."""
    return Counter(fact.handled_level or NOBODY for fact in facts).most_common()


def way_in(fact: Fact) -> str:
    """The channel of a citizen's report, else the source."""
    return fact.channel or fact.source or NOBODY


def opened_before(facts: Iterable[Fact], moment: datetime) -> int:
    """How many of these were open at a moment within the period they closed in."""
    return sum(fact.opened_at <= moment < fact.closed_at for fact in facts)


def _at_share(ordered: Sequence[int], share: float) -> int | None:
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else None


def _is_selected(fact: Fact, having: ClosedFilter) -> bool:
    return (
        _is_of(fact, having.figure)
        and (not having.is_here or fact.area_code == having.area)
        and having.reason in {None, *fact.pass_reasons}
        and having.channel in {None, way_in(fact)}
        and having.collector in {None, fact.collector}
        and having.level in {None, fact.handled_level or NOBODY}
    )


def _is_of(fact: Fact, figure: ClosedFigure) -> bool:
    return {
        "closed": True,
        "eligible": fact.is_eligible,
        "self_resolved": fact.is_self_resolved,
        "passed_up": fact.passes > 0,
        "no_result": fact.outcome is None,
    }[figure]
