"""The list of businesses: filters in its address, counts that open what they count."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for

from engine.reads.places import area_steps
from engine.reads.reading import Reading
from handlers.registry.searching import filter_of
from handlers.registry.surveying import may_survey
from storage.registry.businesses import Business, count_by_category, search_businesses
from web.frame import sessions
from web.frame.answers import problem_page
from web.frame.contract import hangji
from web.frame.language import t
from web.frame.naming import Names, names_for
from web.frame.reading import cursor, search_text, seen
from web.frame.site import site
from web.frame.writing import ask
from web.pages.registry import words

FILTERS = (
    "q", "area", "here", "category", "status", "flag", "open_cases", "lacks", "in_post",
    "changed", "change",
)  # fmt: skip
"""The parameters of the address that narrow the list."""
PER_PAGE = 50


@site.get("/businesses")
@sessions.signed_in
def business_list() -> Any:
    """Businesses of one's areas, narrowed by the address."""
    actor = sessions.actor()
    if actor is not None and actor.business_id is not None:
        # A business reads of itself alone.
        return redirect(url_for("web.business", business_id=actor.business_id))
    words.categories()  # before the read of the page: it is one of its own
    return render_template("registry/businesses.html", **seen(_look))


@site.get("/businesses/export.<form>")
@sessions.signed_in
def business_export(form: str) -> Any:
    """The same list as a file for a spreadsheet."""
    query = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    answer = ask("business_exports.export", {}, {**query, "format": form})
    return problem_page(answer) if answer.is_problem else answer.data


def _look(reading: Reading) -> dict[str, Any]:
    asked = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    having = filter_of(reading.actor, {**asked, "q": search_text()}, now=reading.now)
    page = search_businesses(reading.session, having, cursor=cursor(), limit=PER_PAGE)
    counts = count_by_category(reading.session, having)
    steps = list(area_steps(reading, asked.get("area", "")))
    codes = {asked.get("area"), *(each.area_code for each in page.items)}
    names = names_for(reading, areas=codes)
    return {
        "asked": asked,
        "rows": [_row(each, names) for each in page.items],
        "count": sum(counts.values()),
        "by_category": _by_category(counts, asked),
        "chips": _chips(asked, steps[-1].options if steps else [], names),
        "files": [(form.upper(), _file(form, asked)) for form in ("xlsx", "csv")],
        "may_survey": may_survey(reading.actor),
        "next": page.next and _address({**asked, "cursor": hangji().seal(page.next) or ""}),
    }


def _row(shop: Business, names: Names) -> dict[str, Any]:
    marks = words.marks()
    lacking = words.lacks()
    lacks = [("unplaced", shop.lat is None), ("no_phone", not shop.phone)]
    return {
        "href": url_for("web.business", business_id=shop.id),
        "name": shop.name,
        "category": words.categories().get(shop.category, shop.category),
        "status": words.statuses()[shop.status],
        "is_operating": shop.status == "operating",
        "area": names.area(shop.area_code),
        "address": shop.address,
        "marks": [marks.get(flag, flag) for flag in shop.flags],
        "lacks": [lacking[name] for name, is_so in lacks if is_so],
    }


def _by_category(counts: Mapping[str, int], asked: Mapping[str, str]) -> list[tuple[str, str, int]]:
    """The top categories with their numbers and lists; below a chosen one its subtypes."""
    chosen = asked.get("category", "")
    found: dict[str, int] = {}
    for code, number in counts.items():
        shown = code if chosen else code.partition(".")[0]
        found[shown] = found.get(shown, 0) + number
    known = words.categories()
    order = {code: place for place, code in enumerate(known)}
    return [
        (known.get(code, code), _address({**asked, "category": code}), found[code])
        for code in sorted(found, key=lambda code: order.get(code, len(order)))
        if code != chosen
    ]


def _chips(
    asked: Mapping[str, str], below: list[tuple[str, str]], names: Names
) -> list[dict[str, Any]]:
    yes = [("yes", t("有人任网格长、单元长", "Leads a grid or unit"))]
    choices = {
        "category": (t("类别", "Category"), list(words.tops().items())),
        "status": (
            t("状态", "Status"),
            [(name, shown[1]) for name, shown in words.statuses().items()],
        ),
        "flag": (t("标记", "Mark"), list(words.marks().items())),
        "open_cases": (t("案件", "Cases"), [("yes", t("有未结案件", "With open cases"))]),
        "lacks": (t("缺什么", "Missing"), list(words.lacks().items())),
        "in_post": (t("任职", "In post"), yes),
    }
    chips = [_area_chip(asked, names)] if "area" in asked else []
    if "area" in asked and "here" in asked:
        only = t("不含下一级", "Without what is below")
        chips.append(_chosen(t("范围", "Extent"), only, {"here"}, asked))
    if below:
        label = t("下一级", "Below it") if "area" in asked else t("区域", "Area")
        chips.append(_open(label, "area", below, asked))
    for name, (label, options) in choices.items():
        if name in asked:
            shown = {**dict(options), **words.categories()}.get(asked[name], asked[name])
            chips.append(_chosen(label, shown, {name}, asked))
        else:
            chips.append(_open(label, name, options, asked))
    if "changed" in asked:
        shown = f"{asked['changed']}{_change(asked)}"
        chips.append(_chosen(t("变更", "Changed"), shown, {"changed", "change"}, asked))
    return chips


def _change(asked: Mapping[str, str]) -> str:
    named = words.changes().get(asked.get("change", ""))
    return f" {named}" if named else ""


def _area_chip(asked: Mapping[str, str], names: Names) -> dict[str, Any]:
    return _chosen(t("区域", "Area"), names.area(asked["area"]), {"area"}, asked)


def _chosen(label: str, shown: str, taken: set[str], asked: Mapping[str, str]) -> dict[str, Any]:
    rest = {name: value for name, value in asked.items() if name not in taken}
    return {"label": label, "chosen": shown, "without": _address(rest)}


def _open(
    label: str, name: str, options: list[tuple[str, str]], asked: Mapping[str, str]
) -> dict[str, Any]:
    links = [(shown, _address({**asked, name: value})) for value, shown in options]
    return {"label": label, "chosen": "", "options": links}


def _address(asked: Mapping[str, str]) -> str:
    query = urlencode({name: value for name, value in asked.items() if value})
    here = url_for("web.business_list")
    return f"{here}?{query}" if query else here


def _file(form: str, asked: Mapping[str, str]) -> str:
    here = url_for("web.business_export", form=form)
    return f"{here}?{urlencode(asked)}" if asked else here
