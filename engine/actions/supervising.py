"""Supervised handling of a case (督办): asked with a day, answered by its holders, ended.

Each act is one transaction and one entry of the case file; none changes who owns the case. The
words stand in the file, the day and how far it came in `storage.cases.supervised.demands`.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from engine.actions.cases import (
    acting_as,
    lock_seen_case,
    may_supervise,
    require_open_case,
    tell_holders,
)
from engine.contract import Actor
from engine.run.access import held_now, waits_for
from engine.run.record import Act, Done, Entry, write_entry
from engine.run.runner import Runner
from storage.cases import cases, tasks
from storage.cases.cases import Case, LockedCase
from storage.cases.steps import NewDelivery
from storage.cases.supervised import demands
from storage.cases.supervised.demands import Demand
from storage.cases.tasks import Task
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import FormInvalid, NotAllowed, Refused
from storage.moments import in_china, start_of, to_text
from storage.people.posts import reference_of

__all__ = [
    "answer_supervision",
    "end_supervision",
    "is_holder",
    "latest_answer_day",
    "remind_of",
    "supervise",
    "usual_answer_day",
]

_LATE: Final = "supervision_late"
_ONE_DAY: Final = timedelta(days=1)


def supervise(
    runner: Runner,
    session: Session,
    number: str,
    *,
    text: str,
    actor: Actor,
    answer_by: date | None = None,
) -> Done:
    """Put the case under supervised handling, or ask again; an answer is due by a day (督办).

    Without a day it is that of the city's rules, of an emergency today. A day off counts as the
    working day after it, but for an emergency: nights and days off count there.
    """
    locked = lock_seen_case(session, number, actor)
    _require_supervising(actor, locked.case)
    require_open_case(locked.case)
    now, case = runner.clock.now(), locked.case
    due = _due(runner, session, answer_by, now=now, is_urgent=case.priority == "urgent")
    seq = case.last_seq + 1
    standing = demands.find_standing(session, case.id)
    asked: dict[str, Any] = {"asked_by": actor.id, "seq": seq, "at": now, "due_at": due}
    if standing is None:
        demands.add_demand(session, case.id, **asked)
    else:
        demands.ask_again(session, standing.id, **asked)
    data = {
        "text": text,
        "answer_by": to_text(due),
        "times": 1 if standing is None else standing.times + 1,
    }
    changes = {"supervised": True}
    return tell_holders(
        runner,
        session,
        locked,
        "case_supervised",
        data,
        actor,
        changes,
        also=_former(standing, actor),
    )


def answer_supervision(
    runner: Runner, session: Session, number: str, *, text: str, actor: Actor
) -> Done:
    """Answer what a supervisor asks, as somebody who holds the case; the supervisor is told."""
    locked = lock_seen_case(session, number, actor)
    now, case = runner.clock.now(), locked.case
    standing = _standing(session, case)
    if not is_holder(session, tasks.list_open_tasks(session, case.id), actor, at=now):
        message = "答复督办的是现在办理这件案件的人。"
        raise NotAllowed(message, code="not_holding_case")
    demands.mark_answered(session, standing.id, seq=case.last_seq + 1, at=now)
    data = {"text": text, "answer_by": to_text(standing.due_at), "is_late": standing.due_at < now}
    return _told(session, locked, "supervision_answered", data, actor, [standing.asked_by], now)


def end_supervision(
    runner: Runner, session: Session, number: str, *, text: str, actor: Actor
) -> Done:
    """End supervised handling, with a word; the case goes on, its holders are told (办结督办)."""
    locked = lock_seen_case(session, number, actor)
    _require_supervising(actor, locked.case)
    require_open_case(locked.case)
    if not locked.case.supervised:
        message = "这件案件没有在督办。"
        raise Refused(message, code="not_supervised")
    standing = demands.find_standing(session, locked.case.id)
    if standing is not None:
        demands.mark_ended(session, standing.id, at=runner.clock.now())
    changes = {"supervised": False}
    return tell_holders(
        runner,
        session,
        locked,
        "supervision_ended",
        {"text": text},
        actor,
        changes,
        also=_former(standing, actor),
    )


def remind_of(runner: Runner, session: Session, ident: int, case_id: int) -> bool:
    """Remind the holders and the supervisor once of a day that passed; False when it is moot.

    Belongs inside the caller's transaction. It is read again under the lock of its case.
    """
    main = [each for each in cases.list_processes(session, case_id) if each.asked_by is None][-1]
    locked = cases.lock_case_for_step(session, running_id=main.id)
    now, case = runner.clock.now(), locked.case
    standing = demands.find_standing(session, case_id)
    if standing is None or standing.id != ident or standing.reminded_at is not None:
        return False
    if case.status != "open":
        demands.mark_ended(session, ident, at=case.closed_at or now)
        return False
    if standing.state(now) != "late":
        return False
    demands.mark_reminded(session, ident, at=now)
    data = {"answer_by": to_text(standing.due_at)}
    waiting = tasks.list_open_tasks(session, case_id)
    holders = sorted({waits_for(session, task, at=now) for task in waiting})
    _write(session, locked, _LATE, data, None, [*holders, reference_of(standing.asked_by)], now)
    return True


def is_holder(session: Session, waiting: Iterable[Task], actor: Actor, *, at: datetime) -> bool:
    """Whether one of the open tasks of a case is the actor's, or free in a post of theirs."""
    own = [task for task in waiting if actor.holds(task.post_id)]
    return any(
        task.officer_id in {None, actor.id} or held_now(session, task, at=at).officer_id is None
        for task in own
    )


