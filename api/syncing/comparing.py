"""Reconciliation: what both sides hold of each of the last days, by id and version (R31)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from handlers.sync.protocol import Adapter
from storage.database.session import Database, Session
from storage.moments import in_china
from storage.sync.records import versions_of_day
from storage.sync.runs import Reconciliation, put_reconciliation
from storage.sync.sources import update_source

DAYS: Final = 35


@dataclass(frozen=True, slots=True)
class DayComparison:
    """Compares one platform day by day; each day is a transaction of its own."""

    database: Database
    adapter: Adapter
    source: str

    def run(self, *, now: datetime, days: int = DAYS) -> int:
        """Compare the last days; return how many records differ.

        Raises:
            SourceFailed: the platform does not answer; the days compared so far are kept.
        """
        today = in_china(now).date()
        differences = 0
        for back in range(days):
            day = today - timedelta(days=back)
            theirs = self.adapter.versions(day)
            compared = partial(self._compare, day=day, theirs=dict(theirs), now=now)
            differences += self.database.run(compared).differences
        self.database.run(partial(self._done, now=now))
        return differences

    def _compare(
        self, session: Session, day: date, theirs: dict[str, int], now: datetime
    ) -> Reconciliation:
        ours = versions_of_day(session, self.source, day)
        both = theirs.keys() & ours.keys()
        found = Reconciliation(
            source=self.source,
            day=day,
            theirs=len(theirs),
            ours=len(ours),
            missing=sorted(theirs.keys() - ours.keys()),
            extra=sorted(ours.keys() - theirs.keys()),
            differing=sorted(key for key in both if theirs[key] != ours[key]),
            compared_at=now,
        )
        put_reconciliation(session, found)
        return found

    def _done(self, session: Session, now: datetime) -> None:
        update_source(session, self.source, reconciled_at=now)
