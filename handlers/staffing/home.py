"""People and posts on the first page: gaps, suspended accounts, lists to apply, leave."""

from collections.abc import Iterator

from engine.slots import HomeLine, HomeQuestion, Part
from handlers.staffing.appointing import keeps_accounts, may_appoint
from storage.imports.batches import count_batches
from storage.imports.kinds import kinds_of
from storage.staffing.gaps import GapFilter, count_gaps, last_checked_at
from storage.staffing.people import PeopleFilter, count_people, guards_accounts


def lines(question: HomeQuestion) -> Iterator[HomeLine]:
    """Who appoints sees gaps and people; everybody may ask for leave."""
    actor = question.actor
    if may_appoint(actor) and actor.prefixes:
        yield _gaps(question)
    if guards_accounts(actor):
        every = count_people(question.session, PeopleFilter(), actor=actor, at=question.now)
        yield HomeLine("changed", "全部账号", "All accounts", "directory", "users", count=every)
    if keeps_accounts(actor) or guards_accounts(actor):
        yield _suspended(question)
    if kinds := kinds_of(actor):
        yield _to_apply(question, kinds)
    if may_appoint(actor):
        yield HomeLine("start", "人员与岗位", "People and posts", "units", "list-checks")
    if actor.prefixes:
        yield HomeLine("start", "通讯录", "Directory", "directory", "phone")
    if actor.posts:
        yield HomeLine("start", "我的请假", "My leave", "my_leave", "calendar-clock")


def _suspended(question: HomeQuestion) -> HomeLine:
    wanted = PeopleFilter(active=False)
    count = count_people(question.session, wanted, actor=question.actor, at=question.now)
    zh, en, at = "已停用的账号", "Suspended accounts", {"suspended": "1"}
    return HomeLine("changed", zh, en, "directory", "users", at, count)


def _to_apply(question: HomeQuestion, kinds: list[str]) -> HomeLine:
    count = count_batches(question.session, kinds, "checked")
    part: Part = "waits" if count else "start"
    zh, en, at = "已检查、待写入的导入", "Imports checked, not applied", {"state": "checked"}
    return HomeLine(part, zh, en, "import_list", "table-2", at, count)


def _gaps(question: HomeQuestion) -> HomeLine:
    at = {"area": question.area} if question.area else {}
    if last_checked_at(question.session) is None:
        zh, en = "辖区人员空缺（尚未核对）", "Gaps of staff (not checked yet)"
        return HomeLine("changed", zh, en, "gap_board", "triangle-alert", at)
    wanted = GapFilter(area=question.area)
    counts = count_gaps(question.session, wanted, actor=question.actor, digits=4)
    total = sum(counts.values())
    part: Part = "late" if total else "changed"
    zh, en = "辖区人员空缺", "Gaps of staff in my areas"
    return HomeLine(part, zh, en, "gap_board", "triangle-alert", at, total)
