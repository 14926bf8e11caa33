"""The way up from post to post until somebody may act, and whom it passed by (A13, R40)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.database.session import Session
from storage.people.posts import Staffing, find_staffing
from storage.people.roles import ROLES

SteppedOverReason = Literal["vacant", "conflict_of_interest", "no_such_post"]


@dataclass(frozen=True, slots=True)
class SteppedOver:
    """A post that was passed by on the way up, and why; it goes on file."""

    role: str
    post_id: str | None
    reason: SteppedOverReason


@dataclass(frozen=True, slots=True)
class FilledPost:
    """The result of a search up the ladder; `staffing` is None when no post is staffed."""

    staffing: Staffing | None
    stepped_over: tuple[SteppedOver, ...]


def find_filled_post(
    session: Session,
    role: str,
    area_code: str,
    *,
    at: datetime,
    without_business: int | None = None,
    without_officer: int | None = None,
) -> FilledPost:
    """Find the post of a role, or the next one up the ladder where somebody may act (A13, R40).

    A post that is vacant, missing, or held only by `without_business` and `without_officer` is
    stepped over.
    """
    stepped_over: list[SteppedOver] = []
    next_role: str | None = role
    while next_role is not None:
        staffing = find_staffing(session, next_role, area_code, at=at)
        if staffing is not None and staffing.is_filled(
            without_business=without_business, without_officer=without_officer
        ):
            return FilledPost(staffing, tuple(stepped_over))
        stepped_over.append(_stepped_over(next_role, staffing))
        next_role = ROLES[next_role].above
    return FilledPost(None, tuple(stepped_over))


def _stepped_over(role: str, found: Staffing | None) -> SteppedOver:
    if found is None:
        return SteppedOver(role, None, "no_such_post")
    reason: SteppedOverReason = "conflict_of_interest" if found.holders else "vacant"
    return SteppedOver(role, found.post.id, reason)
