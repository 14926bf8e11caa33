"""Changes for the first page: cases closed this week in the reader's areas and their own."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from engine.slots import HomeLine, HomeQuestion
from handlers.dashboards.closed_cases import ClosedFilter, list_closed_cases
from storage.dashboards.facts import TimeRange
from storage.moments import in_china, start_of
from storage.people.roles import ROLES


def lines(question: HomeQuestion) -> Iterator[HomeLine]:
    """本周办结：辖区内的，本人采集的。"""
    facts = list_closed_cases(
        question.session, ClosedFilter(period=_week(question.now)), actor=question.actor
    )
    if any(ROLES[post.role].collects for post in question.actor.posts):
        own = sum(fact.collector == question.actor.id for fact in facts)
        yield HomeLine(
            "changed",
            "我采集的，本周办结",
            "Reported by me, closed this week",
            "closed_list",
            "circle-check",
            {"period": "week", "mine": "1"},
            own,
        )
    if question.actor.prefixes:
        yield HomeLine(
            "changed",
            "辖区内本周办结",
            "Closed this week in my areas",
            "closed_list",
            "folder-open",
            {"period": "week"},
            len(facts),
        )


def _week(now: datetime) -> TimeRange:
    today = in_china(now).date()
    monday = today - timedelta(days=today.weekday())
    return TimeRange(start_of(monday), now + timedelta(microseconds=1))
