"""The next 24 hours if nobody acts: its bars and figures, counted by case.

A case stands in the bar of the hour it is first due in, and in each figure once, however many of
its steps something happens to: the bars add up to the figure of what is due.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Final

from flask import url_for

from engine.reads.forecast import HOURS, Coming
from storage.moments import in_china
from web.frame.language import t
from web.pages.boards.drawn import Looked

_LIMIT: Final = "limit"
_MOVED: Final = frozenset({"pass_up", "supervise"})


def is_end(one: Coming) -> bool:
    """Whether a limit ends, no chase rule is due."""
    return one.rule == _LIMIT


FIGURES: Final[dict[str, Callable[[Coming], bool]]] = {
    "": lambda _one: True,
    "due": is_end,
    "moved": lambda one: is_end(one) and one.act in _MOVED,
    "chased": lambda one: not is_end(one) and one.act != "supervise",
    "passed_up": lambda one: is_end(one) and one.act == "pass_up",
    "supervised": lambda one: one.act == "supervise",
    "told": lambda one: is_end(one) and one.act == "inform_superior",
}
"""What of everything that would happen a figure counts; the empty name is all of it."""


def hours(looked: Looked) -> list[dict[str, Any]]:
    """The next 24 hours, hour by hour: each case where it is first due, and if it then moves."""
    cases = cases_of(looked.coming, "due")
    moved = cases_of(looked.coming, "moved")
    now = looked.reading.now
    since = now.replace(minute=0, second=0, microsecond=0)
    rows = []
    while since <= now + timedelta(hours=HOURS):
        until = since + timedelta(hours=1)
        its = {ident for ident, all_of_it in cases.items() if since <= all_of_it[0].at < until}
        local = in_china(since)
        is_same_again = until > now + timedelta(hours=HOURS)
        rows.append(
            {
                "hour": t(
                    f"{'次日' if is_same_again else ''}{local.hour}时",
                    f"{local.hour}h{' next day' if is_same_again else ''}",
                ),
                "due": len(its - moved.keys()),
                "moved": len(its & moved.keys()),
                "office": looked.clocks.is_office_time(since, until),
                "href": url_for(
                    "web.dry_run",
                    area=looked.area,
                    figure="due",
                    due_from=since.isoformat(),
                    due_before=until.isoformat(),
                ),
            }
        )
        since = until
    return rows


def sums(looked: Looked, chosen: str | None = None) -> list[dict[str, Any]]:
    """To how many cases something would happen, each number with its list."""
    return [
        {
            "label": label,
            "count": len(cases_of(looked.coming, name)),
            "href": url_for("web.dry_run", area=looked.area, figure=name),
            "is_chosen": name == chosen,
        }
        for name, label in labels().items()
    ]


def labels() -> dict[str, str]:
    """What the figures are called, those that have a number of their own."""
    return {
        "due": t("到期", "due"),
        "chased": t("催办", "chased"),
        "passed_up": t("自动上报", "passed up"),
        "supervised": t("转督办", "supervised"),
        "told": t("告知上级", "superior told"),
    }


def cases_of(coming: Iterable[Coming], figure: str) -> dict[int, list[Coming]]:
    """By case, what a figure counts of it, in order; the first to have something comes first."""
    cases: dict[int, list[Coming]] = {}
    for one in coming:
        if FIGURES[figure](one):
            cases.setdefault(one.task.case_id, []).append(one)
    return cases
