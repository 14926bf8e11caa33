"""One run of reading a platform: a transaction for each record, the cursor after each whole page.

A kill between two transactions loses nothing: the page is read again, and what was taken in is the
same. One process reads a platform at a time: each transaction renews the lease, and who lost it
stops without having written anything.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog

from api.syncing.taking import Taking
from engine.background.incidents import place_of
from handlers.sync.mapping import UnreadableError
from handlers.sync.protocol import (
    Adapter,
    PulledPage,
    PulledRecord,
    SchemaChanged,
    SourceFailed,
    UnreadRecord,
)
from storage.cases import incidents
from storage.database.session import Database, Session, is_taken_back
from storage.errors import Conflict, FormInvalid, HangjiError
from storage.sync import sources
from storage.sync.dead import NewDead, add_dead
from storage.sync.records import versions_of
from storage.sync.runs import begin_run, update_run

log = structlog.get_logger("hangji.sync")

EVERY: Final = timedelta(minutes=5)
DEAD_IN_A_ROW: Final = 20
FAILURES_TOLD: Final = 12
"""As many runs that failed, an hour of them, are an incident."""
PAGES_A_RUN: Final = 200


class LeaseLost(Exception):
    """Somebody else reads this platform now."""


@dataclass(slots=True)
class Pulling:
    """Reads one platform, page by page."""

    database: Database
    adapter: Adapter
    taking: Taking
    key: bytes
    most_pages: int = PAGES_A_RUN
    between: Callable[[], object] = lambda: None
    """Called between transactions; a test raises there."""
    _claim: str = field(init=False, default="")
    _counts: Counter[str] = field(init=False, default_factory=Counter)
    _in_a_row: int = field(init=False, default=0)

    @property
    def source(self) -> str:
        """The id of the platform."""
        return self.taking.mapping.id

    def run(self, *, replay_from: str | None = None) -> Counter[str]:
        """Read what is new, or everything from a cursor of theirs; how many became what.

        Raises:
            Conflict: another process reads the platform.
        """
        self._claim = secrets.token_hex(8)
        self._counts = Counter()
        saved, run_id = self.database.run(self._begin)
        error: str | None = None
        try:
            self._read(run_id, replay_from or self.adapter.overlapped(saved))
        except SchemaChanged as changed:
            error = f"schema_changed: {changed}"
            self.database.run(partial(self._pause, reason=error))
        except SourceFailed as failed:
            error = str(failed)
            self.database.run(partial(self._failed, error=error))
        except LeaseLost:
            error = "lease_lost"
        self.database.run(partial(self._end, run_id=run_id, error=error))
        return self._counts

    # -- a run -----------------------------------------------------------------------------------

    def _begin(self, session: Session) -> tuple[str | None, int]:
        now = self._now()
        known = sources.get_source(session, self.source)
        if not sources.take_lease(session, self.source, self._claim, now=now):
            message = "这个平台正在同步，请稍后再试。"
            raise Conflict(message, code="sync_busy")
        self._in_a_row = known.dead_in_a_row
        return known.cursor, begin_run(session, self.source, known.cursor, at=now)

    def _read(self, run_id: int, cursor: str | None) -> None:
        for _ in range(self.most_pages):
            page = self.adapter.pull(cursor, self.taking.mapping.page_size)
            kept = self._kept(page)
            for record in page.records:
                self.between()
                if not self._is_known(record, kept):
                    self._take(record)
                if self._in_a_row >= DEAD_IN_A_ROW:
                    message = f"{DEAD_IN_A_ROW} records in a row could not be read"
                    raise SchemaChanged(message)
            self.between()
            self.database.run(partial(self._turn, page=page, run_id=run_id))
            cursor = page.next_cursor
            if not page.has_more:
                break

    def _kept(self, page: PulledPage) -> dict[str, int]:
        """The versions of a page that are kept already: most of a page that is read again."""
        ids = [record.external_id for record in page.records]
        with self.database.reading() as session:
            return versions_of(session, self.source, ids)

    def _is_known(self, record: PulledRecord | UnreadRecord, kept: Mapping[str, int]) -> bool:
        """Count what changes nothing; it needs no transaction."""
        version = kept.get(record.external_id)
        if isinstance(record, UnreadRecord) or version is None or record.version > version:
            return False
        if record.deleted and record.version == version:
            return False
        self._counts["same" if record.version == version else "older"] += 1
        self._in_a_row = 0
        return True

    def _take(self, record: PulledRecord | UnreadRecord) -> None:
        """Take in one record, or keep it as a dead letter; one never stops the others."""
        if isinstance(record, UnreadRecord):
            self._bury(record, record.error, record.message)
            return
        try:
            outcome = self.database.run(partial(self._taken, record=record))
        except LeaseLost:
            raise
        except UnreadableError as error:
            self._bury(record, error.code, str(error))
        except HangjiError as error:
            self._bury(record, error.code, reason_of(error))
        except Exception as error:
            if is_taken_back(error):
                raise
            log.error("sync_record_failed", source=self.source, place=place_of(error))  # noqa: TRY400 - no text of it
            self._bury(record, "fault", place_of(error))
        else:
            self._counts[outcome] += 1
            self._in_a_row = 0

    def _taken(self, session: Session, record: PulledRecord) -> str:
        self._hold(session)
        return self.taking.take(session, record)

    def _bury(self, record: PulledRecord | UnreadRecord, error: str, message: str) -> None:
        new = NewDead(
            source=self.source,
            direction="pull",
            external_id=record.external_id,
            version=record.version if isinstance(record, PulledRecord) else None,
            body=record.raw,
            error=error,
            message=message,
        )
        self.database.run(partial(self._buried, new=new))
        self._counts["dead"] += 1
        self._in_a_row += 1

    def _buried(self, session: Session, new: NewDead) -> None:
        self._hold(session)
        add_dead(session, new, key=self.key, at=self._now())

    def _turn(self, session: Session, page: PulledPage, run_id: int) -> None:
        """The page is whole: only now is their cursor ours."""
        self._hold(session)
        self._counts["pages"] += 1
        self._counts["read"] += len(page.records)
        values: dict[str, Any] = {"dead_in_a_row": self._in_a_row}
        newest = max(
            (one.changed_at for one in page.records if isinstance(one, PulledRecord)), default=None
        )
        known = sources.get_source(session, self.source)
        if newest is not None and (known.newest_at is None or newest > known.newest_at):
            values["newest_at"] = newest
        sources.update_source(session, self.source, cursor=page.next_cursor, **values)
        update_run(session, run_id, to_cursor=page.next_cursor, **self._counts)

    def _hold(self, session: Session) -> None:
        if not sources.keep_lease(session, self.source, self._claim, now=self._now()):
            raise LeaseLost

    def _now(self) -> datetime:
        return self.taking.runner.clock.now()

    # -- the end of a run ------------------------------------------------------------------------

    def _failed(self, session: Session, error: str) -> None:
        known = sources.get_source(session, self.source)
        failures = known.failures + 1
        sources.update_source(session, self.source, failures=failures, last_error=error)
        if failures == FAILURES_TOLD:
            self._report(session, "sync_failed", error)

    def _pause(self, session: Session, reason: str) -> None:
        """Their data have another shape: nothing more is read until a person resumes."""
        sources.update_source(
            session,
            self.source,
            paused=True,
            paused_reason=reason,
            last_error=reason,
            dead_in_a_row=self._in_a_row,
        )
        self._report(session, "sync_paused", reason)

    def _report(self, session: Session, code: str, message: str) -> None:
        incidents.note_once(
            session,
            element_of(self.source),
            action={"do": "sync", "source": self.source},
            error_code=code,
            message=message,
            at=self._now(),
        )

    def _end(self, session: Session, run_id: int, error: str | None) -> None:
        now = self._now()
        if error is None:
            values = {"last_ok": now, "last_error": None, "failures": 0}
            sources.update_source(session, self.source, **values)
            incidents.resolve_element(session, element_of(self.source), at=now)
        sources.update_source(session, self.source, next_at=now + EVERY)
        sources.release_lease(session, self.source, self._claim)
        update_run(session, run_id, ended_at=now, error=error, **self._counts)


def reason_of(error: HangjiError) -> str:
    """Why a record was refused: of a form the fields that are wrong."""
    if isinstance(error, FormInvalid):
        return "；".join(message for _, message in error.errors)
    return error.message


def element_of(source: str) -> str:
    """The name under which an incident of a platform is kept."""
    return f"sync:{source}"
