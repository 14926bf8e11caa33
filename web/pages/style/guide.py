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
    return render_template(
        "styleguide.html",
        steps=_steps(),
        rows=_rows(),
        views=_views(),
        colours=_colours(),
        sizes=_sizes(),
        signs=_signs(),
        days=_days(),
    )


def _colours() -> list[tuple[str, str]]:
    """The tokens of `tokens.css` with what they are for."""
    return [
        ("ink", t("正文、数字", "text, figures")),
        ("soft", t("第二行、表头", "second line, heads")),
        ("faint", t("占位、刻度", "placeholder, axis")),
        ("edge", t("输入框边", "borders of inputs")),
        ("line", t("分隔线", "hairlines")),
        ("paper", t("卡片", "cards")),
        ("ground", t("页面", "the page")),
        ("sunk", t("悬停、骨架", "hover, skeleton")),
        ("brand", t("主按钮、链接", "primary button, link")),
        ("deep", t("顶栏", "the top bar")),
        ("bsoft", t("选中", "chosen")),
        ("bline", t("选中的边", "border of what is chosen")),
        ("blue-fill", t("正常", "normal")),
        ("yellow-fill", t("过半", "half used")),
        ("orange-fill", t("将超期", "nearly due")),
        ("red-fill", t("已超期", "overdue")),
        ("red-solid", t("突发、120", "emergency, ambulance")),
        ("green-fill", t("完成", "done")),
        ("category-1", t("图表一", "first series")),
        ("category-2", t("图表二", "second series")),
        ("focus", t("焦点", "focus")),
    ]


def _sizes() -> list[tuple[str, str, str]]:
    """Size and line height of every kind of text."""
    return [
        ("32/40", "487", t("首页大数", "figures of a home")),
        ("24/32", t("仙游县", "Xianyou"), t("手机大标题", "title on a phone")),
        ("20/27", t("销售超过保质期食品", "Food past its date"), t("页标题", "title of a page")),
        (
            "16/24",
            t("货架第二层 12 瓶乳饮料过期", "Twelve bottles"),
            t("手机正文", "text on a phone"),
        ),
        ("15/22", t("谁手里有什么", "Who has what"), t("卡片标题", "title of a card")),
        ("14/21", t("示例便利店（演示）", "A sample shop"), t("桌面正文、表格", "text at a desk")),
        ("13/19", "11-26 10:48", t("次要", "second line")),
        (
            "12/17",
            t("乡镇 在办 超期", "Town Open Late"),
            t("表头、角标，最小", "heads, tags; the smallest"),
        ),
    ]


def _signs() -> list[tuple[str, str]]:
    """The icons with the word that always stands beside them."""
    return [
        ("house", t("首页", "Home")),
        ("inbox", t("待办", "Inbox")),
        ("folder-open", t("案件", "Cases")),
        ("map", t("地图", "Map")),
        ("chart-column", t("分析", "Analysis")),
        ("store", t("主体", "Businesses")),
        ("bell", t("消息", "Messages")),
        ("camera", t("上报、拍照", "Report")),
        ("megaphone", t("催办", "Chase")),
        ("eye", t("督办", "Supervise")),
        ("siren", t("突发", "Emergency")),
        ("user-round", t("人", "A person")),
        ("users", t("会商", "Consult")),
        ("calendar-clock", t("到期、延期", "Due, extend")),
        ("git-merge", t("合并", "Merge")),
        ("split", t("拆分", "Split")),
        ("undo-2", t("撤回", "Take back")),
        ("route", t("流向", "Where it goes")),
        ("wifi-off", t("没有信号", "No signal")),
        ("cloud-upload", t("待发送", "Waiting")),
        ("refresh-cw", t("重试", "Again")),
        ("map-pin", t("地点", "Place")),
        ("locate-fixed", t("定位", "My place")),
        ("download", t("导出", "Export")),
        ("printer", t("打印", "Print")),
        ("shield-check", t("未被改动", "Unchanged")),
        ("network", t("区域", "Area")),
        ("monitor", t("大屏", "Wall")),
    ]


def _days() -> list[dict[str, int | str]]:
    """Ten invented days."""
    opened, closed = (14, 18, 16, 21, 19, 7, 5, 17, 22, 20), (12, 15, 17, 18, 20, 6, 3, 14, 19, 22)
    return [
        {"on": f"11-{day:02}", "opened": new, "closed": ended}
        for day, (new, ended) in enumerate(zip(opened, closed, strict=True), start=21)
    ]


def _steps() -> list[tuple[str, str, str]]:
    names = {
        "normal": t("正常", "normal"),
        "half": t("过半", "half used"),
        "near": t("将超期", "nearly due"),
        "overdue": t("已超期", "overdue"),
        "paused": t("缓办", "paused"),
    }
    return [(step, names[step], _left(step)) for step in _STEPS]


def _rows() -> list[WorkRow]:
    lefts = {step: _left(step) for step in _STEPS}
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


def _left(step: Step) -> str:
    return left_in_words(Urgency(step, _STEPS[step], _DAY, 0.5, is_of_office=True))
