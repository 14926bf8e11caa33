"""Every part of the pages on one page, drawn by the same macros and sheets as the real ones."""

from datetime import timedelta

from flask import render_template, url_for

from engine.time.urgency import Step, Urgency
from web.frame.language import t
from web.frame.site import site
from web.frame.work import View, WorkRow, left_in_words

_HOURS = timedelta(hours=1)
_DAY = 7 * _HOURS
_STEPS: dict[Step, timedelta] = {
    "normal": 4 * _DAY,
    "half": _DAY + 5 * _HOURS,
    "near": 5 * _HOURS + timedelta(minutes=18),
    "overdue": 2 * _DAY,
    "paused": _DAY,
}


@site.get("/styleguide")
def styleguide() -> str:
    """The parts, with invented content."""
    return render_template("styleguide.html", steps=_steps(), rows=_rows(), views=_views())


def _steps() -> list[tuple[str, str, str]]:
    names = {
        "normal": t("正常", "normal"),
        "half": t("过半", "half used"),
        "near": t("将超期", "nearly due"),
        "overdue": t("已超期", "overdue"),
        "paused": t("缓办", "paused"),
    }
    return [
        (step, names[step], left_in_words(Urgency(step, left, _DAY, 0.5)))
        for step, left in _STEPS.items()
    ]


def _rows() -> list[WorkRow]:
    lefts = {step: left_in_words(Urgency(step, left, _DAY, 0.5)) for step, left in _STEPS.items()}
    here = url_for("web.styleguide")
    return [
        WorkRow(
            href=here,
            step="overdue",
            left=lefts["overdue"],
            title=t("疑似食物中毒、聚集性腹泻", "Suspected food poisoning"),
            text=t(
                "全家四口吃外卖后上吐下泻，正在镇卫生院输液", "Four people ill after a delivery"
            ),
            where=t("示例小吃店（演示）", "Sample snack bar"),
            place=t("学士社区第1网格", "Grid 1"),
            task=t("签收", "Accept"),
            due="11-25",
            number="0487",
            is_alarm=True,
            weights=[("emergency", t("突发", "Emergency"))],
            marks=[("watched", t("督办", "Supervised")), ("chased", t("催办 2", "Chased 2"))],
        ),
        WorkRow(
            href=here,
            step="near",
            left=lefts["near"],
            title=t("销售超过保质期食品", "Sale of expired food"),
            text=t("货架第二层 12 瓶乳饮料过期 9 天", "12 bottles nine days past their date"),
            where=t("示例便利店（演示）", "Sample corner shop"),
            place=t("学士社区第1网格", "Grid 1"),
            task=t("处置或上报", "Handle or pass up"),
            due=t("今天 17:30", "today 17:30"),
            number="0413",
            weights=[("weight", t("较重", "Serious"))],
            marks=[("source", t("网格上报", "Grid report"))],
        ),
        WorkRow(
            href=here,
            step="normal",
            left=lefts["normal"],
            title=t("农贸市场开办者未履责", "Market operator's duties"),
            text=t("垃圾两天没清，快检公示停在月初", "Waste for two days, no test results shown"),
            where=t("示例农贸市场（演示）", "Sample market"),
            place=t("海滨社区第2网格", "Grid 2"),
            task=t("处置或上报", "Handle or pass up"),
            due=t("12-04 周五", "Fri 12-04"),
            number="0344",
            marks=[("source", t("部门巡查", "Department patrol"))],
        ),
    ]


def _views() -> list[View]:
    here = url_for("web.styleguide")
    return [
        View("mine", t("我的", "Mine"), here, 45),
        View("team", t("待认领", "To claim"), here, 8),
        View("late", t("已超期", "Overdue"), here, 4, is_late=True),
        View("done", t("我办过的", "Done by me"), here),
    ]
