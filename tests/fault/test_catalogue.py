"""A fixed sample of the seeded faults: what the files alone decide is refused, and where it is."""

import functools

import pytest

from tests.fault.catalogue import Verdict, judged, rehearsed

pytestmark = pytest.mark.xdist_group("catalogue")

EVERY = 8
PLAYED = 100
CAUGHT = 0.85
"""What check, policy and scenarios notice together of all real faults, at least."""


@functools.cache
def _sample() -> tuple[Verdict, ...]:
    return tuple(judged(EVERY))


def test_a_sample_of_the_catalogue_is_caught_at_the_element_that_was_spoilt() -> None:
    static = [one for one in _sample() if one.is_static]

    assert len(static) >= PLAYED
    assert [one for one in static if not one.is_error] == []
    assert [one for one in static if not one.is_named] == []


def test_check_policy_and_scenarios_together_notice_a_hundred_faults() -> None:
    hundred = [one for one in _sample() if one.is_fault][:: len(_sample()) // PLAYED][:PLAYED]

    left = rehearsed([one for one in hundred if not one.is_error])

    assert 1 - len(left) / len(hundred) >= CAUGHT
