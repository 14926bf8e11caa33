"""The clocks of many open tasks at one moment, for boards and lists that count them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from engine.reads.reading import Reading
from engine.time.calendar import WorkCalendar
from engine.time.limits import Pausable, span_of
from engine.time.urgency import Urgency, urgency_of
from storage.city.rules import installed
from storage.moments import in_china, start_of

__all__ = ["ReadClocks", "clocks_of"]


class Numbered(Pausable, Protocol):
    """An open task with its key."""

    @property
    def running_id(self) -> int:
        """The process it belongs to."""
        ...

    @property
    def token(self) -> str:
        """Its token in the process."""
        ...


@dataclass(frozen=True, slots=True)
class ReadClocks:
    """The work calendar of the city at the time of a request."""

    calendar: WorkCalendar
    now: datetime
    _steps: dict[tuple[int, str], str] = field(default_factory=dict)

    def step(self, task: Numbered) -> str:
        """The urgency step of a task; empty when it is never due."""
        key = (task.running_id, task.token)
        known = self._steps.get(key)
        if known is None:
            known = self._steps[key] = self._step(task)
        return known

    def urgency(self, task: Pausable) -> Urgency | None:
        """The urgency of a task; None when it is never due."""
        return urgency_of(
            self.calendar,
            span_of(task),
            installed().urgency,
            now=self.now,
            paused_at=task.paused_at,
        )

    def _step(self, task: Pausable) -> str:
        urgency = self.urgency(task)
        return "" if urgency is None else urgency.step

    def working_days(self, since: datetime) -> int:
        """Working days that have begun since a moment."""
        return self.calendar.working_days_between(in_china(since).date(), in_china(self.now).date())

    def is_office_time(self, since: datetime, until: datetime) -> bool:
        """Whether offices are open at any time between two moments."""
        return self.calendar.working_time(since, until) > timedelta(0)

    @property
    def office_time_left(self) -> timedelta:
        """How much of the office time of today is still to come; none on a day off."""
        ends = start_of(in_china(self.now).date() + timedelta(days=1))
        return self.calendar.working_time(self.now, ends)

    @property
    def office_day(self) -> timedelta:
        """The length of an office day at this time of the year."""
        hours = self.calendar.hours.on(in_china(self.now).date())
        return sum((closes - opens for opens, closes in hours), timedelta(0))


def clocks_of(reading: Reading) -> ReadClocks:
    """The clocks at the time of a request."""
    return ReadClocks(reading.runner.calendar(reading.session), reading.now)
