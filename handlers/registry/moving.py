"""Moves of a status that a person makes without a case: suspected, resting, trading again (R14)."""

from handlers.registry.keeping import Keeping
from storage.errors import FormInvalid, Refused
from storage.registry import statuses
from storage.registry.businesses import Business


def move(keeping: Keeping, known: Business, status: str, document: str | None) -> Business:
    """Move the status as far as a person may without a case.

    Raises:
        Refused: there is no such move, or a case makes it.
        FormInvalid: the document is missing by which a business rests or opens again.
    """
    statuses.require_move(known, status)
    if status in statuses.BY_CASE:
        message = "停止经营请用“标注停止经营”发起，由标注人联系经营者后逐步办理。"
        raise Refused(message, code="status_by_case", clause="R15")
    if statuses.BY_DOCUMENT in {status, known.status} and not document:
        message = "歇业和恢复都要写明文书（文号）。"
        raise FormInvalid.at("document", message, clause="R14")
    by = keeping.actor.reference
    return statuses.move(
        keeping.session, known.id, status, by=by, at=keeping.now, document=document
    )
