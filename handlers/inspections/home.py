"""Inspections and enforcement cases on the first page."""

from collections.abc import Iterator

from engine.slots import HomeLine, HomeQuestion
from handlers.inspections.plans import list_seen, plans_inspections


def lines(question: HomeQuestion) -> Iterator[HomeLine]:
    """检查计划：市、县、所各自制定；执法大队看查处案件。"""
    actor = question.actor
    if plans_inspections(actor):
        planned = list_seen(question.session, actor=actor, now=question.now, state="planned")
        yield HomeLine(
            "waits" if planned else "start",
            "待启动的检查计划",
            "Inspections planned",
            "inspection_plans",
            "calendar-clock",
            {"state": "planned"},
            count=len(planned),
        )
        yield HomeLine(
            "start", "查处案件", "Enforcement cases", "enforcement_cases", "shield-check"
        )
