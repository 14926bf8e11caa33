"""Quotas of video patrols and points of the checklist, as the pack of a city names them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

VIDEO_PATROL: Final = "video_patrol"
"""The process of a quota, the source of what it finds, and the link between the two cases."""

REQUIRED: Final = ("mask", "work_clothes", "work_cap")
"""What every video patrol answers (R34); a city may add to it."""

ANSWERS: Final = ("yes", "no", "not_visible")


def snapshot_of(item: str) -> str:
    """Return the name of the field that holds the snapshot of a point."""
    return f"{item}_snapshot"


@dataclass(frozen=True, slots=True)
class QuotaRule:
    """So many different businesses a unit watches each period (R32, R33)."""

    unit: str
    name_zh: str
    name_en: str
    period: str
    n: int
    entered_by: str
    """Who types for the unit, beside the unit itself (R35)."""
    effective_from: date | None = None


@dataclass(frozen=True, slots=True)
class VideoItem:
    """A point of the checklist; `matter` is what a "no" is filed as."""

    item: str
    name_zh: str
    name_en: str
    matter: str


QUOTAS: Final[dict[str, QuotaRule]] = {}
"""The quotas of the city of this process, by unit."""


def install_quotas(rules: Mapping[str, QuotaRule]) -> None:
    """Make these the quotas of this process, at start."""
    QUOTAS.clear()
    QUOTAS.update(rules)
