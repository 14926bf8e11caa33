"""Gaps: who is missing where since when; checked with each change and every night (R18)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from storage.city.rules import installed
from storage.database.session import Session
from storage.moments import in_china
from storage.people.posts import role_of
from storage.places.areas import list_areas
from storage.staffing.gaps import check_places
from storage.staffing.holdings import list_holdings
from storage.staffing.rules import SUPERVISORS, StaffingRule
from storage.staffing.supervisions import list_villages_of

_ALL: Final = 1_000_000
_CHUNK: Final = 500


def rule_of_villages() -> StaffingRule | None:
    """The rule of supervising officers per village; none where the city asks for none."""
    return installed().staffing.get(SUPERVISORS)


def check_posts(session: Session, post_ids: Iterable[str], *, at: datetime) -> None:
    """Check the place of a post after it changed."""
    posts = list(post_ids)
    for rule in installed().staffing.values():
        if rule.kind == SUPERVISORS:
            continue
        places = {post_id.partition(":")[2] for post_id in posts if role_of(post_id) == rule.role}
        if places:
            check_places(session, rule, at=at, places=places)


def check_person(session: Session, officer_id: int, *, at: datetime) -> None:
    """Check the posts and villages of a person after their account or holdings changed."""
    held = list_holdings(session, officer_ids=[officer_id], overlapping=(at, None))
    check_posts(session, [holding.post_id for holding in held], at=at)
    check_villages(session, list_villages_of(session, officer_id, at=at), at=at)


def check_villages(
    session: Session, villages: Iterable[str], *, at: datetime, reason: str | None = None
) -> None:
    """Check villages after their supervising officers changed."""
    rule, places = rule_of_villages(), set(villages)
    if rule is not None and places:
        check_places(session, rule, at=at, places=places, reason=reason)


def check_areas(session: Session, codes: Iterable[str], *, at: datetime) -> None:
    """Check every place of some areas, after they were re-coded."""
    today = in_china(at).date()
    for code in codes:
        for rule in installed().staffing.values():
            below = list_areas(session, on=today, under=code, level=rule.level, limit=_ALL)
            places = [area.code for area in below]
            for start in range(0, len(places), _CHUNK):
                check_places(session, rule, at=at, places=places[start : start + _CHUNK])


def check_all(session: Session, *, at: datetime) -> int:
    """Check every place, nightly; return how many gaps changed."""
    return sum(check_places(session, rule, at=at) for rule in installed().staffing.values())
