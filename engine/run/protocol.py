"""The interface of the runner for the parts of a step, so that none of them imports it."""

from typing import Protocol

from engine.definitions import Definition
from engine.run.timing import Observing
from engine.time.calendar import WorkCalendar
from engine.time.clock import Clock
from storage.database.session import Session


class Runs(Protocol):
    """A clock, the published definitions and the working days."""

    @property
    def clock(self) -> Clock:
        """The current time."""
        ...

    @property
    def observe(self) -> Observing:
        """Who counts its steps."""
        ...

    def definition(self, session: Session, digest: str) -> Definition:
        """The published bundle a case is pinned to."""
        ...

    def calendar(self, session: Session) -> WorkCalendar:
        """The working days of the city."""
        ...
