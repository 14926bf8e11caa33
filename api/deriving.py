"""What is derived beside the work: statistics from case files, gaps of staff once a day."""

from functools import partial
from typing import Final

import structlog

from api.composition import Composition
from engine.background.recurring import SOURCE
from engine.run.runner import Runner
from handlers.dashboards.facts import BATCH, derive_facts, forget_all
from handlers.staffing.flags import GAP_CASES
from handlers.staffing.gaps import check_all
from handlers.staffing.staffing_gap import FILLED, KIND
from handlers.video.counting import close_over
from handlers.video.video_patrol import REACHED
from storage.audit.log import SCHEDULER, add_audit, last_act_at
from storage.database.session import Session
from storage.errors import NotFound, Refused
from storage.map import counts
from storage.moments import in_china, start_of
from storage.processes.recurring import has_started, keep_start_key
from storage.staffing.flags import is_on
from storage.staffing.gap_cases import OpenGap, WaitingGapCase, list_filled, list_uncased
from storage.staffing.gaps import CHECKED, last_checked_at
from storage.video.quota_periods import list_over
from storage.video.waiting import WaitingQuota, list_met

log = structlog.get_logger("hangji.staffing")

COMPARED: Final = "map_counts_compared"
"""The act that says the counts of the map were compared with the registry."""

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
    fold_counts(composition)
    derive(composition)
    check_staffing(composition)
    compare_counts(composition)
    end_filled_gaps(composition)
    look_after_quotas(composition)


def fold_counts(composition: Composition) -> int:
    """Fold the changes of businesses into the counts of their areas; return how many."""
    folded = 0
    while count := composition.database.run(counts.fold):
        folded += count
    return folded


def compare_counts(composition: Composition) -> bool:
    """Compare the counts of the map with the registry, once a day; False when today is done.

    Nothing is put right by it: a difference is a fault somebody has to look at.
    """
    now = composition.clock.now()
    with composition.database.reading() as session:
        last = last_act_at(session, COMPARED)
        if last is not None and last >= start_of(in_china(now).date()):
            return False
        different = len(counts.differences(session))
    if different:
        log.error("map_counts_differ", count=different)
    with composition.database.transaction() as session:
        add_audit(
            session,
            at=now,
            actor=SCHEDULER,
            action=COMPARED,
            subject_kind="map",
            subject="counts",
            data={"different": different},
        )
    return True


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
    open_gap_cases(composition)
    return True


def open_gap_cases(composition: Composition) -> int:
    """Start a case for each gap of an area that has it switched on, once; return how many.

    A gap nobody can be asked to fill has none, and stays on the board.
    """
    with composition.database.reading() as session:
        gaps = [gap for gap in list_uncased(session) if is_on(session, GAP_CASES, gap.place)]
    opened = 0
    for gap in gaps:
        try:
            opened += composition.database.run(partial(_open_gap_case, composition.runner, gap))
        except (Refused, NotFound) as error:
            log.info("gap_without_case", kind=gap.kind, code=error.code)
    return opened


def end_filled_gaps(composition: Composition) -> int:
    """End the cases whose gap is filled; return how many."""
    with composition.database.reading() as session:
        waiting = list_filled(session, FILLED)
    for told in waiting:
        composition.database.run(partial(_end_filled_gap, composition.runner, told))
    return len(waiting)


def _open_gap_case(runner: Runner, gap: OpenGap, session: Session) -> bool:
    if has_started(session, gap.start_key):
        return False
    form = {"kind": gap.kind, "place": gap.place}
    made = runner.start(session, KIND, form, actor=None, columns={"source": SOURCE})
    keep_start_key(session, made.case_id, gap.start_key)
    return True


def _end_filled_gap(runner: Runner, told: WaitingGapCase, session: Session) -> None:
    # Somebody may have reported it meanwhile; whoever was told waits no more.
    if told in list_filled(session, FILLED):
        runner.deliver(session, told.running_id, FILLED, {}, element=told.element)


def look_after_quotas(composition: Composition) -> int:
    """Close the periods that are over, end the cases of quotas that are met; return how many."""
    now = composition.clock.now()
    with composition.database.reading() as session:
        is_due = bool(list_over(session, on=in_china(now).date()))
        met = list_met(session, REACHED)
    if is_due:
        with composition.database.transaction() as session:
            close_over(session, now=now)
    for told in met:
        composition.database.run(partial(_end_met_quota, composition.runner, told))
    return len(met)


def _end_met_quota(runner: Runner, told: WaitingQuota, session: Session) -> None:
    # The unit may have completed its task meanwhile; whoever was told waits no more.
    if told in list_met(session, REACHED):
        runner.deliver(session, told.running_id, REACHED, {}, element=told.element)


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
