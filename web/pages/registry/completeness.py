"""How complete the registry is: the figures of a month, every number with its list."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from flask import render_template, request, url_for

from storage.moments import in_china
from web.frame import sessions
from web.frame.answers import problem_page
from web.frame.contract import hangji
from web.frame.language import moment, t
from web.frame.site import site
from web.frame.writing import ask
from web.pages.registry import words

MONTHS: Final = 24
Figure = tuple[str, str, int, bool]
"""Words, the address of the list, its length, whether it calls for something."""


@site.get("/registry")
@sessions.signed_in
def completeness() -> Any:
    """The panel of one month, of one's own areas or of the one in the address."""
    query = {name: request.args[name] for name in ("area", "month") if request.args.get(name)}
    answer = ask("completeness.read", {}, query)
    if answer.is_problem:
        return problem_page(answer)
    return render_template("registry/completeness.html", **_panel(answer.data, query.get("area")))


def _panel(told: Mapping[str, Any], area: str | None) -> dict[str, Any]:
    return {
        "month": told["month"],
        "months": _months(told["month"]),
        "area": area,
        "all": _list(area),
        "count": told["businesses"],
        "lacking": _lacking(told, area),
        "changes": _changes(told, area),
        "statuses": _statuses(told, area),
        "reviews": _reviews(told),
        "imports": _imports(told),
    }


def _lacking(told: Mapping[str, Any], area: str | None) -> list[Figure]:
    return [
        (label, _list(area, lacks=name), told[name], name != "expiring")
        for name, label in words.lacks().items()
    ]


def _changes(told: Mapping[str, Any], area: str | None) -> list[Figure]:
    return [
        (label, _list(area, changed=told["month"], change=name), told[name], False)
        for name, label in words.changes().items()
    ]


def _statuses(told: Mapping[str, Any], area: str | None) -> list[Figure]:
    return [
        (shown[1], _list(area, status=name), told["statuses"][name], False)
        for name, shown in words.statuses().items()
        if told["statuses"].get(name)
    ]


def _reviews(told: Mapping[str, Any]) -> list[Figure]:
    return [
        (label, url_for("web.review", kind=name), told["reviews"][name], True)
        for name, label in words.questions().items()
        if told["reviews"].get(name)
    ]


def _imports(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    known = {"licence": "", "filing": "", "survey": "", **told["last_imports"]}
    never = t("还没有导入过", "Never imported")
    return [
        (words.origins().get(source, source), moment(at) or never) for source, at in known.items()
    ]


def _list(area: str | None, **narrowing: str) -> str:
    asked: dict[str, Any] = {**narrowing, **({"area": area} if area else {})}
    return url_for("web.business_list", **asked)


def _months(shown: str) -> list[tuple[str, str]]:
    """The months to choose from, this one first; one further back is kept when it is shown."""
    day = in_china(hangji().clock.now()).date()
    found: list[str] = []
    for _ in range(MONTHS):
        found.append(f"{day:%Y-%m}")
        day = day.replace(day=1) - timedelta(days=1)
    if shown not in found:
        found.append(shown)
    return [(month, _named(month)) for month in found]


def _named(month: str) -> str:
    year, _, number = month.partition("-")
    return t(f"{year}年{int(number)}月", f"{date(int(year), int(number), 1):%B %Y}")
