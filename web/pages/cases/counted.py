"""How the due time of a task came about: the row of the table, the start, each day, the result."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.reads.file import FileEntry
from engine.reads.reading import Reading
from engine.reads.tasks import TaskBrief
from engine.time.calendar import WorkCalendar
from engine.time.counting import CountedDay, counted_days
from engine.time.limits import span_of
from storage.moments import in_china
from web.frame.language import day_of, moment, t, weekday
from web.frame.naming import role_name
from web.frame.words import word
from web.frame.work import in_words

_WHOLE_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Counted:
    """What is told of a limit: facts by name, and its days with whether each is counted."""

    facts: list[tuple[str, str]]
    days: list[tuple[str, str, bool]]
    """The day, what it counts as, and whether it does."""


def how_counted(reading: Reading, task: TaskBrief, entries: Sequence[FileEntry]) -> Counted | None:
    """How the limit of an open task was counted, from its case file; None where it has none."""
    span = span_of(task) if task.state == "open" else None
    if span is None:
        return None
    calendar = reading.runner.calendar(reading.session)
    mine = list(_of_task(task, entries))
    days = counted_days(calendar, span)
    facts = [
        (t("时限", "Limit"), _limit(task, entries)),
        (t("从", "From"), _from(task, span.since)),
        *_pauses(mine, now=reading.now),
        *_extensions(mine, now=reading.now),
        (t("到", "Until"), _until(task, calendar, span.due)),
    ]
    return Counted(facts, [_day(each, span.unit) for each in days])


def _of_task(task: TaskBrief, entries: Iterable[FileEntry]) -> Iterator[FileEntry]:
    running, _, token = task.id.partition("-")
    for entry in entries:
        if (str(entry.data.get("running")), str(entry.data.get("token"))) == (running, token):
            yield entry


def _limit(task: TaskBrief, entries: Iterable[FileEntry]) -> str:
    deadline = task.deadline or {}
    unit = deadline.get("unit")
    if unit is None:
        return t("由人指定，昼夜计时", "set by hand, day and night")
    length = word(unit) if unit == "same_day" else f"{deadline['limit']:g} {word(unit)}"
    length += t("，昼夜计时", ", day and night") if unit in {"hour", "minute"} else ""
    inputs = _row_of_table(task, entries)
    if inputs is None:
        return t(f"时限表规定 {length}", f"the table of limits gives {length}")
    profile = {
        "urgent": t("加急时限", "pressing limits"),
        "standard": t("一般时限", "usual limits"),
    }.get(str(inputs.get("deadline_profile")), str(inputs.get("deadline_profile")))
    asked = [word(f"step_{inputs.get('step')}"), role_name(inputs.get("level") or None), profile]
    said = t("、", ", ").join(each for each in asked if each)
    return t(f"时限表“{said}”一行：{length}", f"the row “{said}” of the table: {length}")


def _row_of_table(task: TaskBrief, entries: Iterable[FileEntry]) -> Mapping[str, Any] | None:
    """What the table of limits was asked when the task was opened; None where it is not on file."""
    running, _, token = task.id.partition("-")
    for entry in entries:
        opened = {str(each.get("token")) for each in entry.data.get("opened") or ()}
        if str(entry.data.get("running")) == running and token in opened:
            return next(_fitting(task.deadline or {}, entry.data.get("decisions") or ()), None)
    return None


def _fitting(deadline: Mapping[str, Any], decisions: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    for decision in decisions:
        outputs = decision.get("outputs") or {}
        is_it = (outputs.get("limit"), outputs.get("unit")) == (
            deadline.get("limit"),
            deadline.get("unit"),
        )
        if decision.get("decision") == "deadlines" and is_it:
            yield decision.get("inputs") or {}


def _from(task: TaskBrief, since: datetime) -> str:
    if (task.deadline or {}).get("since") is not None:
        return t(f"{moment(since)} 恢复计时，接着算", f"{moment(since)}, when the clock ran on")
    if (task.deadline or {}).get("unit") == "working_day":
        return t(f"{moment(since)}，当天不算", f"{moment(since)}, a day that does not count")
    return moment(since)


def _pauses(mine: Iterable[FileEntry], *, now: datetime) -> Iterator[tuple[str, str]]:
    label = t("缓办", "Paused")
    begun: datetime | None = None
    for entry in mine:
        if entry.kind == "task_paused":
            begun = entry.at
        elif entry.kind == "task_resumed" and begun is not None:
            first, last = day_of(begun, now=now), day_of(entry.at, now=now)
            yield label, t(f"{first} 至 {last} 停表，不算", f"{first} to {last}, not counted")
            begun = None
    if begun is not None:
        first = day_of(begun, now=now)
        yield label, t(f"{first} 起停表，恢复后接着算", f"since {first}; then the clock runs on")


def _extensions(mine: Iterable[FileEntry], *, now: datetime) -> Iterator[tuple[str, str]]:
    for entry in mine:
        if entry.kind == "task_extended":
            to = day_of(datetime.fromisoformat(entry.data["due_at"]), now=now)
            granted = day_of(entry.at, now=now)
            yield (
                t("延期", "Extended"),
                t(f"{granted} 批准，延到 {to}", f"granted on {granted}, until {to}"),
            )


def _until(task: TaskBrief, calendar: WorkCalendar, due: datetime) -> str:
    said = f"{in_china(due):%Y-%m-%d} {weekday(in_china(due).date())} {in_china(due):%H:%M}"
    if calendar.is_provisional(due, (task.deadline or {}).get("unit", "hour")):
        return t(f"{said}（那一年的放假安排公布前为暂定）", f"{said} (provisional)")
    return said


def _day(each: CountedDay, unit: str) -> tuple[str, str, bool]:
    day = f"{each.day:%m-%d} {weekday(each.day)}"
    if not each.is_working:
        return day, t("休息", "off"), False
    if unit == "working_hour":
        hours = in_words(each.hours, day=_WHOLE_DAY) if each.hours else t("不算", "none")
        return day, hours, bool(each.hours)
    if not each.number:
        return day, t("收到", "received"), False
    return day, t(f"第 {each.number} 天", f"day {each.number}"), True
