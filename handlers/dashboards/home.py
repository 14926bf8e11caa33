"""Changes for the first page: cases closed this week, what stopped, acts on the audit log."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from engine.slots import HomeLine, HomeQuestion, Part
from handlers.dashboards.closed_cases import ClosedFilter, list_closed_cases
from handlers.dashboards.failures import count_failures, watches_failures
from storage.audit.log import AuditFilter, count_audit
from storage.dashboards.facts import TimeRange
from storage.moments import in_china, start_of
from storage.people.roles import ROLES
from storage.staffing.people import GUARDS


def lines(question: HomeQuestion) -> Iterator[HomeLine]:
    """本周办结：辖区内的，本人采集的；停下来的；审计日志。"""
    if any(ROLES[post.role].supervises for post in question.actor.posts):
        return  # Their first page is a board, which shows all of it.
    yield from _closed(question)
    if watches_failures(question.actor):
        yield _failures(question)
    if "admin_audit" in question.actor.roles:
        yield from _audited(question)


def _failures(question: HomeQuestion) -> HomeLine:
    count = count_failures(question.session, question.actor)
    part: Part = "late" if count else "changed"
    zh, en = "停下来的案件和账号告警", "Stopped cases and accounts in danger"
    if question.actor.roles <= GUARDS:
        zh, en = "有人在试密码的账号", "Accounts whose password is tried"
    return HomeLine(part, zh, en, "incidents", "octagon-alert", count=count)


def _audited(question: HomeQuestion) -> Iterator[HomeLine]:
    """Today's acts, and those that usually ask for a look."""
    today = in_china(question.now).date()
    said = (
        (None, "今天的审计记录", "Acts on the audit log today"),
        ("sign_in_refused", "今天被拒绝的登录", "Sign-ins refused today"),
        ("identity_read", "今天查看举报人身份", "Reporters' identities read today"),
    )
    for action, zh, en in said:
        wanted = AuditFilter(since=start_of(today), action=action)
        count = count_audit(question.session, wanted)
        at = {"since": today.isoformat(), **({"action": action} if action else {})}
        yield HomeLine("changed", zh, en, "audit", "list-checks", at, count)


def _closed(question: HomeQuestion) -> Iterator[HomeLine]:
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
