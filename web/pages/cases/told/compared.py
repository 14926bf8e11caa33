"""Why this row of a decision table and not its neighbour: the input that made the difference.

A row that leaves a column open did not compare it, so it is not named, whatever was read. The
usual values (no repeat, the standard limits) are not named either: they make no difference.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from web.frame.language import in_brackets, listed, t
from web.frame.words import word


def because(decision: Mapping[str, Any]) -> str:
    """The inputs that made the difference, in brackets; empty when none did.

    `decision` is one of `decisions` of an entry: `inputs` by name, and under `compared` the names
    the row has a cell for. Entries from before these were kept have none of them.
    """
    inputs = decision.get("inputs") or {}
    said = [
        _SAID[name](inputs.get(name)) for name in decision.get("compared") or () if name in _SAID
    ]
    reasons = [reason for reason in said if reason]
    return in_brackets(listed(reasons)) if reasons else ""


def _repeat(value: object) -> str:
    return (
        t(
            "90 天内同一主体、同一事项再次发生",
            "the same matter at the same business again within 90 days",
        )
        if value is True
        else ""
    )


def _profile(value: object) -> str:
    return t("加急时限", "pressing limits") if value == "urgent" else ""


def _count(zh: str, en: str) -> Callable[[object], str]:
    return lambda value: f"{t(zh, en)} {value}" if value else ""


_SAID: Final[Mapping[str, Callable[[object], str]]] = {
    "is_repeat": _repeat,
    "deadline_profile": _profile,
    "priority": word,
    "found_problem": lambda value: (
        t("发现问题", "a problem was found")
        if value == "yes"
        else t("没有发现问题", "nothing was found")
    ),
    "can_collect_here": lambda value: (
        t("能在本平台采集", "can collect here")
        if value == "yes"
        else t("不能在本平台采集", "cannot collect here")
    ),
    "holds_post": lambda value: t("担任网格岗位", "holds a grid post") if value is True else "",
    "clean": _count("连续按时周期", "periods in time, in a row:"),
    "unrectified": _count("逾期未改", "not put right in time:"),
    "missed": _count("近四期未自查", "self-inspections missed of four:"),
    "found_by_others": _count("他人发现而未自查出", "found by others:"),
}
"""How an input is said, by its name in the table; empty for its usual value."""
