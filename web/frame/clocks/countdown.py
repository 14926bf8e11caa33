"""What a page needs to count the time left: due moments, working days, and its words.

A page that stays open, or that was kept for a place without a signal, grows old; the number on it
would stand still. `web/src/left.js` counts by the rule of `engine.time.urgency`, in the words of
`web.frame.work`; a test holds both to the same answers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.reads.clocks import clocks_of
from engine.reads.reading import Reading
from engine.time.calendar import WorkCalendar
from engine.time.urgency import Urgency
from storage.moments import in_china
from web.frame.language import t

_DAYS_KNOWN: Final = 62
_WHOLE_DAY: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Countdown:
    """What is the same for every mark of time left on a page."""

    made_at: int
    """When the page was made by the clock of the server, in seconds since 1970."""
    workdays: str
    """From the day it was made, a 1 for each working day and a 0 for each other one."""

    @property
    def words(self) -> dict[str, list[str]]:
        """The words of lengths in the language of the page, each for one and for several."""
        return {
            "left": [t("还剩 {}", "{} left")] * 2,
            "over": [t("超期 {}", "{} over")] * 2,
            "asOf": [t("{}（截至 {}）", "{} (as of {})")] * 2,
            "days": [t("{} 天", "{} d")] * 2,
            "workdays": [
                t("{} 个工作日", "{} working day"),
                t("{} 个工作日", "{} working days"),
            ],
            "hours": [t("{} 小时", "{} h")] * 2,
            "minutes": [t("{} 分", "{} min")] * 2,
        }


def counting_of(reading: Reading) -> Countdown:
    """What a page made now counts by."""
    return counting_from(clocks_of(reading).calendar, reading.now)


def counting_from(calendar: WorkCalendar, now: datetime) -> Countdown:
    """What a page made at a moment counts by, by a calendar."""
    today = in_china(now).date()
    days = (today + timedelta(days=offset) for offset in range(_DAYS_KNOWN))
    workdays = "".join("1" if calendar.is_working(day) else "0" for day in days)
    return Countdown(int(now.timestamp()), workdays)


def until_of(
    urgency: Urgency | None, due_at: datetime | None, paused_at: datetime | None = None
) -> str:
    """How a page counts to a due moment: the sign of its rule and seconds since 1970.

    `c` is the clock, `d` working days and the clock on the last of them, `o` office hours, which
    a page cannot count. Empty where nothing runs.
    """
    if urgency is None or due_at is None or paused_at is not None:
        return ""
    of_office = "d" if urgency.day == _WHOLE_DAY else "o"
    return f"{of_office if urgency.is_of_office else 'c'}{int(due_at.timestamp())}"
