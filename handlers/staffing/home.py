"""People and posts on the first page: gaps, the directory, leave."""

from collections.abc import Iterator

from engine.slots import HomeLine, HomeQuestion, Part
from handlers.staffing.appointing import may_appoint
from storage.staffing.gaps import GapFilter, count_gaps, last_checked_at


def lines(question: HomeQuestion) -> Iterator[HomeLine]:
    """Who appoints sees gaps and people; everybody may ask for leave."""
    actor = question.actor
    if may_appoint(actor) and actor.prefixes:
        yield _gaps(question)
    if may_appoint(actor):
        yield HomeLine("start", "人员与岗位", "People and posts", "units", "list-checks")
    if actor.prefixes:
        yield HomeLine("start", "通讯录", "Directory", "directory", "phone")
    if actor.posts:
        yield HomeLine("start", "我的请假", "My leave", "my_leave", "calendar-clock")


def _gaps(question: HomeQuestion) -> HomeLine:
    if last_checked_at(question.session) is None:
        zh, en = "辖区人员空缺（尚未核对）", "Gaps of staff (not checked yet)"
        return HomeLine("changed", zh, en, "gap_board", "triangle-alert")
    counts = count_gaps(question.session, GapFilter(), actor=question.actor, digits=4)
    total = sum(counts.values())
    part: Part = "late" if total else "changed"
    zh, en = "辖区人员空缺", "Gaps of staff in my areas"
    return HomeLine(part, zh, en, "gap_board", "triangle-alert", count=total)
