"""Inspections and enforcement cases on the first page."""

from collections.abc import Iterator

from engine.slots import HomeLine, HomeQuestion
from handlers.inspections.plans import list_seen, plans_inspections
from storage.inspections.rectifications import count_rectifications
from storage.inspections.results import count_waiting


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
        yield from _results(question)
        yield from _rectifications(question)
        yield HomeLine(
            "start", "查处案件", "Enforcement cases", "enforcement_cases", "shield-check"
        )


def _results(question: HomeQuestion) -> Iterator[HomeLine]:
    """待公开的检查结果：二十个工作日内公开。"""
    waiting = count_waiting(question.session, question.actor)
    if waiting:
        yield HomeLine(
            "waits",
            "待公开的检查结果",
            "Results to publish",
            "inspection_results",
            "eye",
            count=waiting,
        )


def _rectifications(question: HomeQuestion) -> Iterator[HomeLine]:
    """超期的整改，整改看板。"""
    late = count_rectifications(question.session, question.actor, before=question.now)
    if late:
        yield HomeLine(
            "late",
            "超期的整改",
            "Rectifications overdue",
            "rectification_board",
            "octagon-alert",
            {"overdue": "1"},
            late,
        )
    yield HomeLine("start", "整改看板", "Rectifications", "rectification_board", "list-checks")
