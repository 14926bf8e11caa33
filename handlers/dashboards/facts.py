"""From the file of a closed case to its fact; the same whenever it is derived.

R62: an event is resolved by the grid itself when one of its three roles ended it as resolved and no
department ever answered for it. Eligible are the events the list sends to the grid first, without
what turned out not to be valid.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from storage.cases.cases import Case
from storage.cases.events import CaseEvent, list_events
from storage.dashboards.facts import Fact, forget_facts, list_underived, put_facts
from storage.database.session import Session
from storage.people.posts import role_of
from storage.people.roles import DEPARTMENT, GRID_ASSISTANTS
from storage.places.links import AreaLink, current_code, list_links
from storage.places.matters import list_matters

WorkingTime = Callable[[datetime, datetime], timedelta]
"""How much office time lies between two moments."""

BATCH: Final = 500
NOT_VALID: Final = frozenset({"duplicate", "not_valid", "not_food"})
_GRID_FIRST: Final = "GRID_FIRST"
_RESOLVED: Final = "resolved"
_MINUTE: Final = timedelta(minutes=1)


def derive_facts(session: Session, working_time: WorkingTime, *, limit: int = BATCH) -> int:
    """Derive the facts of cases that closed since the last time; return how many.

    Belongs inside the caller's transaction.
    """
    cases = list_underived(session, limit=limit)
    if not cases:
        return 0
    links = list_links(session)
    parties = {matter.code: matter.accepting_party for matter in list_matters(session)}
    put_facts(
        session,
        [
            fact_of(
                _as_of_today(case, links),
                list_events(session, case.id),
                parties.get(case.matter or ""),
                working_time,
            )
            for case in cases
        ],
    )
    return len(cases)


def forget_all(session: Session) -> None:
    """Remove every fact; `derive_facts` then derives them again from the case files."""
    forget_facts(session)


def _as_of_today(case: Case, links: Sequence[AreaLink]) -> Case:
    """A case whose area has another code now counts where the area is today; its file says more."""
    code = current_code(links, case.area_code, number=case.id, opened_at=case.opened_at)
    return case._replace(area_code=code)


def fact_of(
    case: Case, events: Sequence[CaseEvent], party: str | None, working_time: WorkingTime
) -> Fact:
    """Derive the fact of a closed case from its file."""
    closed_at = case.closed_at or events[-1].at
    levels = _levels(events)
    handled = [str(event.data["level"]) for event in events if event.kind == "handled"]
    reasons = Counter(
        str(event.data["reason_code"]) for event in events if event.kind == "passed_up"
    )
    kinds = Counter(event.kind for event in events)
    is_eligible = party == _GRID_FIRST and case.outcome not in NOT_VALID
    return Fact(
        case_id=case.id,
        area_code=case.area_code,
        opened_at=case.opened_at,
        closed_at=closed_at,
        kind=case.kind,
        source=case.source,
        channel=case.channel,
        matter=case.matter,
        accepting_party=party,
        outcome=case.outcome,
        handled_level=handled[-1] if handled else None,
        collector=case.collector_officer,
        passes=reasons.total(),
        pass_reasons=dict(reasons),
        failed_verifications=kinds["verification_failed"],
        reopened=kinds["case_reopened"],
        is_eligible=is_eligible,
        is_self_resolved=is_eligible
        and case.outcome == _RESOLVED
        and bool(handled)
        and handled[-1] in GRID_ASSISTANTS
        and DEPARTMENT.isdisjoint(role for _, role in levels),
        minutes=working_time(case.opened_at, closed_at) // _MINUTE,
        minutes_by_level=_minutes_by_level(levels, closed_at, working_time),
    )


def _levels(events: Iterable[CaseEvent]) -> list[tuple[datetime, str]]:
    """Return since when which role answered for the case, in order."""
    return [
        (event.at, role_of(str(event.data["owner"])))
        for event in events
        if event.kind == "owner_changed"
    ]


def _minutes_by_level(
    levels: Sequence[tuple[datetime, str]], closed_at: datetime, working_time: WorkingTime
) -> dict[str, int]:
    if not levels:
        return {}  # settled on another platform: nobody here ever owned it
    ends = [at for at, _ in levels[1:]] + [closed_at]
    minutes: Counter[str] = Counter()
    for (since, role), until in zip(levels, ends, strict=True):
        minutes[role] += working_time(since, until) // _MINUTE
    return dict(minutes)
