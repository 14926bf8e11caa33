"""Messages between cases: from a stored row to the waiting element of another case.

A thrown message is a row until an element waits for it by name and correlation, or it expires. The
first receiver takes it; a second delivery of the same row changes nothing. The diagrams define the
messages thrown and awaited; the step writes the rows.
"""

from collections.abc import Iterable
from datetime import datetime

from engine.background.incidents import ATTEMPTS, MESSAGE, wait_after
from engine.run.runner import Runner
from storage.cases import cases, incidents, messages
from storage.cases.incidents import Incident
from storage.cases.messages import Arrived
from storage.database.session import Session

__all__ = ["deliver_one", "list_deliverable", "report_expired"]

OPEN_LIMIT = 200


def list_deliverable(session: Session, *, now: datetime, limit: int) -> list[Arrived]:
    """Messages with a waiting receiver, each once, oldest first; failed ones are delayed."""
    resting = {
        (incident.running_id, incident.element)
        for incident in _open_incidents(session)
        if not _is_due(incident, now)
    }
    found: dict[int, Arrived] = {}
    for arrived in messages.list_arrived(session, now=now, limit=limit):
        place = (arrived.waiting.running_id, arrived.waiting.element)
        if place not in resting:
            found.setdefault(arrived.id, arrived)
    return list(found.values())


def deliver_one(runner: Runner, session: Session, arrived: Arrived) -> bool:
    """Hand one message over; False when it was taken, or nobody waits for it any more.

    Belongs inside the caller's transaction, which is that of the receiving case.
    """
    waiting, now = arrived.waiting, runner.clock.now()
    cases.lock_case_for_step(session, running_id=waiting.running_id)
    if waiting not in messages.list_waiting_of(session, waiting.case_id):
        return False
    if not messages.mark_delivered(session, arrived.id, at=now):
        return False
    runner.deliver(
        session,
        waiting.running_id,
        arrived.name,
        arrived.payload,
        element=waiting.element,
        note={"from_case": arrived.from_case},
    )
    for incident in _open_incidents(session, case_id=waiting.case_id):
        if (incident.running_id, incident.element) == (waiting.running_id, waiting.element):
            incidents.resolve(session, incident.id, at=now)
    return True


def report_expired(session: Session, *, now: datetime, limit: int = 100) -> int:
    """Put messages nobody waited for in time on the supervisor's list, each once."""
    expired = messages.take_expired(session, now=now, limit=limit)
    for message in expired:
        incidents.add_incident(
            session,
            action={"do": MESSAGE, "message": message.id, "name": message.name},
            error_code="message_unclaimed",
            message=f"没有案件在等消息 {message.name}（{message.correlation}），已到保存期限。",
            at=now,
            case_id=message.from_case,
        )
    return len(expired)


def _open_incidents(session: Session, *, case_id: int | None = None) -> Iterable[Incident]:
    found = incidents.list_incidents(session, case_id=case_id, limit=OPEN_LIMIT).items
    return [incident for incident in found if (incident.action or {}).get("do") == MESSAGE]


def _is_due(incident: Incident, now: datetime) -> bool:
    """Whether a message that failed may be tried again; after the last attempt a person says so."""
    rested = incident.created_at + wait_after(incident.attempts) * incident.attempts
    return incident.attempts < ATTEMPTS and rested <= now
