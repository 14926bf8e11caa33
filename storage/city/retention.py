"""How long each kind of personal data is kept: `retention.csv` of a city's pack."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from storage.city.files import pack_rows

IDENTITY: Final = "reporter_identity"
TEXT: Final = "public_text"
PHOTOS: Final = "public_photos"
NOTIFICATIONS: Final = "sent_notifications"
KITCHENS: Final = "kitchen_pictures"
FEED: Final = "feed_events"
KINDS: Final = (IDENTITY, TEXT, PHOTOS, NOTIFICATIONS, KITCHENS, FEED)
"""Kept for so many days after their case was closed; notifications after they were delivered,
pictures of kitchens after they came in, events of the feed after they happened."""

_KITCHEN_DAYS: Final = range(30, 91)
"""As for other video of public places: long enough to be reviewed, no longer than a quarter."""

_COLUMNS: Final = ("kind", "days", "name_zh", "name_en", "basis")
_FILE: Final = "retention.csv"


@dataclass(frozen=True, slots=True)
class KeepingPeriod:
    """How long one kind is kept, and why."""

    kind: str
    days: int
    name_zh: str
    name_en: str
    basis: str

    def ends_before(self, now: datetime) -> datetime:
        """Return the moment before which a case was closed, or a message sent, whose data go."""
        return now - timedelta(days=self.days)


def read_periods(folder: Path) -> tuple[KeepingPeriod, ...]:
    """Read the periods of a city pack; a pack without the file keeps everything.

    Raises:
        Refused: a kind is unknown or listed twice, or a number of days is none.
    """
    path = folder / _FILE
    periods: dict[str, KeepingPeriod] = {}
    for row in pack_rows(path, _COLUMNS) if path.is_file() else ():
        kind = row.choice("kind", KINDS)
        if kind in periods:
            row.refuse("kind", f"{kind} 重复 (double)")
        days = row.required("days")
        if not (days.isascii() and days.isdigit()) or int(days) == 0:
            row.refuse("days", "请写天数，1 或以上 (a number of days, 1 or more)")
        if kind == KITCHENS and int(days) not in _KITCHEN_DAYS:
            row.refuse("days", "后厨图片请写 30 到 90 天 (30 to 90 days for pictures of kitchens)")
        names = row.required("name_zh"), row.required("name_en")
        periods[kind] = KeepingPeriod(kind, int(days), *names, row.required("basis"))
    return tuple(periods.values())
