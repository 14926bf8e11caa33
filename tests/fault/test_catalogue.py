"""A fixed sample of the seeded faults: what the files alone decide is refused, and where it is."""

from tests.fault.catalogue import Verdict, judged

EVERY = 8
UNNAMED = {("loop_without_exit", "passed -> escalate")}
"""Faults that are refused at another element; `docs/mutants.md` says why."""

UNRULED = {
    ("wrong_lane", "inspect in lane_city"),
    ("form_field_renamed", "period_keyx"),
    ("dmn_hit_policy", "COLLECT"),
    ("form_option_renamed", "period: termx"),
    ("flip_interrupting", "met_meanwhile"),
    ("flip_interrupting", "nobody_reviewed"),
    ("flip_interrupting", "self_inspection_due"),
    ("boundary_on_other_task", "nobody_reviewed on legal_and_technical_review"),
    ("boundary_on_other_task", "review_is_overdue on legal_and_technical_review"),
    ("remove_flow", "triage_closed_it"),
    ("duration_typo", 'deregistration_is_overdue: "P70D"'),
    ("duration_typo", 'deregistration_is_overdue: "PT7M"'),
}
"""Faults no rule of the city holds yet, in the sample or not; `docs/mutants.md` says why."""


def test_a_sample_of_the_catalogue_is_caught_at_the_element_that_was_spoilt() -> None:
    sample = list(judged(EVERY))
    static = [one for one in sample if one.is_static]

    assert len(sample) >= 100
    silent = {(one.operator, one.what) for one in static if not one.is_error}
    assert silent - UNRULED == set()
    unnamed = [one for one in static if one.is_error and not one.is_named]
    assert [one for one in unnamed if not _is_known(one)] == []


def _is_known(verdict: Verdict) -> bool:
    return (verdict.operator, verdict.what) in UNNAMED
