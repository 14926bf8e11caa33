"""Which moves of a business's status there are, and the one way to make them.

The words themselves are kept by the table; nothing is ever deleted.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select

from storage.database.session import Session
from storage.errors import Refused
from storage.registry import businesses, evidence
from storage.registry.businesses import Business
from storage.registry.evidence import BusinessChange
from storage.tables import business

MOVES: Final[Mapping[str, tuple[str, ...]]] = {
    "operating": ("suspected_ceased", "ceased", "dormant"),
    "suspected_ceased": ("operating", "ceased"),
    "ceased": ("operating", "terminated_confirmed"),
    "terminated_confirmed": ("operating", "deregistration_notified"),
    "deregistration_notified": ("operating", "deregistered"),
    "deregistered": (),
    "dormant": ("operating",),
}
"""R14, R15: step by step, back to operating any time before it is deregistered."""

STATUS_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "operating": ("经营中", "Operating"),
    "suspected_ceased": ("疑似停止经营", "Perhaps ceased"),
    "ceased": ("停止经营", "Ceased"),
    "terminated_confirmed": ("已确认终止", "Ended for good"),
    "deregistration_notified": ("已通知注销", "Told to deregister"),
    "deregistered": ("已注销", "Deregistered"),
    "dormant": ("歇业", "Dormant"),
}
"""What each status is called, Chinese and English."""

BY_CASE: Final = frozenset(
    {"ceased", "terminated_confirmed", "deregistration_notified", "deregistered"}
)
"""What only a case about the ceased business, or an official list, makes of it."""

BY_DOCUMENT: Final = "dormant"
"""歇业: registered with the authority, so that it begins and ends by a document."""


def lock(session: Session, business_id: int) -> Business:
    """Read a business and lock its row until the transaction ends."""
    session.execute(select(business.c.id).where(business.c.id == business_id).with_for_update())
    return businesses.get_business(session, business_id)


def require_move(known: Business, status: str) -> None:
    """Refuse a move that is not in the table.

    Raises:
        Refused: it is none; R14.
    """
    if status not in MOVES[known.status]:
        message = f"状态不能从 {known.status} 变为 {status}。"
        raise Refused(message, code="status_move", clause="R14")


def move(
    session: Session,
    business_id: int,
    status: str,
    *,
    by: str,
    at: datetime,
    case_id: int | None = None,
    document: str | None = None,
    origin: str = "person",
) -> Business:
    """Move the status of a business and keep the change, both or none.

    Raises:
        Refused: there is no such move; R14.
    """
    known = lock(session, business_id)
    require_move(known, status)
    origins = {**(known.origins or {}), "status": origin}
    values = {"status": status, "origins": origins}
    version = businesses.update_business(session, known.id, values, at=at)
    change = BusinessChange(
        known.id,
        at,
        "status",
        known.status,
        status,
        by,
        case_id=case_id,
        document=document,
        version=version,
    )
    evidence.add_changes(session, [change])
    return businesses.get_business(session, known.id)
