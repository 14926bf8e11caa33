"""Video patrols of a city: `video_quotas.csv` and `video_items.csv` of its pack."""

from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import Final

from storage.city.files import PackRow, pack_rows
from storage.database.session import Session
from storage.moments import in_china
from storage.video.quotas import put_quota
from storage.video.rules import QUOTAS, REQUIRED, QuotaRule, VideoItem

_QUOTA_COLUMNS: Final = ("unit", "name_zh", "name_en", "period", "n", "entered_by")
_ITEM_COLUMNS: Final = ("item", "name_zh", "name_en", "matter")


def read_video_quotas(folder: Path, roles: Collection[str]) -> dict[str, QuotaRule]:
    """Read the quotas by unit; a pack without the file has none.

    Raises:
        Refused: a unit is listed twice or is no role, or a number is none.
    """
    path = folder / "video_quotas.csv"
    rules: dict[str, QuotaRule] = {}
    for row in pack_rows(path, _QUOTA_COLUMNS) if path.is_file() else ():
        unit = row.choice("unit", tuple(roles))
        if unit in rules:
            row.refuse("unit", f"{unit} 重复 (double)")
        number = row.number_of("n")
        if number < 1:
            row.refuse("n", "请写一个正整数 (write a whole number above 0)")
        rules[unit] = QuotaRule(
            unit,
            name_zh=row.required("name_zh"),
            name_en=row.required("name_en"),
            period=row.choice("period", ("week", "month")),
            n=number,
            entered_by=row.choice("entered_by", tuple(roles)),
            effective_from=_day(row),
        )
    return rules


def read_video_items(folder: Path) -> tuple[VideoItem, ...]:
    """Read the points of the checklist; a pack without the file has the three of the work plan.

    Raises:
        Refused: a point is listed twice, or one of the three is missing (R34).
    """
    path = folder / "video_items.csv"
    if not path.is_file():
        return _USUAL
    items: dict[str, VideoItem] = {}
    rows = list(pack_rows(path, _ITEM_COLUMNS))
    for row in rows:
        item = row.required("item")
        if item in items:
            row.refuse("item", f"{item} 重复 (double)")
        items[item] = VideoItem(
            item,
            name_zh=row.required("name_zh"),
            name_en=row.required("name_en"),
            matter=row.required("matter"),
        )
    missing = [item for item in REQUIRED if item not in items]
    if missing:
        rows[-1].refuse("item", f"缺少 (missing) {', '.join(missing)}")
    return tuple(items.values())


def _day(row: PackRow) -> date | None:
    given = row.text("effective_from")
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        row.refuse("effective_from", "请写日期，如 2026-01-01 (write a day)")


def load_quotas(session: Session, *, at: datetime) -> int:
    """Bring in the quotas of the city of this process; return how many changed."""
    today = in_china(at).date()
    return sum(put_quota(session, rule, on=today, at=at) for rule in QUOTAS.values())


_USUAL: Final = (
    VideoItem("mask", "佩戴口罩", "Masks worn", "P03"),
    VideoItem("work_clothes", "着工作服", "Work clothes worn", "P03"),
    VideoItem("work_cap", "佩戴工作帽", "Work caps worn", "P03"),
)
