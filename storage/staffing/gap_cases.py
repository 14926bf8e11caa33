"""Gaps somebody is asked to fill by a case: which have none yet, and which cases are over."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from storage.database.session import Session
from storage.moments import to_text
from storage.tables import awaited_message, case_, staffing_gap


@dataclass(frozen=True, slots=True)
class OpenGap:
    """A gap, and the key by which it has one case at most."""

    kind: str
    place: str
    since: datetime

    @property
    def start_key(self) -> str:
        """One case for a gap: one that opens again later is another."""
        return f"staffing_gap:{self.kind}:{self.place}:{to_text(self.since)}"


@dataclass(frozen=True, slots=True)
class WaitingGapCase:
    """A case that waits to be told that its gap is filled."""

    running_id: int
    element: str
    start_key: str


_GAPS: Select[Any] = select(
    staffing_gap.c.kind, staffing_gap.c.place, staffing_gap.c.since
).order_by(staffing_gap.c.place, staffing_gap.c.kind)
_KEYS: Select[Any] = select(case_.c.start_key).where(
    case_.c.start_key.startswith("staffing_gap:", autoescape=True)
)


def list_uncased(session: Session) -> list[OpenGap]:
    """List the gaps without a case."""
    known = set(session.execute(_KEYS).scalars())
    gaps = [OpenGap(*row) for row in session.execute(_GAPS)]
    return [gap for gap in gaps if gap.start_key not in known]


def list_filled(session: Session, message: str) -> list[WaitingGapCase]:
    """List the cases that wait for a message and whose gap is no more."""
    question = (
        select(awaited_message.c.running_id, awaited_message.c.element, case_.c.start_key)
        .join(case_, case_.c.id == awaited_message.c.case_id)
        .where(awaited_message.c.name == message, case_.c.start_key.is_not(None))
        .order_by(awaited_message.c.running_id)
    )
    waiting = [WaitingGapCase(*row) for row in session.execute(question)]
    if not waiting:
        return []
    open_keys = {OpenGap(*row).start_key for row in session.execute(_GAPS)}
    return [case for case in waiting if case.start_key not in open_keys]
