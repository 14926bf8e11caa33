"""Retries of a case that cannot continue: growing delays, then an incident for a person.

A failed attempt leaves the case where it was. After `ATTEMPTS` of them the timer is set aside and
an incident is listed for the supervisor, who can retry it. The rows are in `cases.incidents`;
failures are detected by `engine.background.scheduler` and the API.
"""

import traceback
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from engine.contract import Actor
from engine.errors import DrawnFault
from engine.run.runner import Runner
from storage.cases import incidents, timers
from storage.cases.incidents import Incident
from storage.cases.messages import Arrived
from storage.cases.tasks import Task
from storage.cases.timers import Timer
from storage.database.session import Session
from storage.delivery import outbox
from storage.errors import HangjiError, Refused
from storage.moments import NEVER
from storage.people import actors
from storage.people import posts as people
from storage.processes import recurring
from storage.sync import sources

__all__ = [
    "ATTEMPTS",
    "doubling",
    "note_completion",
    "note_drawn",
    "note_guessing",
    "note_message",
    "place_of",
    "retry",
    "set_back",
    "wait_after",
]

ATTEMPTS = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=30)

TIMER = "timer"
DELIVERY = "delivery"
MESSAGE = "message"
COMPLETE = "complete"
DRAWN = "drawn"
GUESSING = "guessing"

_LARGEST_POWER = 20
_FRAMES = 4


def doubling(attempts: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """Twice as long after each failure, up to the longest."""
    power = min(max(attempts - 1, 0), _LARGEST_POWER)
    return min(longest, first * float(1 << power))


def wait_after(attempts: int) -> timedelta:
    """The delay after that many failed attempts."""
    return doubling(attempts, first=FIRST_WAIT, longest=LONGEST_WAIT)


def set_back(session: Session, timer: Timer, error: Exception, *, now: datetime) -> bool:
    """Postpone a failed timer; True when it was the last attempt and a person must look.

    Belongs in a transaction of its own: that of the attempt has been rolled back.
    """
    attempts = timer.attempts + 1
    is_last = attempts >= ATTEMPTS
    until = NEVER if is_last else now + wait_after(attempts)
    timers.postpone(session, timer.running_id, timer.element, until=until)
    if is_last:
        incidents.add_incident(
            session,
            action={"do": TIMER, "kind": timer.kind},
            **_words(error),
            at=now,
            case_id=timer.case_id,
            running_id=timer.running_id,
            element=timer.element,
        )
    return is_last


def note_message(session: Session, arrived: Arrived, error: Exception, *, now: datetime) -> int:
    """A message its receiver could not take; the count of attempts is the incident's."""
    return incidents.add_incident(
        session,
        action={"do": MESSAGE, "message": arrived.id, "name": arrived.name},
        **_words(error),
        at=now,
        case_id=arrived.waiting.case_id,
        running_id=arrived.waiting.running_id,
        element=arrived.waiting.element,
    )


def note_completion(
    session: Session,
    error: Exception,
    task: Task,
    form: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """An officer's click that failed through no fault of theirs; their form is kept for the retry.

    Belongs in a transaction of its own: that of the click has been rolled back.
    """
    click = {"token": int(task.token), "form": dict(form), "officer": actor.id}
    return incidents.add_incident(
        session,
        action={"do": COMPLETE, **click},
        **_words(error),
        at=now,
        case_id=task.case_id,
        running_id=task.running_id,
        element=task.element,
    )


def note_drawn(session: Session, error: DrawnFault, *, now: datetime) -> int:
    """A diagram that could not go on, at its start or in a step; there is nothing to do again.

    Belongs in a transaction of its own: that of the step has been rolled back.
    """
    return incidents.add_incident(
        session,
        action={"do": DRAWN},
        **_words(error),
        at=now,
        case_id=error.case_id,
        running_id=error.running_id,
        element=error.element or None,
    )


def note_guessing(
    session: Session, officer_id: int, username: str, failures: int, *, now: datetime
) -> int:
    """Open an incident for an account under a password attack; it lists what to do."""
    message = (
        f"账号 {username} 一小时内登录失败 {failures} 次，可能有人在试密码。"
        "请联系本人；不是本人的，请换密码或停用账号，并查看来源地址。"
    )
    return incidents.add_incident(
        session,
        action={"do": GUESSING, "officer": officer_id},
        error_code="account_under_guessing",
        message=message,
        at=now,
        element=people.reference_of(officer_id),
    )


def retry(runner: Runner, session: Session, incident_id: int, *, actor: Actor) -> Incident:
    """Retry a case at the request of a supervisor; return the resolved incident.

    A timer, a delivery or a message is tried by the scheduler's next round; a click is made again
    here, in the name of the officer who made it, and when that fails the incident stays open.

    Raises:
        Refused: the incident is resolved already.
    """
    incident = incidents.get_incident(session, incident_id)
    if incident.state != "open":
        message = "这个故障已经处理过了。"
        raise Refused(message, code="already_resolved")
    _again(runner, session, incident)
    incidents.resolve(session, incident_id, at=runner.clock.now(), by=actor.id)
    return incidents.get_incident(session, incident_id)


def _again(runner: Runner, session: Session, incident: Incident) -> None:
    action, now = incident.action, runner.clock.now()
    running_id, element = incident.running_id, incident.element
    match action["do"]:
        case "timer" if running_id is not None and element is not None:
            timers.release(session, running_id, element)
        case "delivery":
            outbox.requeue(session, action["delivery"], at=now)
        case "recurring":
            recurring.release(session, action["recurring"])
        case "sync":
            sources.resume_source(session, action["source"], at=now)
        case "complete" if running_id is not None:
            officer = actors.load_actor(session, action["officer"], at=now)
            runner.complete(session, running_id, action["token"], action["form"], actor=officer)


def place_of(error: Exception) -> str:
    """Kind and place of a fault, for logs and people who mend it.

    Never the text of the exception: it may repeat what somebody reported.
    """
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames]
    return " ".join([type(error).__name__, *places])


def _words(error: Exception) -> dict[str, str]:
    """Code and message as the supervisor reads them."""
    if isinstance(error, HangjiError):
        return {"error_code": error.code, "message": error.message}
    return {"error_code": "fault", "message": place_of(error)}