def usual_answer_day(runner: Runner, session: Session, *, is_urgent: bool = False) -> date:
    """The day that is offered for an answer; an emergency is answered the same day."""
    if is_urgent:
        return in_china(runner.clock.now()).date()
    days = installed().thresholds.supervise_days
    due = runner.calendar(session).due(runner.clock.now(), days, "working_day")
    return in_china(due).date()


def latest_answer_day(runner: Runner) -> date:
    """The last day an answer may be asked for."""
    today = in_china(runner.clock.now()).date()
    return today + timedelta(days=installed().thresholds.supervise_most_days)


# -- below: what the acts above have in common ---------------------------------------------------


def _due(
    runner: Runner, session: Session, answer_by: date | None, *, now: datetime, is_urgent: bool
) -> datetime:
    day = answer_by or usual_answer_day(runner, session, is_urgent=is_urgent)
    latest = latest_answer_day(runner)
    if day < in_china(now).date():
        message = "答复日期已经过去，请写今天或以后的一天。"
        raise FormInvalid.at("answer_by", message, code="answer_day_past")
    if day > latest:
        message = f"答复日期最迟 {latest.isoformat()}。"
        raise FormInvalid.at("answer_by", message, code="answer_day_far", latest=latest.isoformat())
    if is_urgent:
        # The end of the day, but some hours at least: late in the evening today is too short.
        return runner.calendar(session).due(max(now, start_of(day)), 1, "same_day")
    return runner.calendar(session).due(start_of(day) - _ONE_DAY, 1, "working_day")


def _standing(session: Session, case: Case) -> Demand:
    require_open_case(case)
    standing = demands.find_standing(session, case.id)
    if standing is None:
        message = "这件案件没有等答复的督办。"
        raise Refused(message, code="nothing_to_answer")
    return standing


def _former(standing: Demand | None, actor: Actor) -> list[str]:
    """Who asked before, when somebody else goes on with it."""
    if standing is None or standing.asked_by == actor.id:
        return []
    return [reference_of(standing.asked_by)]


def _require_supervising(actor: Actor, case: Case) -> None:
    if not may_supervise(actor, case):
        message = "只有督办人员和有督办职责的上级部门可以督办；网格和村（社区）可以催办。"
        raise NotAllowed(message, code="not_supervising")


def _told(
    session: Session,
    locked: LockedCase,
    kind: str,
    data: dict[str, Any],
    actor: Actor,
    officers: Iterable[int],
    now: datetime,
) -> Done:
    receivers = [reference_of(ident) for ident in officers]
    return _write(session, locked, kind, data, actor, receivers, now)


def _write(
    session: Session,
    locked: LockedCase,
    kind: str,
    data: dict[str, Any],
    actor: Actor | None,
    receivers: list[str],
    now: datetime,
) -> Done:
    case = locked.case
    outbox = [
        NewDelivery(
            key=f"{case.number}:{case.version}:{place}",
            channel="notice",
            receiver=receiver,
            template=kind,
            payload={"case": case.number, "title": case.title, **data},
            at=now,
        )
        for place, receiver in enumerate(dict.fromkeys(receivers))
    ]
    capacity = None if actor is None else acting_as(actor)
    entry = Entry(Act(kind, {**data, "told": receivers}, capacity), outbox=outbox)
    return write_entry(session, locked, None, entry, actor=actor, now=now)
