"""A fixed sample of the seeded faults: what the files alone decide is refused, and where it is."""

from tests.fault.catalogue import Verdict, judged

EVERY = 8
UNNAMED = {("loop_without_exit", "passed -> escalate")}
"""Faults that are refused at another element; `docs/mutants.md` says why."""


def test_a_sample_of_the_catalogue_is_caught_at_the_element_that_was_spoilt() -> None:
    sample = list(judged(EVERY))
    static = [one for one in sample if one.is_static]

    assert len(sample) >= 100
    assert [one for one in static if not one.is_error] == []
    assert [one for one in static if not one.is_named and not _is_known(one)] == []


def _is_known(verdict: Verdict) -> bool:
    return (verdict.operator, verdict.what) in UNNAMED
