"""A piece of work as a list shows it: how long, what, where, and what it is marked with."""

from dataclasses import dataclass, field
from datetime import timedelta

from engine.time.urgency import Urgency
from web.frame.language import t

_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_DAYS_WITH_HOURS = 3

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
    text: str = ""
    where: str = ""
    place: str = ""
    photo: str = ""
    is_alarm: bool = False
    weights: list[Mark] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class View:
    """A tab over a list; `count` is the length of the list behind it, None where nobody counts."""

    name: str
    label: str
    href: str
    count: int | None = None
    is_late: bool = False


def left_in_words(urgency: Urgency | None) -> str:
    """Return what is left, or by how much a limit was passed."""
    if urgency is None:
        return t("没有期限", "No limit")
    if urgency.step == "paused":
        return t("缓办", "Paused")
    length = in_words(urgency.left, day=urgency.day)
    if urgency.step == "overdue":
        return t(f"超期 {length}", f"{length} over")
    return t(f"还剩 {length}", f"{length} left")


def in_words(length: timedelta, *, day: timedelta) -> str:
    """Return a length in days of so many hours: the longer it is, the coarser it is told."""
    days, rest = divmod(length, day)
    hours, rest = divmod(rest, _HOUR)
    if days > _DAYS_WITH_HOURS or (days and not hours):
        return t(f"{days} 天", f"{days} d")
    if days:
        return t(f"{days} 天 {hours} 小时", f"{days} d {hours} h")
    minutes = max(1, rest // _MINUTE) if not hours else rest // _MINUTE
    if hours and not minutes:
        return t(f"{hours} 小时", f"{hours} h")
    if hours:
        return t(f"{hours} 小时 {minutes} 分", f"{hours} h {minutes} min")
    return t(f"{minutes} 分", f"{minutes} min")
