"""A city's settings of notifications: names, weight, channels, quiet hours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Literal

from storage.moments import CHINA, in_china

Weight = Literal["urgent", "normal", "digest"]


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One kind of notification, by the template handlers name.

    `urgent` goes out at any hour, `normal` waits for the end of the quiet hours, `digest` for the
    next time at which everything that has gathered goes out as one; where that is too late for what
    is still due, it goes out as `normal`.
    """

    template: str
    name_zh: str
    name_en: str
    weight: Weight = "normal"
    is_acknowledged: bool = False
    channels: tuple[str, ...] = ("mail",)
    is_copied: bool = False
    """Who answers for the unit gets a copy (R66), and the platform centre it works with (R67)."""
    is_for_business: bool = False
    """Told to the business a case is about as well: what it is asked for, and what came of it."""


@dataclass(frozen=True, slots=True)
class NoticeHours:
    """When people are left alone, and when what has gathered goes out."""

    quiet_from: time
    quiet_to: time
    digest_at: tuple[time, ...]

    def is_quiet(self, at: time) -> bool:
        """Whether a time of the day lies in the quiet hours, which may span midnight."""
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= at < self.quiet_to
        return at >= self.quiet_from or at < self.quiet_to

    def of_officer(self, quiet_from: str | None, quiet_to: str | None) -> "NoticeHours":
        """These hours for somebody with quiet hours of their own, as "22:00"; None has the city's.

        Equal times leave nobody alone.
        """
        if quiet_from is None or quiet_to is None:
            return self
        first, last = time.fromisoformat(quiet_from), time.fromisoformat(quiet_to)
        return replace(self, quiet_from=first, quiet_to=last)


KINDS: dict[str, NoticeKind] = {}
_HOURS: list[NoticeHours] = []


def install_notices(kinds: Iterable[NoticeKind], hours: NoticeHours) -> None:
    """Make these the rules of this process, at start."""
    KINDS.clear()
    KINDS.update((kind.template, kind) for kind in kinds)
    _HOURS[:] = [hours]


def hours() -> NoticeHours:
    """The quiet hours of the city, and when its digests go out."""
    return _HOURS[0]


def kind_of(template: str) -> NoticeKind:
    """The kind of a template; one not configured by the city is an ordinary one of its name."""
    return KINDS.get(template) or NoticeKind(template, template, template)


def for_business() -> list[str]:
    """The templates that the business a case is about may be told."""
    return [kind.template for kind in KINDS.values() if kind.is_for_business]


def goes_out_at(
    kind: NoticeKind, hours: NoticeHours, now: datetime, *, due_at: datetime | None = None
) -> datetime:
    """When a notification that arises now leaves for somebody with these hours.

    `due_at` is until when what it reminds of is due. A reminder that the next digest would bring
    too late does not wait for it.
    """
    if kind.weight == "urgent":
        return now
    if kind.weight == "digest":
        digest = min(_next(at, now) for at in hours.digest_at)
        if due_at is None or not now < due_at <= digest:
            return digest
    return _next(hours.quiet_to, now) if hours.is_quiet(in_china(now).time()) else now


def _next(at: time, now: datetime) -> datetime:
    """The next moment the clocks of the city show this time."""
    today = datetime.combine(in_china(now).date(), at, tzinfo=CHINA)
    return today if today >= now else today + timedelta(days=1)


def titles() -> Mapping[str, str]:
    """The name of each kind, in both languages."""
    return {kind.template: f"{kind.name_zh} {kind.name_en}" for kind in KINDS.values()}
