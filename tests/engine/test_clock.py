"""The clock is handed in, aware, in UTC."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.time.clock import SystemClock, VirtualClock
from storage.moments import CHINA

NOON = datetime(2026, 3, 2, 12, tzinfo=CHINA)


def test_a_virtual_clock_stands_still_until_it_is_moved() -> None:
    clock = VirtualClock(NOON)

    assert clock.now() == clock.now() == NOON
    assert clock.advance(timedelta(hours=2)) == NOON + timedelta(hours=2)
    assert clock.now() == NOON + timedelta(hours=2)


def test_a_virtual_clock_can_be_set_back() -> None:
    clock = VirtualClock(NOON)

    clock.set(NOON - timedelta(days=1))

    assert clock.now() == NOON - timedelta(days=1)


def test_a_clock_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        VirtualClock(datetime(2026, 3, 2, 12))  # noqa: DTZ001 - what the test is about


def test_every_clock_answers_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
    assert VirtualClock(NOON).now().tzinfo is UTC
