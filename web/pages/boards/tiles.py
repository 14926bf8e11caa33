"""The numbers on top of a board, each with its list and what has to be said beside it."""

from datetime import datetime, time
from typing import Any, Final

from flask import url_for

from engine.reads.supervised.supervisions import count_supervisions
from storage.moments import CHINA, in_china
from web.frame.language import t
from web.pages.boards import asked
from web.pages.boards.drawn import Looked, over_in_words, share_in_words, spark

Tile = dict[str, Any]
"""One number in the words of the template."""

_MIDDAY: Final = 12
_SPARKS: Final = 14


def tiles(looked: Looked) -> list[Tile]:
    """The numbers of a board, the one about closed cases last.

    What the reader asked an answer to is of all their areas, so a smaller one has it not.
    """
    asked_for = [] if looked.area else [_asked_for(looked)]
    pressing = [_open(looked), _today(looked), _overdue(looked), _watched(looked)]
    return [*pressing, *asked_for, rate_tile(looked)]


def _open(looked: Looked) -> Tile:
    count, ago = looked.board.counts.open, looked.board.open_a_week_ago
    beside = t("较一周前此刻", "on a week ago")
    return {
        "icon": "folder-open",
        "label": t("在办", "Open"),
        "count": count,
        "href": asked.open_list(area=looked.area),
        "delta": _delta(count - ago, beside, is_bad_up=True),
        "spark": spark([day.open for day in looked.board.trend][-_SPARKS:]),
    }


def _today(looked: Looked) -> Tile:
    return {
        "icon": "calendar-clock",
        "label": t("今日到期", "Due today"),
        "count": looked.board.counts.today,
        "href": asked.open_list(area=looked.area, figure="today"),
        "note": _before_noon(looked),
    }


def _overdue(looked: Looked) -> Tile:
    return {
        "icon": "circle-alert",
        "label": t("已超期", "Overdue"),
        "count": looked.board.counts.overdue,
        "href": asked.open_list(area=looked.area, figure="overdue"),
        "is_late": looked.board.counts.overdue > 0,
        "note": _longest(looked),
    }


def _watched(looked: Looked) -> Tile:
    having = {"area": looked.area, "figure": "supervised"}
    late = sum(case.first.supervised and case.step == "overdue" for case in looked.board.cases)
    return {
        "icon": "eye",
        "label": t("督办中", "Supervised"),
        "count": looked.board.counts.supervised,
        "href": asked.open_list(**having),
        "note": (
            t(f"其中已超期 {late} 件", f"{late} overdue"),
            asked.open_list(**having, step="overdue"),
        ),
    }


def _asked_for(looked: Looked) -> Tile:
    counts = count_supervisions(looked.reading)
    late, answered = counts["late"], counts["answered"]
    state, words = "late", t(f"逾期未答复 {late} 件", f"{late} not answered in time")
    if answered and not late:
        state, words = "answered", t(f"已答复待办结 {answered} 件", f"{answered} answered, to end")
    return {
        "icon": "message-square",
        "label": t("我的督办待答复", "Answers I wait for"),
        "count": counts["waiting"],
        "href": url_for("web.my_supervisions", state="waiting"),
        "note": (words, url_for("web.my_supervisions", state=state)),
        "is_note_late": late > 0,
    }


def rate_tile(looked: Looked) -> Tile:
    """The self-resolution rate (R62) with its two lists."""
    board, having = looked.board, {"area": looked.area, "period": looked.period}
    rate, before = board.rate.share, board.rate_before.share
    eligible = asked.closed_list(**having, figure="eligible")
    resolved = asked.closed_list(**having, figure="self_resolved")
    delta = None
    if rate is not None and before is not None:
        points = round(100 * (rate - before), 1)
        delta = _delta(points, t("个百分点", "points"), is_bad_up=False)
    return {
        "icon": "circle-check",
        "label": asked.period_words()[looked.period] + t("自行办结率", ": solved by the grid"),
        "count": share_in_words(rate),
        "unit": "%" if rate is not None else "",
        "href": eligible,
        "delta": delta,
        "how": t(
            "所选时段办结的案件里，先到网格办理的是应计；其中网格自己办好、没有上报、核查通过的"
            "是自行办结。点两个数看各自的案件。",
            "Of the cases closed in the period, those that came to the grid first count; solved by "
            "the grid are those it handled without passing up and that passed verification. Each "
            "of the two numbers opens its cases.",
        ),
        "parts": [(board.rate.resolved, resolved), (board.rate.eligible, eligible)],
    }


def _before_noon(looked: Looked) -> tuple[str, str] | None:
    now = in_china(looked.reading.now)
    if now.hour >= _MIDDAY:
        return None
    noon = datetime.combine(now.date(), time(_MIDDAY), tzinfo=CHINA)
    count = sum(
        any(one.is_running and now <= one.due_at < noon for one in case.tasks)
        for case in looked.board.cases
    )
    words = t(f"其中 12 时前 {count} 件", f"{count} before noon")
    return words, asked.open_list(area=looked.area, due_from=now, due_before=noon)


def _longest(looked: Looked) -> tuple[str, str] | None:
    overdue = [case.first.due_at for case in looked.board.cases if case.step == "overdue"]
    if not overdue:
        return t("没有超期", "Nothing is overdue"), ""
    longest = over_in_words(min(overdue), looked.clocks)
    return t(f"最久超期 {longest}", f"longest {longest} over"), ""


def _delta(change: float, beside: str, *, is_bad_up: bool) -> dict[str, Any]:
    is_up = change > 0
    sense = "" if change == 0 else "worse" if is_up == is_bad_up else "better"
    return {
        "change": abs(change),
        "is_up": is_up,
        "is_same": change == 0,
        "sense": sense,
        "beside": beside,
    }
