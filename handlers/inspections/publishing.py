"""Results of inspections made public after somebody else of the office reviewed them (art. 39).

The public sees business, day, kind, result and the lines that did not fit; no inspector, no
number of a case, no words of the record.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from storage.cases.cases import get_visible_case
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import NotAllowed, Refused
from storage.inspections import results
from storage.inspections.checklists import ChecklistLine, checklist_of
from storage.inspections.results import Correction, InspectionResult
from storage.moments import in_china
from storage.people.actors import Actor
from storage.people.roles import DEPARTMENT, ROLES
from storage.places.levels import rank

Files = Callable[[str, Mapping[str, str]], object]
"""Puts an entry of a kind into the case file."""


@dataclass(frozen=True, slots=True)
class PublicResult:
    """What the public is shown of an inspection."""

    business: str
    area: str
    kind: str
    inspected_on: date
    result: str
    problems: tuple[ChecklistLine, ...]
    published_at: datetime | None
    corrections: tuple[Correction, ...] = ()
    """Oldest first; the result stays as it was published."""


def public_results(session: Session, found: Sequence[InspectionResult]) -> list[PublicResult]:
    """Return what the public is shown of results, in their order."""
    cases = [each.case_id for each in found]
    problems = results.problems_of(session, cases)
    corrected = results.corrections_of(session, cases)
    return [_public(each, problems[each.case_id], corrected[each.case_id]) for each in found]


def preview(
    session: Session, number: str, *, actor: Actor
) -> tuple[InspectionResult, PublicResult]:
    """Return a result and what publishing it would show.

    Raises:
        NotFound: there is no such case for the actor, or it has no result.
    """
    case = get_visible_case(session, number, actor=actor)
    found = results.get_result(session, case.id)
    return found, public_results(session, [found])[0]


def publish(session: Session, number: str, *, actor: Actor, now: datetime) -> InspectionResult:
    """Make a result public, once.

    Raises:
        NotFound: there is no such case for the actor, or it has no result.
        NotAllowed: it is the inspection of another office, or the actor took part in it.
        Refused: it is public already.
    """
    case = get_visible_case(session, number, actor=actor)
    found = results.get_result(session, case.id, lock=True)
    require_reviewer(session, found, actor=actor)
    if found.published_at is not None:
        message = "这个检查结果已经公开。"
        raise Refused(message, code="already_published", clause="R21")
    if case.status != "closed":
        message = "案件已经重开，办结后再公开检查结果。"
        raise Refused(message, code="inspection_reopened", clause="R21")
    results.mark_published(session, case.id, at=now)
    return found


def correct(
    session: Session, number: str, text: str, reason: str, *, actor: Actor, file: Files
) -> InspectionResult:
    """Tell the public what is wrong with a published result; the result itself stays on file.

    `file` puts it into the case file.

    Raises:
        NotFound: there is no such case for the actor, or it has no result.
        NotAllowed: the actor may not publish it.
        Refused: it is not public yet.
    """
    case = get_visible_case(session, number, actor=actor)
    found = results.get_result(session, case.id, lock=True)
    require_reviewer(session, found, actor=actor)
    if found.published_at is None:
        message = "这个检查结果还没有公开，不用更正。"
        raise Refused(message, code="not_published", clause="R21")
    file(results.CORRECTED, {"text": text.strip(), "reason": reason.strip()})
    return found


def require_reviewer(session: Session, found: InspectionResult, *, actor: Actor) -> None:
    """Refuse whoever inspected or wrote the record, and whoever is of another office.

    Somebody else of the office reviews, or of a department above it: an office of two inspectors
    has nobody left.

    Raises:
        NotAllowed: one of the two.
    """
    if not (actor.holds(found.owner_post) or _is_above(actor, found)):
        message = "只有承办检查的单位和它的上级可以公开检查结果。"
        raise NotAllowed(message, code="not_the_owner", clause="R21")
    inspected = actor.id in found.inspectors
    if inspected or results.find_recorder(session, found.case_id) == actor.reference:
        message = "这次检查您是检查人员或填写了记录，请由没有参加检查的人审核后公开。"
        raise NotAllowed(message, code="own_record", clause="R21")


def _is_above(actor: Actor, found: InspectionResult) -> bool:
    """Whether the actor is of a department above the office, with its area, or supervises."""
    if not found.area.startswith(actor.prefixes):
        return False
    own = rank(str(found.owner_post).partition(":")[0])
    return any(
        ROLES[post.role].supervises or (post.role in DEPARTMENT and post.rank > own)
        for post in actor.posts
        if post.role in ROLES
    )


def _public(
    found: InspectionResult, problems: Sequence[str], corrected: Sequence[Correction]
) -> PublicResult:
    lines = checklist_of(installed().checklists, found.checklist)
    return PublicResult(
        business=found.business,
        area=found.area,
        kind=found.kind,
        inspected_on=in_china(found.ended_at).date(),
        result=found.outcome or "",
        problems=tuple(line for line in lines if line.item in problems),
        published_at=found.published_at,
        corrections=tuple(corrected),
    )
