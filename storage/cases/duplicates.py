"""Cases that may report the same event (domain-defaults section 6); nothing is merged here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

import orjson

from storage.cases.cases import Case, find_case_by_number, list_processes
from storage.cases.related import list_alike, list_open_ending_in, list_repeats
from storage.database.session import Session
from storage.errors import FormInvalid
from storage.people.actors import Actor
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.places.positions import metres_between, position_of

SAME_BUSINESS = timedelta(days=90)
NEARBY = timedelta(days=14)

LEAST_DIGITS, MOST_DIGITS = 3, 13
"""How many of the last digits name a case: as few as a search box takes, not its whole number."""

DUPLICATE = "duplicate"
_WITHOUT_SUBSTANCE = frozenset({"not_valid", DUPLICATE, "not_food"})


class NotItsOriginal(NamedTuple):
    """Why a case cannot be the original of another: the words and their stable code."""

    message: str
    code: str
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class PossibleDuplicate:
    """An earlier case that may be the same, and by which rule."""

    case: Case
    rule: str

    def on_file(self) -> dict[str, Any]:
        """The text for the case file."""
        return {"case": self.case.number, "rule": self.rule, "status": self.case.status}


def list_possible_duplicates(
    session: Session, row: Mapping[str, Any], *, metres: float
) -> list[PossibleDuplicate]:
    """List earlier cases that may be the same as the case with these columns.

    Same business and matter within 90 days first; then the same matter within `metres` and
    14 days. They are shown to people, never merged silently.
    """
    by_business = [
        PossibleDuplicate(same, "same_business") for same in _same_business(session, row)
    ]
    known = {duplicate.case.id for duplicate in by_business}
    nearby = [
        PossibleDuplicate(near, "nearby")
        for near in _nearby(session, row, metres=metres)
        if near.id not in known
    ]
    return by_business + nearby


def list_alike_in_grid(session: Session, row: Mapping[str, Any]) -> list[PossibleDuplicate]:
    """List cases of the same matter in the same grid that have no position to compare.

    Only where one of the two is without a position; of 14 days, and never of another business.
    """
    grid = row["area_code"][: CODE_LENGTHS[AreaLevel.GRID]]
    if row["matter"] is None or len(grid) < CODE_LENGTHS[AreaLevel.GRID]:
        return []
    since, here = row["opened_at"] - NEARBY, position_of(row["location"])
    alike = list_alike(session, matter=row["matter"], area=grid, since=since, but=row["id"])
    return [
        PossibleDuplicate(other, "same_grid")
        for other in alike
        if (here is None or position_of(other.location) is None)
        and not _is_other_shop(row["business_id"], other.business_id)
    ]


def is_repeat(session: Session, row: Mapping[str, Any]) -> bool:
    """Return whether the same matter was found at the same business within 90 days before.

    What turned out not valid, a duplicate or not food does not count.
    """
    earlier = _same_business(session, row)
    return any(case.outcome not in _WITHOUT_SUBSTANCE for case in earlier)


def get_original(
    session: Session, number: str | None, *, of: Mapping[str, Any], actor: Actor | None
) -> Case:
    """Get the case that the case with the columns `of` names as its original.

    The last digits are enough where they name one case the actor may see.

    Raises:
        FormInvalid: there is no such other case, the digits name several, or `why_not_original`
            gives a reason.
    """
    typed = (number or "").strip()
    original = find_case_by_number(session, typed) if typed else None
    if original is None and actor is not None:
        original = _by_last_digits(session, typed, of=of, actor=actor)
    if original is None or original.id == of["id"]:
        message = "请写明原案件的编号；编号应当存在，且不是本案。"
        raise FormInvalid.at("original", message, code="unknown_original")
    refusal = why_not_original(session, of, original)
    if refusal is not None:
        raise FormInvalid.at("original", refusal.message, code=refusal.code)
    return original


def list_ending_in(
    session: Session, digits: str, *, of: Mapping[str, Any], actor: Actor
) -> list[Case]:
    """List the cases with these last digits that the case with the columns `of` may end in."""
    if not (LEAST_DIGITS <= len(digits) < MOST_DIGITS and digits.isascii() and digits.isdigit()):
        return []
    county = of["area_code"][: CODE_LENGTHS[AreaLevel.COUNTY]]
    found = list_open_ending_in(session, digits, area=county, but=of["id"], actor=actor)
    return [each for each in found if why_not_original(session, of, each) is None]


def _by_last_digits(
    session: Session, digits: str, *, of: Mapping[str, Any], actor: Actor
) -> Case | None:
    found = list_ending_in(session, digits, of=of, actor=actor)
    if len(found) > 1:
        numbers = "、".join(each.number for each in found)
        message = f"尾号 {digits} 有 {len(found)} 件：{numbers}；请写全编号。"
        raise FormInvalid.at("original", message, code="several_originals")
    return found[0] if found else None


def why_not_original(
    session: Session, of: Mapping[str, Any], original: Case
) -> NotItsOriginal | None:
    """Return why the case with the columns `of` cannot end in `original`; None when it can.

    The reporter is notified of the original's result (R51), so it is the same kind of case, in the
    same county, still worked on; and its owner is not below the collecting office (R26).
    """
    if original.outcome == DUPLICATE:
        # Two cases that name each other would both be closed, and nobody would handle either.
        message = "原案件自己也是重复件；请写它的原案件的编号。"
        return NotItsOriginal(message, "original_is_duplicate")
    if original.status != "open":
        message = "原案件已经办结，不能再并入；请继续办理本案，或先重开原案件。"
        return NotItsOriginal(message, "original_closed")
    if _track(session, of["id"], of["kind"]) != _track(session, original.id, original.kind):
        message = "原案件与本案不是同一类诉求或同一流程，不能并入；请分别办理。"
        return NotItsOriginal(message, "original_of_another_kind")
    elsewhere = _why_elsewhere(of, original)
    if elsewhere is not None:
        return elsewhere
    floor = of["floor_rank"]
    if floor is not None and (original.owner_rank or 0) < floor:
        message = "上级采集的事件不得并入下级办理的案件；请把下级的案件并入本案。"
        return NotItsOriginal(message, "owner_below_collector", "R26")
    return None


def _track(session: Session, case_id: int, kind: str) -> tuple[str, str | None]:
    """The process of a case, and which kind of public report it is: each has its own law."""
    for process in list_processes(session, case_id):
        if process.process_id == kind and process.asked_by is None:
            track = orjson.loads(process.data).get("kind")
            return kind, track if isinstance(track, str) else None
    return kind, None


def _why_elsewhere(of: Mapping[str, Any], original: Case) -> NotItsOriginal | None:
    if _is_other_shop(of.get("business_id"), original.business_id):
        message = "原案件是另一家食品主体的，不会是同一件事；请核对编号，或分别办理。"
        return NotItsOriginal(message, "original_of_another_business")
    if _is_elsewhere(of["area_code"], original.area_code):
        message = "原案件在另一个县区，不能并入；请核对编号，或分别办理。"
        return NotItsOriginal(message, "original_elsewhere")
    return None


def _is_elsewhere(area: str, other: str) -> bool:
    """Whether two cases lie in different counties; a place not known yet is nowhere else."""
    county = CODE_LENGTHS[AreaLevel.COUNTY]
    here, there = area[:county], other[:county]
    return not (here.startswith(there) or there.startswith(here))


def _is_other_shop(business: int | None, other: int | None) -> bool:
    """Whether two cases are about two known businesses; where one names none it may be the same."""
    return business is not None and other is not None and business != other


def _same_business(session: Session, row: Mapping[str, Any]) -> list[Case]:
    if row["business_id"] is None or row["matter"] is None:
        return []
    since = row["opened_at"] - SAME_BUSINESS
    return list_repeats(
        session, business_id=row["business_id"], matter=row["matter"], since=since, but=row["id"]
    )


def _nearby(session: Session, row: Mapping[str, Any], *, metres: float) -> list[Case]:
    here = position_of(row["location"])
    if here is None or row["matter"] is None:
        return []
    county = row["area_code"][: CODE_LENGTHS[AreaLevel.COUNTY]]
    since = row["opened_at"] - NEARBY
    alike = list_alike(session, matter=row["matter"], area=county, since=since, but=row["id"])
    places = ((other, position_of(other.location)) for other in alike)
    return [
        other
        for other, there in places
        if there is not None and metres_between(here, there) <= metres
    ]
