"""A piece of work as a list shows it: how long, what, where, and what it is marked with."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from flask import url_for

from engine.contract import Actor
from engine.reads.cases import CaseBrief
from engine.reads.tasks import TaskBrief
from engine.time.urgency import Urgency
from storage.moments import in_china
from storage.people.roles import ROLES
from web.frame.clocks.countdown import until_of
from web.frame.language import SHANGHAI, chosen, day_of, listed, t
from web.frame.naming import Names, title_of
from web.frame.words import word

_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_DAYS_WITH_HOURS = 3
_MOST_MARKS = 3
_LONGEST_ACT = 5
"""Characters a button of a row has room for."""
ACCEPTED_AT_ONCE = frozenset({"accept", "acknowledge"})
"""The forms that are answered by taking note of a task, with nothing to be filled in."""

Holder = tuple[int | None, str | None]
"""Officer and post."""

Mark = tuple[str, str]
"""What kind of mark, and its words."""


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One row of a list of work, all of it ready to be read."""

    href: str
    step: str
    """The class of its urgency; empty where nothing is due."""
    left: str
    title: str
    task: str
    due: str
    number: str
    until: str = ""
    """How the page counts on to the due moment; empty where nothing runs."""
    text: str = ""
    where: str = ""
    place: str = ""
    holder: str = ""
    whose: str = ""
    """Of a task of the reader's own post: theirs, nobody's, or a colleague's."""
    """Who has it, where a list holds the work of several."""
    photo: str = ""
    key: str = ""
    """Of the task, where it is one."""
    form: str = ""
    """Of the task: what is asked of its holder."""
    acts: tuple[str, ...] = ()
    """What its reader may do to it together with others; the act itself has the last word."""
    act: str = ""
    """What its reader does with it, the word of its button; empty where it is not theirs."""
    is_signed: bool = False
    """Whether one press does it: nothing is to be filled in."""
    is_next: bool = False
    """Whether it is the one to be taken up now."""
    is_alarm: bool = False
    weights: list[Mark] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    more: str = ""
    """The marks there is no room for, as a text."""


@dataclass(frozen=True, slots=True)
class View:
    """A tab over a list; `count` is the length of its list, None where it is not counted."""

    name: str
    label: str
    href: str
    count: int | None = None
    is_late: bool = False
    most: int = 0
    """Up to where was counted."""
    is_of_area: bool = False
    """Whether its list holds the work of others as well."""

    @property
    def shown_count(self) -> str:
        """The count as the tab shows it."""
        if self.count is None:
            return ""
        return f"{self.most}+" if self.most and self.count > self.most else str(self.count)


def rows_of(
    tasks: Iterable[TaskBrief], names: Names, *, now: datetime, actor: Actor | None = None
) -> list[WorkRow]:
    """Tasks as rows of a list; `actor` says who might tick them."""
    return [row_of(task, names, now=now, actor=actor) for task in tasks]


def held_by(
    rows: Iterable[WorkRow], holders: Mapping[str, Sequence[Holder]], names: Names, actor: Actor
) -> list[WorkRow]:
    """Rows of cases with everybody who has one of their open tasks.

    A task somebody else has leads to its case, where it is chased and supervised.
    """
    return [_held(row, holders.get(row.number, ()), names, actor) for row in rows]


def told_whose(rows: Iterable[WorkRow], tasks: Iterable[TaskBrief], actor: Actor) -> list[WorkRow]:
    """Rows of open tasks of the reader's posts, each with who has it: they, nobody, a colleague."""
    return [replace(row, whose=_whose(task, actor)) for row, task in zip(rows, tasks, strict=True)]


def _whose(task: TaskBrief, actor: Actor) -> str:
    if task.state != "open":
        return ""
    if task.holder.id is None:
        return t("未认领", "Unclaimed")
    return t("我办", "Mine") if task.holder.id == actor.id else task.holder.name or ""


def _held(row: WorkRow, held: Sequence[Holder], names: Names, actor: Actor) -> WorkRow:
    is_own = bool(held) and actor.holds(held[0][1])
    href = row.href if is_own else url_for("web.case", number=row.number)
    return replace(row, holder=names.holders(held), href=href, act="", is_next=False)


