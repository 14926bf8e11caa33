"""The points at which a task is chased, for any limit and any rhythm of looking."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from engine.decisions.tables import parse_decision
from engine.diagrams.xml import parse_xml
from engine.time.calendar import UNITS, Span, WorkCalendar
from engine.time.reminders import next_chase, read_rules

CALENDAR = WorkCalendar()
BEGAN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TABLE = Path(__file__).resolve().parents[2] / "bpmn" / "chase.dmn"
RULES = read_rules(
    parse_decision(parse_xml(TABLE.read_bytes(), name="chase.dmn"), name="chase.dmn")
)

starts = st.integers(0, 60 * 24 * 60).map(lambda minutes: BEGAN + timedelta(minutes=minutes))
spans = st.builds(
    lambda start, limit, unit: Span(start, CALENDAR.due(start, limit, unit), unit),
    starts,
    st.integers(1, 15),
    st.sampled_from(UNITS),
)


@given(span=spans)
def test_the_points_come_in_order_none_before_the_limit_began(span: Span) -> None:
    points, chased = [], dict[str, int]()
    for _ in range(20):
        trigger = next_chase(RULES, CALENDAR, span, chased)
        assert trigger is not None
        chased[trigger.rule.id] = trigger.count
        points.append(trigger.at)

    assert points[0] >= span.since
    assert all(earlier <= later for earlier, later in pairwise(points))


@given(span=spans)
def test_what_is_told_once_is_told_once(span: Span) -> None:
    told, chased = Counter[str](), dict[str, int]()
    for _ in range(30):
        trigger = next_chase(RULES, CALENDAR, span, chased)
        assert trigger is not None
        chased[trigger.rule.id] = trigger.count
        told[trigger.rule.id] += 1

    by_the_clock = span.unit in {"minute", "hour"}
    followed = [rule for rule in RULES if rule.trigger != "minutes_overdue" or by_the_clock]
    assert set(told) == {rule.id for rule in followed}
    assert all(told[rule.id] == 1 for rule in followed if not rule.is_daily)
    assert all(told[rule.id] > 1 for rule in RULES if rule.is_daily)


@given(span=spans)
def test_shares_come_before_the_end_and_days_late_after_it(span: Span) -> None:
    chased = dict[str, int]()
    for _ in range(len(RULES)):
        trigger = next_chase(RULES, CALENDAR, span, chased)
        assert trigger is not None
        chased[trigger.rule.id] = trigger.count
        is_share = trigger.rule.trigger == "fraction_of_limit_used"
        assert trigger.at <= span.due if is_share else trigger.at > span.due


@given(span=spans, used=st.floats(0.0, 0.95), pause=st.integers(0, 500))
def test_after_a_pause_no_point_lies_before_it_went_on(span: Span, used: float, pause: int) -> None:
    paused_at = CALENDAR.moment_of_share(span, used)
    now = paused_at + timedelta(hours=pause)
    resumed = CALENDAR.resumed(span, paused_at=paused_at, now=now)
    chased = {
        rule.id: 1
        for rule in RULES
        if rule.trigger == "fraction_of_limit_used"
        and CALENDAR.moment_of_share(span, rule.value) <= paused_at
    }

    trigger = next_chase(RULES, CALENDAR, resumed, chased)

    assert trigger is not None
    assert trigger.at >= min(now, span.due)
