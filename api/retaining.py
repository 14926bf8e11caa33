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
from storage.audit.log import COMMAND_LINE, add_audit
from storage.cases import attachments
from storage.city.retention import IDENTITY, NOTIFICATIONS, PHOTOS, TEXT, KeepingPeriod
from storage.database.compaction import compact
from storage.database.session import Session
from storage.delivery import notifications, outbox
from storage.people import personal, vault

__all__ = ["PastPeriod", "Retained", "list_due", "retain"]

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
        if one.period.kind == NOTIFICATIONS:
            for forget in (outbox.forget_sent, notifications.forget_delivered):
                _forget(composition, forget, one.before)
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
