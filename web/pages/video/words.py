"""The words of quotas and video patrols, in both languages."""

from datetime import date

from storage.city.rules import installed
from storage.video.rules import QUOTAS, QuotaRule
from web.frame.language import t


def states() -> dict[str, tuple[str, str, str]]:
    """Return the state of a period: how its tag looks, its icon and its words."""
    return {
        "open": ("doing", "clock", t("进行中", "Running")),
        "met": ("good", "circle-check", t("已完成", "Met")),
        "met_late": ("warn", "circle-check", t("补录后完成", "Met by late entries")),
        "missed": ("late", "octagon-alert", t("未完成", "Missed")),
        "excused": ("plain", "circle-pause", t("没有能看的后厨", "No kitchen to watch")),
    }


def answers() -> dict[str, str]:
    """Return the answers of the checklist."""
    return {
        "yes": t("是", "Yes"),
        "no": t("否", "No"),
        "not_visible": t("看不清", "Not visible"),
    }


def items() -> dict[str, str]:
    """Return the points of the checklist."""
    return {item.item: t(item.name_zh, item.name_en) for item in installed().video_items}


def name_of(rule: QuotaRule) -> str:
    """Return the name of a unit."""
    return t(rule.name_zh, rule.name_en)


def period(key: str, first_on: date) -> str:
    """Return the short name of a month or week."""
    _, _, week = key.partition("-W")
    if week:
        return t(f"第{int(week)}周", f"W{int(week)}")
    return t(f"{first_on.month}月", f"{first_on:%b}")


def units() -> dict[str, str]:
    """Return the names of the units with a quota."""
    return {unit: name_of(rule) for unit, rule in QUOTAS.items()}
