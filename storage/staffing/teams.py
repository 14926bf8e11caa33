"""Slots of teams that were filled by hand; the team itself is derived and never stored."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, delete, insert, select

from storage.database.session import Session
from storage.tables import officer, team_override


@dataclass(frozen=True, slots=True)
class SlotOverride:
    """Who stands in a slot until a day, that day included, and why."""

    slot: str
    officer_id: int
    name: str
    business_id: int | None
    """The business the officer acts for, if any."""
    reason: str
    expires_on: date


_OVERRIDES: Select[Any] = select(
    team_override.c.slot,
    officer.c.id,
    officer.c.display_name,
    officer.c.business_id,
    team_override.c.reason,
    team_override.c.expires_on,
).join(officer, officer.c.id == team_override.c.officer_id)


def list_overrides(session: Session, business_id: int, *, on: date) -> dict[str, SlotOverride]:
    """Return what was filled by hand in the team of a business and has not expired, by slot."""
    question = _OVERRIDES.where(
        team_override.c.business_id == business_id,
        team_override.c.expires_on >= on,
        officer.c.active,
    )
    return {row.slot: SlotOverride(*row) for row in session.execute(question)}


def put_override(
    session: Session, business_id: int, new: SlotOverride, *, by: int, at: datetime
) -> None:
    """Fill a slot by hand, in place of what was there."""
    session.execute(
        delete(team_override).where(
            team_override.c.business_id == business_id, team_override.c.slot == new.slot
        )
    )
    session.execute(
        insert(team_override).values(
            business_id=business_id,
            slot=new.slot,
            officer_id=new.officer_id,
            reason=new.reason,
            expires_on=new.expires_on,
            set_by=by,
            set_at=at,
        )
    )