def row_of(task: TaskBrief, names: Names, *, now: datetime, actor: Actor | None = None) -> WorkRow:
    """One task as a row of a list."""
    case = task.case
    is_open = task.state == "open"
    is_theirs = is_open and actor is not None and _is_theirs(task, actor)
    place = names.area(task.area)
    business = names.businesses.get(case.business or 0, "")
    weights = weights_of(case.priority)
    marks = [*_came_back(task), *_asked(task), *_marks(task, actor, now)]
    room = _MOST_MARKS - len(weights)
    return WorkRow(
        href=url_for("web.task", key=task.id),
        step=task.urgency.step if task.urgency else "",
        left=left_in_words(task.urgency) if is_open else t("已办", "Done"),
        title=names.title(case),
        task=title_of(task),
        due=_due(task, now=now) if is_open else day_of(task.closed_at, now=now),
        number=case.number,
        until=until_of(task.urgency, task.due_at, task.paused_at) if is_open else "",
        text=case.description or asked_in_words(task, names),
        where=business or place,
        place=place if business else "",
        photo=url_for("web.small_photo", photo=case.photo) if case.photo else "",
        key=task.id,
        form=task.form or "",
        acts=_acts(task, actor) if is_open and actor is not None else (),
        act=act_of(task) if is_theirs else "",
        is_signed=task.form in ACCEPTED_AT_ONCE,
        is_next=is_theirs and task.paused_at is None,
        is_alarm=is_open and case.priority == "urgent",
        weights=weights,
        marks=marks[:room],
        more=listed([words for _, words in marks[room:]]),
    )


def with_next(rows: Iterable[WorkRow]) -> list[WorkRow]:
    """Rows of which only the first that waits for its reader is the next one."""
    marked = list(rows)
    first = next((row for row in marked if row.is_next), None)
    return [replace(row, is_next=row is first) for row in marked]


def act_of(task: TaskBrief) -> str:
    """The word of the button of a task: what the drawing calls it, where that is short."""
    if task.form in ACCEPTED_AT_ONCE:
        return t("签收", "Accept")
    called = title_of(task)
    is_short = chosen() == "zh" and len(called) <= _LONGEST_ACT
    return called if is_short else t("办理", "Handle")


def _is_theirs(task: TaskBrief, actor: Actor) -> bool:
    is_held = actor.holds(task.holder.post) and task.holder.id in (None, actor.id)
    return is_held and not task.is_barred


def asked_in_words(task: TaskBrief, names: Names) -> str:
    """What a business is asked to put right and by which office, so that two can be told apart."""
    what = str((task.asked or {}).get("what") or "")
    return f"{names.post(task.asked_by)}{t('：', ': ')}{what}" if what else ""


def _due(task: TaskBrief, *, now: datetime) -> str:
    """When a task is due; while its clock stands still, when that runs on."""
    if task.paused_at is None:
        return day_of(task.due_at, now=now)
    if task.paused_until is None:
        return t("停表", "clock stopped")
    day = day_of(_last_minute(task.paused_until), now=now)
    return t(f"停表至 {day}", f"stopped until {day}")


def _last_minute(until: datetime) -> datetime:
    """Midnight is the end of the day before."""
    is_midnight = until.astimezone(SHANGHAI).time() == time.min
    return until - _MINUTE if is_midnight else until


def _acts(task: TaskBrief, actor: Actor) -> tuple[str, ...]:
    """The acts a list offers on a task, as far as its row determines them."""
    can: list[str] = []
    is_held = actor.holds(task.holder.post)
    if _is_theirs(task, actor):
        can = ["accept"] if task.form in ACCEPTED_AT_ONCE else []
        can += ["extend"] if task.may_extend else []
        can += ["claim"] if task.holder.id is None else []
        can.append("delegate")
    if any(ROLES[post.role].supervises for post in actor.posts) and not is_held:
        can += ["chase", "supervise"]
    return tuple(can)


def case_row_of(case: CaseBrief, names: Names, *, now: datetime) -> WorkRow:
    """One case as a row of a list; whose turn it is stands in the case."""
    is_open = case.status == "open"
    place = names.area(case.area)
    business = names.businesses.get(case.business_id or 0, "")
    weights = weights_of(case.priority)
    state: Mark = ("doing", word(case.status)) if is_open else ("good", _ended(case))
    watched: list[Mark] = [("watched", t("督办", "Supervised"))] if case.supervised else []
    return WorkRow(
        href=url_for("web.case", number=case.number),
        step="",
        left=word(case.phase) if is_open else word(case.status),
        title=names.title(case),
        task=word(case.kind),
        due=day_of(case.opened_at, now=now),
        number=case.number,
        text=case.description,
        where=business or place,
        place=place if business else "",
        is_alarm=is_open and case.priority == "urgent",
        weights=weights,
        marks=[state, *(watched if is_open else []), ("source", word(case.source))][:_MOST_MARKS],
    )


