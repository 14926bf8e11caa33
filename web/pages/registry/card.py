"""The card of a business: each field with its source, what it may do, its cases and changes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import render_template, request

from engine.reads.cases import list_cases
from engine.reads.reading import Reading
from handlers.kitchens.camera_keeping import LOOKERS, areas_for
from handlers.map.around import Around, draw_around
from handlers.registry.keeping import reaches
from storage.cases.cases import CaseFilter
from storage.kitchens.cameras import Camera, list_cameras
from storage.moments import in_china
from storage.people.roles import ROLES
from storage.places.positions import Position
from storage.registry import evidence
from storage.registry.credentials import Credential, list_credentials
from storage.registry.evidence import BusinessChange, BusinessSource
from storage.registry.statuses import MOVES
from storage.video.patrols import VideoPatrolFilter, list_patrols
from storage.video.rules import QUOTAS
from storage.video.scope import sees_patrols
from web.frame import sessions
from web.frame.answers import new_key, problem_page
from web.frame.language import moment, t
from web.frame.naming import Names, names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.words import word
from web.frame.writing import ask
from web.pages.places.near import map_of
from web.pages.registry import words
from web.pages.registry.standing import standing

FACTS = (
    "address", "scope", "credit_code", "licence_number", "person_in_charge", "phone",
)  # fmt: skip
MOST_CASES = 10
MOST_CHANGES = 20
MOST_VIDEOS = 5
SOON = 30
"""So many days before its end a credential is marked."""


@site.get("/businesses/<row:business_id>")
@sessions.signed_in
def business(business_id: int) -> Any:
    """One business; whose telephone number is shown is counted by the route it is read through."""
    answer = ask("businesses.read", {"business_id": str(business_id)}, {})
    if answer.is_problem:
        return problem_page(answer)
    card = answer.data
    words.categories()  # before the read of the page: it is one of its own
    return render_template("registry/business.html", **seen(lambda one: _look(one, card)))


@site.get("/businesses/<row:business_id>/photo")
@sessions.signed_in
def business_photo(business_id: int) -> Any:
    """The photo of its front, to be shown in a page."""
    answer = ask("surveys.photo", {"business_id": str(business_id)}, {})
    if answer.is_problem:
        return problem_page(answer)
    answer.data.headers.pop("Content-Disposition", None)
    return answer.data


def _look(reading: Reading, card: Mapping[str, Any]) -> dict[str, Any]:
    session, actor = reading.session, reading.actor
    ident, area = card["id"], card["area"]
    is_own = actor.business_id == ident
    is_near = is_own or reaches(actor, area)
    sources = evidence.list_sources(session, ident) if is_near else []
    changes = evidence.list_changes(session, ident, limit=MOST_CHANGES) if is_near else []
    page = list_cases(reading, CaseFilter(business_id=ident), limit=MOST_CASES)
    names = names_for(reading, areas=[area], officers=map(_officer_of, changes))
    today = in_china(reading.now).date()
    return {
        "card": card,
        "key": new_key(),
        "status": words.statuses()[card["status"]],
        "category": words.categories().get(card["category"], card["category"]),
        "area": names.area(area),
        "marks": [words.marks().get(flag, flag) for flag in card["flags"]],
        "facts": [fact for name in FACTS if (fact := _fact(name, card, sources, is_near=is_near))],
        "place": _place(card, sources),
        "around": _around(reading, card),
        "map_of_place": map_of(reading, area),
        "name_from": _origin("name", card, sources),
        "credentials": [_credential(each, today) for each in list_credentials(session, ident)],
        "cases": [(each.number, names.title(each), word(each.status)) for each in page.items],
        "more_cases": page.next is not None,
        "changes": [_change(each, names) for each in changes],
        "standing": standing(reading, ident) if is_near else None,
        "cameras": _cameras(reading, ident),
        "videos": _videos(reading, ident),
        "is_near": is_near,
        "is_own": is_own,
        "may_mark": is_near
        and not is_own
        and "ceased" in MOVES[card["status"]]
        and any(ROLES[role].tier in {"grid", "department"} for role in actor.roles),
        "told": _told(request.args.get("done", "")),
    }


def _cameras(reading: Reading, business_id: int) -> tuple[Camera, ...] | None:
    """The cameras in its kitchen; None for whom they do not concern."""
    if not reading.actor.roles & set(LOOKERS) or reading.actor.business_id == business_id:
        return None
    within = areas_for(reading.session, reading.actor)
    return list_cameras(reading.session, within=within, business_id=business_id).items


def _videos(reading: Reading, business_id: int) -> list[tuple[str, str]] | None:
    """When units watched it last, where it is a bright kitchen; None for whom it is nothing."""
    if not sees_patrols(reading.actor) or reading.actor.business_id == business_id:
        return None
    wanted = VideoPatrolFilter(business=business_id)
    page = list_patrols(reading.session, wanted, actor=reading.actor, limit=MOST_VIDEOS)
    units = {unit: t(rule.name_zh, rule.name_en) for unit, rule in QUOTAS.items()}
    return [
        (f"{in_china(one.watched_at):%Y-%m-%d}", units.get(one.unit, one.unit))
        for one in page.items
    ]


def _told(done: str) -> str:
    return {
        "entered": t("已登记。", "Entered."),
        "corrected": t("已更正。", "Corrected."),
        "proposed": t(
            "已提交。与更可信的来源不同的内容，等主体库管理员核对。",
            "Sent. What differs from a more trusted source waits for a keeper of the registry.",
        ),
    }.get(done, "")


def _fact(
    name: str, card: Mapping[str, Any], sources: list[BusinessSource], *, is_near: bool
) -> dict[str, Any] | None:
    value = card[name]
    if name in {"phone", "person_in_charge"} and not is_near:
        return None
    return {
        "name": words.fields()[name],
        "value": value,
        "is_phone": name == "phone",
        "origin": _origin(name, card, sources) if value else None,
    }


def _origin(
    field: str, card: Mapping[str, Any], sources: list[BusinessSource]
) -> dict[str, Any] | None:
    """Where the value of a field comes from, and what every source states about it."""
    source = (card["origins"] or {}).get(field)
    if source is None:
        return None
    known = words.origins()
    stated = [
        (known.get(each.kind, each.kind), each.payload.get(field), each.seen_on.isoformat())
        for each in sources
        if each.payload.get(field) not in (None, "", [])
    ]
    return {"source": known.get(source, source), "stated": stated}


def _place(card: Mapping[str, Any], sources: list[BusinessSource]) -> dict[str, Any] | None:
    if card["lat"] is None:
        return None
    return {
        "text": f"{card['lat']:.5f}, {card['lon']:.5f}",
        "origin": _origin("lat", card, sources),
    }


def _around(reading: Reading, card: Mapping[str, Any]) -> Around | None:
    if card["lat"] is None:
        return None
    at, on = Position(card["lat"], card["lon"]), in_china(reading.now).date()
    return draw_around(reading.session, at, card["area"], on=on)


def _credential(known: Credential, today: date) -> dict[str, Any]:
    left = None if known.valid_to is None else (known.valid_to - today).days
    return {
        "kind": words.credentials().get(known.kind, known.kind),
        "number": known.number,
        "until": "" if known.valid_to is None else known.valid_to.isoformat(),
        "tag": _left(left) if known.state == "valid" else ("plain", t("已失效", "Void"), "x"),
    }


def _left(days: int | None) -> tuple[str, str, str]:
    if days is None:
        return ("good", t("长期", "No end"), "")
    if days < 0:
        return ("late", t(f"过期 {-days} 天", f"{-days} days past"), "octagon-alert")
    left = t(f"还剩 {days} 天", f"{days} days left")
    return ("warn", left, "triangle-alert") if days <= SOON else ("good", left, "")


def _change(change: BusinessChange, names: Names) -> dict[str, str]:
    return {
        "at": moment(change.at),
        "field": words.fields().get(change.field, change.field),
        "before": words.value_of(change.field, change.before),
        "after": words.value_of(change.field, change.after),
        "who": _who(change, names),
    }


def _who(change: BusinessChange, names: Names) -> str:
    if change.batch_id is not None:
        return t(f"导入 {change.batch_id}", f"Import {change.batch_id}")
    return names.who(change.actor)


def _officer_of(change: BusinessChange) -> int | None:
    kind, _, ident = change.actor.partition(":")
    return int(ident) if kind == "officer" and ident.isdecimal() else None
