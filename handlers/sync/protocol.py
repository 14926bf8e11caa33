"""对接协议：what every adapter to another platform offers, in plain data.

An adapter speaks the other platform's language and nothing else: it opens no transaction and
knows no case. It is handed a way out (`Fetch`) that goes through the fence of deliveries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol

Verdict = Literal["accepted", "refused", "retry"]
INSPECTION = "inspection"


class SchemaChanged(Exception):
    """对方数据结构变化：a field the mapping names is missing from whole pages."""


class SourceFailed(Exception):
    """对方平台不可用：no answer, an error, or an answer that cannot be read; asked again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedVisit:
    """一次检查：a record of theirs in our words.

    `unit` is the role of the unit that looked (R35), `entered_by` who typed it; `matter` is a code
    of our list, or None with their own words in `matter_note`.
    """

    visited_at: datetime
    unit: str
    business_name: str
    found_problem: bool
    handled: bool
    credit_code: str | None = None
    licence_number: str | None = None
    area_code: str | None = None
    address: str | None = None
    inspector: str | None = None
    entered_by: str | None = None
    matter: str | None = None
    matter_note: str | None = None
    description: str = ""
    result: str = ""
    remark: str = ""
    items: Mapping[str, str] | None = None
    """Answers of a video patrol by item, as its checklist names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledRecord:
    """一条记录：what they hold under one id in one version; `visit` is None when deleted."""

    external_id: str
    version: int
    changed_at: datetime
    kind: str
    day: date
    visit: ReportedVisit | None
    raw: Mapping[str, Any]
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class UnreadRecord:
    """一条读不懂的记录：it becomes a dead letter; `error` is a code, `message` words."""

    external_id: str
    error: str
    message: str
    raw: Any


@dataclass(frozen=True, slots=True)
class PulledPage:
    """一页：records in the order they were sent; `next_cursor` is theirs."""

    records: Sequence[PulledRecord | UnreadRecord]
    next_cursor: str | None
    has_more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """一次推送：what we send; `key` is the outbox's, by which the other side knows a repetition."""

    key: str
    kind: str
    external_id: str | None
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PushAnswer:
    """对一次推送的回答：refused is final until a person retries, retry is tried again."""

    verdict: Verdict
    external_id: str | None = None
    version: int | None = None
    message: str = ""
    deleted: bool = False
    """They know the key and have deleted the record since."""


class Adapter(Protocol):
    """适配器：one class per kind of platform.

    Raises:
        SourceFailed: the platform cannot be reached or its answer cannot be read.
        SchemaChanged: its answer has another shape than the mapping says.
    """

    def overlapped(self, cursor: str | None) -> str | None:
        """Return where a new run begins: a little before, for what came late over there."""

    def pull(self, cursor: str | None, limit: int) -> PulledPage:
        """Read one page after a cursor of theirs; None reads from the beginning."""

    def push(self, deliveries: Sequence[Push]) -> Sequence[PushAnswer]:
        """Send what happened here; one answer for each, in order."""

    def fetch(self, external_id: str) -> PulledRecord | UnreadRecord | None:
        """Read one record; None when they know none."""

    def versions(self, day: date) -> Mapping[str, int]:
        """List what they hold of the visits of one day: version by id, without deleted ones."""
