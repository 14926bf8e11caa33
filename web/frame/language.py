"""Chinese first, English by a switch that a cookie remembers; both stand side by side in the page.

Every text of a page is written as a pair, like the labels of forms: nothing to extract, compile or
forget. The record is docs/decisions/0009.
"""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import g, request
from markupsafe import Markup

COOKIE = "hangji_language"
LANGUAGES = ("zh", "en")
SHANGHAI = ZoneInfo("Asia/Shanghai")
_DAYS_END = (23, 59)


def chosen() -> str:
    """The language of this request."""
    language: str | None = g.get("language")
    if language is None:
        wanted = request.cookies.get(COOKIE)
        language = g.language = wanted if wanted in LANGUAGES else "zh"
    return language


def t(zh: str, en: str) -> str:
    """One text in the language of this request."""
    return en if chosen() == "en" else zh


def listed(texts: Iterable[str]) -> str:
    """Several texts as one, with the comma of the language."""
    return t("、", ", ").join(texts)


def in_brackets(text: str) -> str:
    """A remark in brackets behind a text, with the blank the language puts before it."""
    return t(f"（{text}）", f" ({text})")


def said_of(name: str, text: str) -> str:
    """A name and what is said of it, with the colon of the language."""
    return t(f"{name}：{text}", f"{name}: {text}")


def pick(pair: object) -> str:
    """The text of a `{"zh", "en"}` pair, or the text itself."""
    if isinstance(pair, dict):
        return str(pair.get(chosen()) or pair.get("zh") or "")
    return "" if pair is None else str(pair)


def stamp(at: datetime | str | None) -> Markup:
    """The same moment as an element of a page, which no line end breaks."""
    shown = moment(at)
    return Markup("<time>{}</time>").format(shown) if shown else Markup()


def moment(at: datetime | str | None) -> str:
    """A moment, or its text in a case file, in Shanghai time to the minute."""
    if not at:
        return ""
    known = datetime.fromisoformat(at) if isinstance(at, str) else at
    return known.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def day_of(at: datetime | None, *, now: datetime) -> str:
    """A day near now as people say it, with the time where it is not the end of the day."""
    if at is None:
        return ""
    local, today = at.astimezone(SHANGHAI), now.astimezone(SHANGHAI).date()
    time = "" if (local.hour, local.minute) == _DAYS_END else local.strftime(" %H:%M")
    if local.date() == today:
        return t(f"今天{time or '内'}", f"today{time}")
    day = local.strftime("%m-%d" if local.year == today.year else "%Y-%m-%d")
    return f"{day} {weekday(local)}{time}"


def weekday(day: date) -> str:
    """The day of the week, as short as people write it."""
    return t(f"周{'一二三四五六日'[day.weekday()]}", day.strftime("%a"))
