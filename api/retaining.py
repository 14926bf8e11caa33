"""Personal data past the city's retention periods: counted, or deleted case by case.

Each case is a transaction of its own, so an interrupted run goes on with what is left.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from api.composition import Composition
from api.uploads import blobs
from engine.actions.retention import erase
from storage.audit.log import COMMAND_LINE, SCHEDULER, add_audit
from storage.cases import attachments
from storage.city.retention import (
    FEED,
    IDENTITY,
    KITCHENS,
    NOTIFICATIONS,
    PHOTOS,
    TEXT,
    KeepingPeriod,
    read_periods,
)
from storage.database.compaction import compact
from storage.database.session import Session
from storage.delivery import notifications, outbox
from storage.feed import events
from storage.kitchens import cameras, snapshots
from storage.people import personal, vault

__all__ = ["PastPeriod", "Retained", "list_due", "look_after_kitchens", "retain"]

CHUNK: Final = 1_000
"""Notifications deleted in one transaction."""

Progress = Callable[[Sequence[Any], str], Iterable[Any]]

_CASES_DUE: Final[Mapping[str, Callable[[Session, datetime], list[int]]]] = {
    IDENTITY: vault.list_closed_before,
    TEXT: personal.list_closed_before,
    PHOTOS: attachments.list_closed_before,
}


@dataclass(frozen=True, slots=True)
class PastPeriod:
    """What of one kind is past its period: cases, or notifications."""

    period: KeepingPeriod
    before: datetime
    count: int
    cases: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Retained:
    """What was deleted, by kind, and whether the file of SQLite was written again without it."""

    counts: dict[str, int]
    is_compact: bool


def list_due(
    session: Session, periods: Iterable[KeepingPeriod], *, now: datetime
) -> list[PastPeriod]:
    """List what is past its period, kind by kind."""
    due = []
    for period in periods:
        before = period.ends_before(now)
        if period.kind == NOTIFICATIONS:
            count = outbox.count_sent(session, before=before)
            count += notifications.count_delivered(session, before=before)
            due.append(PastPeriod(period, before, count))
        elif period.kind == FEED:
            due.append(PastPeriod(period, before, events.count_before(session, before=before)))
        elif period.kind == KITCHENS:
            pictures = snapshots.list_past(session, before=before, limit=CHUNK)
            due.append(PastPeriod(period, before, len(pictures)))
        else:
            ids = tuple(_CASES_DUE[period.kind](session, before))
            due.append(PastPeriod(period, before, len(ids), ids))
    return due


def retain(composition: Composition, due: Sequence[PastPeriod], *, progress: Progress) -> Retained:
    """Delete what is past its period."""
    database, now = composition.database, composition.clock.now()
    kinds: dict[int, set[str]] = {}
    for one in due:
        for case_id in one.cases:
            kinds.setdefault(case_id, set()).add(one.period.kind)
    for case_id in progress(sorted(kinds), "closed cases"):
        with database.transaction() as session:
            digests = erase(session, case_id, kinds=kinds[case_id], by=COMMAND_LINE, now=now)
        _remove_blobs(composition, digests)
    for one in due:
        _forget_past(composition, one)
    counts = {one.period.kind: one.count for one in due if one.count}
    if not counts:
        return Retained(counts, is_compact=True)
    with database.transaction() as session:
        add_audit(
            session,
            at=now,
            actor=COMMAND_LINE,
            action="retention_applied",
            subject_kind="personal_data",
            subject="retention",
            data=counts,
        )
    return Retained(counts, is_compact=compact(database))


def look_after_kitchens(composition: Composition) -> None:
    """Delete pictures of kitchens past their days, and mark bright kitchens again.

    An import that names the marks of a business takes that of its cameras away.
    """
    now = composition.clock.now()
    for period in read_periods(composition.settings.city_folder):
        if period.kind == KITCHENS:
            forget_pictures(composition, period.ends_before(now), by=SCHEDULER)
    with composition.database.transaction() as session:
        for business_id in cameras.list_unmarked(session):
            cameras.follow_cameras(session, business_id, by=SCHEDULER, at=now)


def forget_pictures(composition: Composition, before: datetime, *, by: str) -> int:
    """Delete pictures of kitchens that came in before a moment and that no case holds."""
    with composition.database.transaction() as session:
        past = snapshots.list_past(session, before=before, limit=CHUNK)
        digests = snapshots.delete_pictures(session, past)
        if digests:
            add_audit(
                session,
                at=composition.clock.now(),
                actor=by,
                action="pictures_deleted",
                subject_kind="snapshot",
                subject="retention",
                data={"count": len(digests)},
            )
    _remove_blobs(composition, digests)
    return len(digests)


def _forget_past(composition: Composition, past: PastPeriod) -> None:
    """Delete what is of no case."""
    if past.period.kind == NOTIFICATIONS:
        for forget in (outbox.forget_sent, notifications.forget_delivered):
            _forget(composition, forget, past.before)
    elif past.period.kind == FEED:
        _forget(composition, events.forget_events, past.before)
    elif past.period.kind == KITCHENS:
        forget_pictures(composition, past.before, by=COMMAND_LINE)


class _Forget(Protocol):
    def __call__(self, session: Session, *, before: datetime, limit: int) -> int: ...


def _forget(composition: Composition, forget: _Forget, before: datetime) -> None:
    gone = CHUNK
    while gone == CHUNK:
        with composition.database.transaction() as session:
            gone = forget(session, before=before, limit=CHUNK)


def _remove_blobs(composition: Composition, digests: Iterable[str]) -> None:
    """Remove the bytes of deleted photos, but for those another case names, too."""
    gone = set(digests)
    if not gone:
        return
    with composition.database.reading() as session:
        gone -= attachments.find_digests(session, gone)
    for digest in gone:
        blobs.remove(composition.blobs, digest)
