"""Deriving the statistics from case files: batch by batch, each in a transaction of its own."""

from typing import Final

from api.composition import Composition
from handlers.dashboards.facts import BATCH, derive_facts, forget_all

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