def _ended(case: CaseBrief) -> str:
    return word(case.outcome or case.status)


def weights_of(priority: str) -> list[Mark]:
    """The mark of a case that weighs more than others."""
    if priority == "urgent":
        return [("emergency", t("突发", "Emergency"))]
    return [("weight", word(priority))] if priority == "high" else []


def _came_back(task: TaskBrief) -> list[Mark]:
    if task.sent_back is None:
        return []
    words = ("退回", "Returned") if task.sent_back == "returned" else ("重办", "Again")
    return [("back", t(*words))]


def _asked(task: TaskBrief) -> list[Mark]:
    """That more time was asked for and nobody has decided yet."""
    return [("asked", t("延期待批", "More time asked for"))] if task.awaits_more_time else []


def _marks(task: TaskBrief, actor: Actor | None, now: datetime) -> list[Mark]:
    marks: list[Mark] = []
    if task.offered_first is not None and actor is not None:
        is_theirs = task.offered_first == actor.id
        words = ("先请您办", "You first") if is_theirs else ("先请同事办", "A colleague first")
        marks.append(("doing" if is_theirs else "plain", t(*words)))
    if task.handed_by is not None and actor is not None and task.holder.id == actor.id:
        marks.append(("doing", t("委派给您", "Handed to you")))
    if task.case.supervised:
        marks.append(("watched", supervised_words(task.case.answer_by, task.case.answered_at, now)))
    if task.paused_at is not None and task.is_overdue:
        # Its first column says that it is late.
        marks.append(("paused", t("缓办", "Paused")))
    if times := task.times_chased + task.times_urged:
        marks.append(("chased", f"{t('催办', 'Chased')} {times}"))
    if task.case.is_hasty and task.case.priority != "urgent":
        # An emergency has the shorter limits anyway.
        marks.append(("hasty", t("加急", "Pressing")))
    if task.is_provisional:
        marks.append(("provisional", t("暂定期限", "Provisional")))
    # A business is not told where a case about itself came from.
    return [*marks, ("source", word(task.case.source))] if task.case.source else marks


def supervised_words(
    answer_by: datetime | None, answered_at: datetime | None, now: datetime
) -> str:
    """That a case is supervised: until when an answer is due, that it came, or that it is late."""
    if answer_by is None:
        return t("督办", "Supervised")
    if answered_at is not None:
        return t("督办 已答复", "Supervised: answered")
    local = in_china(answer_by)
    day = local.strftime("%m-%d" if local.year == in_china(now).year else "%Y-%m-%d")
    if answer_by <= now:
        return t(f"督办 {day} 逾期未答复", f"Supervised: no answer by {day}")
    return t(f"督办 {day} 前答复", f"Supervised: answer by {day}")


def left_in_words(urgency: Urgency | None) -> str:
    """Return what is left, or by how much a limit was passed."""
    if urgency is None:
        return t("没有期限", "No limit")
    if urgency.step == "paused":
        return t("缓办", "Paused")
    length = in_words(urgency.left, day=urgency.day, is_of_office=urgency.is_of_office)
    if urgency.step == "overdue":
        return t(f"超期 {length}", f"{length} over")
    return t(f"还剩 {length}", f"{length} left")


def in_words(length: timedelta, *, day: timedelta, is_of_office: bool = False) -> str:
    """Return a length in days of so many hours: the longer it is, the coarser the text.

    Days of offices are called working days: from Monday five of them end on the next Monday.
    """
    days, rest = divmod(length, day)
    hours, rest = divmod(rest, _HOUR)
    if days > _DAYS_WITH_HOURS or (days and not hours):
        return _days(days, is_of_office=is_of_office)
    if days:
        whole = _days(days, is_of_office=is_of_office)
        return t(f"{whole} {hours} 小时", f"{whole} {hours} h")
    minutes = max(1, rest // _MINUTE) if not hours else rest // _MINUTE
    if hours and not minutes:
        return t(f"{hours} 小时", f"{hours} h")
    if hours:
        return t(f"{hours} 小时 {minutes} 分", f"{hours} h {minutes} min")
    return t(f"{minutes} 分", f"{minutes} min")


def _days(count: int, *, is_of_office: bool) -> str:
    if not is_of_office:
        return t(f"{count} 天", f"{count} d")
    return t(f"{count} 个工作日", f"{count} working day{'s' if count != 1 else ''}")
