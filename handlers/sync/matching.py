"""比对：whether a record of theirs is a visit that stands here already (R30).

A link is made where exactly one case fits; where two do, a person decides (`deciding`).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from handlers.sync.protocol import PulledRecord, ReportedVisit
from storage.city.rules import installed
from storage.database.session import Session
from storage.moments import CHINA, Json
from storage.numbers import is_case_number
from storage.sync.candidates import MatchCandidate, find_case_id, list_candidates

Relating = Literal["create", "link", "review"]

_DAY: Final = timedelta(days=1)
_NUMBER: Final = re.compile(r"(?<!\d)\d{13,20}(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Relation:
    """比对结果：create a case, link it to `case_id`, or let a person choose of `candidates`.

    `reason` is kept with the record: the scores that spoke for it.
    """

    relating: Relating
    case_id: int | None = None
    candidates: tuple[Json, ...] = ()
    reason: Json = None


CREATE = Relation("create")


def relation_of(session: Session, record: PulledRecord, *, business_id: int) -> Relation:
    """比对一条记录：同一主体、相差不超过一天、同一事项或同一检查人的本平台事件。

    What carries one of our numbers is an echo of what we sent, whatever else it says. Two
    statements at most.
    """
    visit = record.visit
    if visit is None:
        return CREATE
    echoed = find_case_id(session, _numbers_in(visit.remark))
    if echoed is not None:
        return Relation("link", echoed, reason={"by": "number"})
    fitting = [
        scored
        for candidate in _candidates(session, record.day, business_id)
        if (scored := _scored(candidate, record.day, visit)) is not None
    ]
    if len(fitting) > 1:
        return Relation("review", candidates=tuple(fitting))
    if not fitting:
        return CREATE
    (only,) = fitting
    return Relation("link", only["case"], reason={"by": "scores", **only})


def _numbers_in(remark: str) -> list[str]:
    return [number for number in _NUMBER.findall(remark) if is_case_number(number)]


def _candidates(session: Session, day: date, business_id: int) -> list[MatchCandidate]:
    midnight = datetime.combine(day, time(), CHINA)
    return list_candidates(
        session,
        business_id,
        since=midnight - _DAY,
        until=midnight + 2 * _DAY,
        kinds=installed().visits.kinds,
        sources=installed().visits.sources,
    )


def _scored(candidate: MatchCandidate, day: date, visit: ReportedVisit) -> dict[str, Json] | None:
    """What speaks for a candidate; None when it is not enough."""
    scores = installed().match_scores
    is_same_day = candidate.opened_at.astimezone(CHINA).date() == day
    same_matter = visit.matter is not None and candidate.matter == visit.matter
    same_inspector = bool(visit.inspector) and candidate.inspector == visit.inspector
    score = (
        (scores.same_day if is_same_day else scores.next_day)
        + scores.same_matter * same_matter
        + scores.same_inspector * same_inspector
    )
    if score < scores.links_from:
        return None
    return {
        "case": candidate.id,
        "number": candidate.number,
        "score": score,
        "same_day": is_same_day,
        "same_matter": same_matter,
        "same_inspector": same_inspector,
    }
