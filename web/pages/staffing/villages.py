"""Villages with their two supervising officers, and the board of gaps by area and kind."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for

from engine.reads.reading import Reading
from handlers.staffing import supervision
from handlers.staffing.appointing import may_appoint
from storage.city.rules import installed
from storage.people.posts import find_staffing
from storage.places.areas import smallest_around
from storage.places.levels import CODE_LENGTHS, AreaLevel, town_of
from storage.registry.businesses import list_businesses
from storage.staffing.gaps import Gap, GapFilter, count_gaps, last_checked_at, list_gaps
from storage.staffing.posts import PostFilter, list_posts
from storage.staffing.rules import SUPERVISORS, StaffingRule
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, rendered
from web.frame.contract import hangji
from web.frame.fields import id_of
from web.frame.language import t
from web.frame.naming import names_for
from web.frame.reading import cursor, seen
from web.frame.site import site
from web.frame.writing import write
from web.pages.staffing.shown import period

PLACES = 2
MOST_SHOPS = 30
MOST_GAPS = 30


@site.get("/staff-gaps")
@sessions.signed_in
def gap_board() -> Any:
    """How many places lack people, by kind and area; every number opens its list."""
    return render_template("staffing/gaps.html", **seen(_board))


@site.get("/villages/<code:code>")
@sessions.signed_in
def village(code: str) -> Any:
    """One village: its supervising officers, its grids, its gaps."""
    return _village(code)


@site.post("/villages/<code:code>")
@sessions.signed_in
def assign_supervisors(code: str) -> Any:
    """Assign its supervising officers; fewer than two need a reason."""
    chosen = [id_of(text) for text in request.form.getlist("officer")]
    body: dict[str, Any] = {"officers": [officer for officer in chosen if officer is not None]}
    if request.form.get("reason", "").strip():
        body["reason"] = request.form["reason"].strip()
    answer = write("staffing.assign", {"code": code}, body, key=posted_key())
    if answer.is_problem:
        return _village(code, problem=detail(answer), status=answer.status)
    return redirect(url_for("web.village", code=code), code=303)


def _board(reading: Reading) -> dict[str, Any]:
    session, actor = reading.session, reading.actor
    area, kind = request.args.get("area") or None, request.args.get("kind") or None
    digits = _digits(area or smallest_around(actor.prefixes))
    counts = count_gaps(session, GapFilter(area=area), actor=actor, digits=digits)
    page = list_gaps(session, GapFilter(area, kind), actor=actor, cursor=cursor(), limit=MOST_GAPS)
    rules = installed().staffing
    places = sorted({place for _, place in counts}, key=lambda place: (-_sum(counts, place), place))
    towns = {town_of(gap.place) for gap in page.items}
    names = names_for(reading, areas=[*places, *towns, *([area] if area else [])])
    return {
        "checked_at": last_checked_at(session),
        "area": area,
        "area_name": names.area(area),
        "kind": kind,
        "kinds": [
            {
                "kind": name,
                "label": t(rule.name_zh, rule.name_en),
                "count": sum(n for (of, _), n in counts.items() if of == name),
                "by_place": {place: n for (of, place), n in counts.items() if of == name},
            }
            for name, rule in rules.items()
        ],
        "places": [(place, names.areas.get(place, place)) for place in places],
        "total": sum(counts.values()),
        "gaps": [
            {
                "kind": t(rules[gap.kind].name_zh, rules[gap.kind].name_en),
                "name": gap.name,
                "town": names.areas.get(town_of(gap.place), ""),
                "missing": gap.missing,
                "since": period(gap.since, None),
                "reason": gap.reason,
                "href": _opens(gap.place),
            }
            for gap in page.items
            if gap.kind in rules
        ],
        "next": page.next and _more(page.next),
    }


def _sum(counts: Mapping[tuple[str, str], int], place: str) -> int:
    return sum(count for (_, of), count in counts.items() if of == place)


def _digits(area: str | None) -> int:
    """How many digits the places have that are counted: one level below the area chosen."""
    longer = sorted(length for length in CODE_LENGTHS.values() if length > len(area or ""))
    return longer[0] if longer else len(area or "")


def _opens(place: str) -> str:
    # A grid or unit may have no post yet: its village offers to set one up.
    return url_for("web.village", code=place[: CODE_LENGTHS[AreaLevel.VILLAGE]])


def _more(place: str) -> str:
    query: dict[str, Any] = {**request.args, "cursor": hangji().seal(place)}
    return url_for("web.gap_board", **query)


def _gap_row(gap: Gap, rule: StaffingRule, *, may: bool) -> dict[str, Any]:
    """A gap of the village; one of a post can be filled from here."""
    is_of_post = may and rule.kind != SUPERVISORS
    return {
        "kind": t(rule.name_zh, rule.name_en),
        "name": gap.name,
        "place": gap.place,
        "missing": gap.missing,
        "role": rule.role if is_of_post else None,
    }


def _village(code: str, *, problem: str = "", status: int = 200) -> Any:
    def look(reading: Reading) -> dict[str, Any]:
        session, actor, now = reading.session, reading.actor, reading.now
        staff = supervision.look(session, code, actor=actor, now=now)
        station = find_staffing(session, "station", staff.village, at=now)
        gaps = list_gaps(session, GapFilter(area=staff.village), actor=actor, limit=100)
        rules = installed().staffing
        posts = list_posts(session, PostFilter(area=staff.village), actor=actor, at=now, limit=200)
        return {
            "staff": staff,
            "places": range(max(PLACES, len(staff.supervisors))),
            "station": station,
            "people": [] if station is None else station.holders,
            "posts": [one for one in posts.items if one.place.startswith(staff.village)],
            "gaps": [
                _gap_row(gap, rules[gap.kind], may=may_appoint(actor))
                for gap in gaps.items
                if gap.kind in rules
            ],
            "businesses": [
                (one.id, one.name)
                for one in list_businesses(session, area=staff.village, limit=MOST_SHOPS).items
            ],
            "now": now,
        }

    values = {"key": new_key(), "problem": problem, "typed": request.form}
    return rendered("staffing/village.html", status, **seen(look), **values)
