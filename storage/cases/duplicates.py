"""Cases that may tell of the same thing (domain-defaults section 6); nothing is merged here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from storage.cases.cases import Case, find_case_by_number
from storage.cases.related import list_alike, list_repeats
from storage.database.session import Session
from storage.errors import FormInvalid
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.places.positions import metres_between, position_of

SAME_BUSINESS = timedelta(days=90)
NEARBY = timedelta(days=14)

DUPLICATE = "duplicate"
_WITHOUT_SUBSTANCE = frozenset({"not_valid", DUPLICATE, "not_food"})


@dataclass(frozen=True, slots=True)
class PossibleDuplicate:
    """An earlier case that may be the same, and by which rule."""

    case: Case
    rule: str

    def on_file(self) -> dict[str, Any]:
        """What the case file says of it."""
        return {"case": self.case.number, "rule": self.rule, "status": self.case.status}


def list_possible_duplicates(
    session: Session, row: Mapping[str, Any], *, metres: float
) -> list[PossibleDuplicate]:
    """List earlier cases that may be the same as the case with these columns.

    Same business and matter within 90 days first; then the same matter within `metres` and
    14 days. They are shown to people, never merged silently.
    """
    by_business = [PossibleDuplicate(one, "same_business") for one in _same_business(session, row)]
    known = {one.case.id for one in by_business}
    nearby = [
        PossibleDuplicate(one, "nearby")
        for one in _nearby(session, row, metres=metres)
        if one.id not in known
    ]
    return by_business + nearby


def is_repeat(session: Session, row: Mapping[str, Any]) -> bool:
    """Say whether the same matter was found at the same business within 90 days before.

    What turned out not valid, a duplicate or not food does not count.
    """
    found = _same_business(session, row)
    return any(one.outcome not in _WITHOUT_SUBSTANCE for one in found)


def get_original(session: Session, number: str | None, *, but: int) -> Case:
    """Get the case that a duplicate names as its original; it is another case and exists."""
    found = find_case_by_number(session, number.strip()) if number else None
    if found is None or found.id == but:
        message = "请写明原案件的编号；编号应当存在，且不是本案。"
        raise FormInvalid.at("original", message, code="unknown_original")
    if found.outcome == DUPLICATE:
        # Two cases that name each other would both be closed, and nobody would handle either.
        message = "这个编号的案件自己也是重复件；请写它的原案件的编号。"
        raise FormInvalid.at("original", message, code="original_is_duplicate")
    return found


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
    places = ((one, position_of(one.location)) for one in alike)
    return [
        one for one, there in places if there is not None and metres_between(here, there) <= metres
    ]
