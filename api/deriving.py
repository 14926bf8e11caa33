"""What is derived beside the work: statistics from case files, gaps of staff once a day."""

from typing import Final

from api.composition import Composition
from handlers.dashboards.facts import BATCH, derive_facts, forget_all
from handlers.staffing.gaps import check_all
from storage.audit.log import SCHEDULER, add_audit
from storage.moments import in_china, start_of
from storage.staffing.gaps import CHECKED, last_checked_at

_BATCHES_A_LOOK: Final = 20
"""A look of the scheduler ends after so many, so that a long past never keeps others waiting."""


def derive(composition: Composition, *, most: int = _BATCHES_A_LOOK) -> int:
    """Derive the facts of cases that closed since the last time; return how many."""
    derived = 0
    for _ in range(most):
        count = _batch(composition)
        derived += count
        if count < BATCH:
            break
    return derived


def look_after(composition: Composition) -> None:
    """Derive what is due, and once a day look over every place for gaps of staff."""
    derive(composition)
    check_staffing(composition)


def check_staffing(composition: Composition) -> bool:
    """Look over every place for gaps of staff, once a day; False when today is done.

    Changes keep their own places right; this finds what began or ended by its date, and files.
    """
    now = composition.clock.now()
    with composition.database.reading() as session:
        last = last_checked_at(session)
    if last is not None and last >= start_of(in_china(now).date()):
        return False
    with composition.database.transaction() as session:
        changed = check_all(session, at=now)
        add_audit(
            session,
            at=now,
            actor=SCHEDULER,
            action=CHECKED,
            subject_kind="city",
            subject="staffing",
            data={"changed": changed},
        )
    return True


def recompute(composition: Composition) -> int:
    """Forget every fact and derive all of them again from the case files; return how many."""
    with composition.database.transaction() as session:
        forget_all(session)
    derived = 0
    while count := _batch(composition):
        derived += count
    return derived


def _batch(composition: Composition) -> int:
    with composition.database.transaction() as session:
        calendar = composition.runner.calendar(session)
        return derive_facts(session, calendar.working_time)
