"""Recurring starts: each period is started exactly once, however many schedulers run.

A row holds the process, the subject and the start of the next period. After an outage or a jump of
the clock only the current period is started; each skipped one is written to the audit log as
missed, once. The key of a period is unique among all cases, so that nothing starts twice.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog

from engine.background.incidents import place_of
from engine.run.runner import Runner
from engine.time.periods import CalendarPeriod, period_of
from storage.audit.log import SCHEDULER, add_audit
from storage.cases import incidents
from storage.city.rules import installed
from storage.database.session import Database, Session
from storage.errors import FormInvalid, NotFound
from storage.moments import in_china, start_of
from storage.people.posts import Post, get_staffing_of
from storage.people.roles import stands_in_area
from storage.places.areas import get_area
from storage.places.units import towns_of
from storage.processes import recurring
from storage.processes.recurring import NewRecurring, Recurring
from storage.registry.businesses import get_business

__all__ = ["SOURCE", "columns_for", "plan", "plan_missing", "start_due"]

log = structlog.get_logger("hangji.recurring")

SOURCE: Final = "calendar"
"""Source of a case the calendar started."""

LEASE = timedelta(minutes=2)
REST = timedelta(minutes=10)
_SHORTEST: Final = {"day": 1, "week": 7, "month": 28, "quarter": 90, "half": 181, "year": 365}
_SHORTEST_TERM: Final = 60


def plan(runner: Runner, session: Session, new: NewRecurring) -> Recurring:
    """Start a process once a period from its next beginning on.

    Raises:
        Conflict: that is so already.
        FormInvalid: the start form, the subject or the days after the beginning do not fit.
        NotFound: no such process is published.
    """
    now = runner.clock.now()
    definition = runner.published(session, new.process_id)
    definition.form(definition.start.id).load(dict(new.form))
    if new.offset_days >= _SHORTEST.get(new.period, _SHORTEST_TERM):
        raise FormInvalid.at("offset_days", "天数超出了这个周期。")
    _subject_columns(session, new.subject_kind, new.subject, at=now)
    period = _period(new.period, now)
    begins = _begins(period, new.offset_days)
    if begins < now:
        begins = _begins(_after(new.period, period), new.offset_days)
    row = recurring.add_recurring(session, new, next_at=begins, at=now)
    return recurring.get_recurring(session, row)


def plan_missing(runner: Runner, session: Session, wanted: Iterable[NewRecurring]) -> int:
    """Plan the starts of a city that were never there and whose process is published."""
    planned = 0
    for new in wanted:
        if recurring.was_planned(session, new):
            continue
        try:
            runner.published(session, new.process_id)
        except NotFound:
            continue
        plan(runner, session, new)
        planned += 1
    return planned


def start_due(database: Database, runner: Runner) -> int:
    """Start all due recurring cases and return their number; a failed one stops no other."""
    now, started = runner.clock.now(), 0
    with database.transaction() as session:
        claimed = recurring.claim_due(session, now=now, lease=LEASE)
    for row in claimed:
        try:
            started += database.run(partial(_start, runner, row.id))
        except Exception as error:  # noqa: BLE001 - one start never stops the others
            place = place_of(error)
            log.error("recurring_failed", recurring=row.id, place=place)  # noqa: TRY400 - no text of it
            with database.transaction() as session:
                _note_failure(session, row, error, now=now)
    return started


def _start(runner: Runner, row_id: int, session: Session) -> bool:
    row, now = recurring.lock_recurring(session, row_id), runner.clock.now()
    if row.ended_at is not None or row.next_at > now:
        return False
    period, missed = _in_force(row, now)
    for skipped in missed:
        _on_file(session, row, "period_missed", skipped, at=now)
    key = row.start_key(period.key)
    is_new = not recurring.has_started(session, key)
    if is_new:
        form = {**row.form, **_of_the_period(runner, session, row, period)}
        made = runner.start(
            session,
            row.process_id,
            form,
            actor=None,
            columns=columns_for(runner, session, row.process_id, row.subject_kind, row.subject),
        )
        recurring.keep_start_key(session, made.case_id, key)
        _on_file(session, row, "period_started", period, at=now)
    next_at = _begins(_after(row.period, period), row.offset_days)
    recurring.move_on(session, row.id, next_at=next_at, last_key=period.key)
    incidents.resolve_element(session, _element(row), at=now)
    return is_new


def _in_force(row: Recurring, now: datetime) -> tuple[CalendarPeriod, list[CalendarPeriod]]:
    """The newest period that has begun, and those before it that nothing was started for."""
    day = in_china(row.next_at).date() - timedelta(days=row.offset_days)
    period, missed = period_of(row.period, day, installed().terms), []
    while _begins(following := _after(row.period, period), row.offset_days) <= now:
        missed.append(period)
        period = following
    return period, missed


def columns_for(
    runner: Runner, session: Session, process_id: str, kind: str, subject: str
) -> dict[str, Any]:
    """Return the columns of a case the calendar starts about a subject."""
    definition = runner.published(session, process_id)
    return {
        "title": definition.diagrams[definition.process_id].label,
        "source": SOURCE,
        **_subject_columns(session, kind, subject, at=runner.clock.now()),
    }


def _of_the_period(
    runner: Runner, session: Session, row: Recurring, period: CalendarPeriod
) -> dict[str, Any]:
    """Return which period it is and when the next begins, where the start form has these fields."""
    definition = runner.published(session, row.process_id)
    asked = {field.name for field in definition.form(definition.start.id).fields}
    known = {"period_key": period.key, "period_after": period.after.isoformat()}
    return {name: value for name, value in known.items() if name in asked}


def _subject_columns(session: Session, kind: str, subject: str, *, at: datetime) -> dict[str, Any]:
    if kind == "area":
        return {"area_code": get_area(session, subject, on=in_china(at).date()).code}
    if kind == "business":
        if not subject.isdecimal():
            raise FormInvalid.at("subject", "请写食品主体的编号。")
        business = get_business(session, int(subject))
        return {"area_code": business.area_code, "business_id": business.id}
    post = get_staffing_of(session, subject, at=at).post
    return {
        "area_code": _area_of(session, post),
        "owner_post": post.id,
        "owner_rank": post.rank,
        "owner_area": post.place,
    }


def _area_of(session: Session, post: Post) -> str:
    """The place of a post of an area; of a unit, the first of its towns."""
    if stands_in_area(post.role):
        return post.place
    towns = towns_of(session, post.place)
    if not towns:
        raise FormInvalid.at("subject", "这个岗位没有辖区。")
    return min(towns)


def _note_failure(session: Session, row: Recurring, error: Exception, *, now: datetime) -> None:
    recurring.set_back(session, row.id, until=now + REST)
    incidents.note_once(
        session,
        _element(row),
        action={"do": "recurring", "recurring": row.id},
        error_code="recurring_failed",
        # The kind of the fault alone: its text may repeat what somebody reported.
        message=f"{row.process_id} {row.subject}: {type(error).__name__}",
        at=now,
    )


def _on_file(
    session: Session, row: Recurring, act: str, period: CalendarPeriod, *, at: datetime
) -> None:
    add_audit(
        session,
        at=at,
        actor=SCHEDULER,
        action=act,
        subject_kind="recurring",
        subject=row.start_key(period.key),
    )


def _period(kind: str, now: datetime) -> CalendarPeriod:
    return period_of(kind, in_china(now).date(), installed().terms)


def _after(kind: str, period: CalendarPeriod) -> CalendarPeriod:
    return period_of(kind, period.after, installed().terms)


def _begins(period: CalendarPeriod, offset_days: int) -> datetime:
    return start_of(period.first + timedelta(days=offset_days))


def _element(row: Recurring) -> str:
    return f"recurring:{row.id}"
