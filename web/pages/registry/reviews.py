"""Questions about the registry, one at a time and side by side, by mouse or by the keys 1, 2, 0."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for

from engine.reads.reading import Reading
from storage.moments import in_china
from storage.registry import placing
from storage.registry.businesses import BusinessFilter, count_by_category
from storage.registry.reviews import count_open
from web.frame import sessions
from web.frame.answers import new_key, posted_key, problem_page
from web.frame.language import in_brackets, t
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import ask, write
from web.pages.registry import words


@site.get("/reviews")
@sessions.signed_in
def review() -> Any:
    """The next question: what is registered on the left, what is proposed on the right."""
    query = {"limit": "1", **{name: request.args.get(name) for name in ("cursor", "kind")}}
    answer = ask("reviews.search", {}, {name: text for name, text in query.items() if text})
    if answer.is_problem:
        return problem_page(answer)
    item = next(iter(answer.data["items"]), None)
    return render_template(
        "registry/review.html",
        item=item,
        next=answer.data["next"],
        kind=request.args.get("kind", ""),
        by_kind=seen(_by_kind),
        **(_shown(item) if item else {}),
        key=new_key(),
    )


@site.post("/reviews/<row:review_id>/decide")
@sessions.signed_in
def decide_review(review_id: int) -> Any:
    """Decide one and go on with the next."""
    body = {"choice": request.form.get("choice", "")}
    answer = write("reviews.decide", {"review_id": str(review_id)}, body, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    kind = request.form.get("kind") or None
    return redirect(url_for("web.review", kind=kind), code=303)


def _by_kind(reading: Reading) -> list[dict[str, Any]]:
    """The kinds that have open questions, each with their number, as tabs."""
    counts = count_open(reading.session)
    named = {"": t("全部", "All"), **words.questions()}
    numbers = {"": sum(counts.values()), **counts}
    return [
        {
            "name": kind,
            "label": label,
            "href": url_for("web.review", kind=kind or None),
            "shown_count": str(numbers[kind]),
        }
        for kind, label in named.items()
        if numbers.get(kind)
    ]


def _shown(item: Mapping[str, Any]) -> dict[str, Any]:
    is_of_area = placing.OF_AREA in item["proposals"]
    return {
        "question": words.asked()["unplaced_area" if is_of_area else item["kind"]],
        "buttons": words.decisions()[item["kind"]],
        "village": _village(item["proposals"]) if is_of_area else None,
        "sides": [] if is_of_area else _sides(item),
    }


def _village(proposals: Mapping[str, Any]) -> dict[str, Any]:
    """An area whose businesses stand nowhere: how many there are now, and where they are listed."""
    code = proposals["area_code"]

    def look(reading: Reading) -> dict[str, Any]:
        having = BusinessFilter(
            areas=[code], lacks=placing.UNPLACED, on=in_china(reading.now).date()
        )
        counts = count_by_category(reading.session, having)
        return {
            "name": names_for(reading, areas=[code]).area(code),
            "count": sum(counts.values()),
            "source": words.origins().get(proposals["source"], proposals["source"]),
            "href": url_for("web.business_list", area=code, lacks=placing.UNPLACED),
        }

    return seen(look)


def _sides(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    first = _card(item["business_id"])
    if item["kind"] == "duplicate":
        return [
            {"key": "1", "title": t("主体一", "First"), "facts": _described(first)},
            {
                "key": "2",
                "title": t("主体二", "Second"),
                "facts": _described(_card(item["other_id"])),
            },
        ]
    if item["kind"] == "gone_from_source":
        return [_registered(first), _last_said(item["proposals"])]
    if item["kind"] != "conflict":
        return [_registered(first, with_place=item["kind"] == "unplaced")]
    field, both = item["field"], item["proposals"]
    named = words.fields().get(field, field)
    source = words.origins().get(both["source"], both["source"])
    origin = words.origins().get((first["origins"] or {}).get(field, ""), "")
    stated = in_brackets(origin) if origin else ""
    return [
        {
            "key": "1",
            "title": t("现在登记的", "As registered") + stated,
            "facts": [
                (named, words.value_of(field, both["registered"])),
                *_facts(first, without=field),
            ],
        },
        {
            "key": "2",
            "title": source,
            "facts": [(named, words.value_of(field, both["proposed"]))],
        },
    ]


def _registered(card: Mapping[str, Any], *, with_place: bool = False) -> dict[str, Any]:
    place = [(words.fields()["area_code"], _area(card["area"]))] if with_place else []
    facts = [*_facts(card), *place]
    facts.append((words.fields()["status"], words.value_of("status", card["status"])))
    return {"key": "1", "title": t("现在登记的", "As registered"), "facts": facts}


def _last_said(proposals: Mapping[str, Any]) -> dict[str, Any]:
    """What the source said last of a business that its full list misses."""
    source = proposals["source"]
    facts = [
        (t("名单里的编号", "Its number there"), proposals["external_id"]),
        (t("最后一次出现", "Last named on"), proposals["seen_on"]),
    ]
    return {"key": "2", "title": words.origins().get(source, source), "facts": facts}


def _area(code: str) -> str:
    return seen(lambda reading: names_for(reading, areas=[code]).area(code))


def _card(business_id: int) -> Mapping[str, Any]:
    found: Mapping[str, Any] = ask("businesses.read", {"business_id": str(business_id)}, {}).data
    return found


def _described(card: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What tells two businesses apart, also where little is registered."""
    named, source = words.fields(), (card["origins"] or {}).get("name", "")
    more = [
        (named["category"], words.categories().get(card["category"], card["category"])),
        (named["area_code"], _area(card["area"])),
        (named["status"], words.value_of("status", card["status"])),
        (t("登记号", "Number"), card["id"]),
        (t("来源", "Source"), words.origins().get(source, source)),
    ]
    return [*_facts(card), *((name, value) for name, value in more if value)]


def _facts(card: Mapping[str, Any], without: str = "") -> list[tuple[str, Any]]:
    shown = ("name", "credit_code", "licence_number", "address", "phone", "person_in_charge")
    named = words.fields()
    return [(named[name], card[name]) for name in shown if name != without and card.get(name)]
