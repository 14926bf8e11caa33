"""Quotas: a card for each unit, its year, one period with its list, and swaps."""

from datetime import date, timedelta
from typing import Any

from flask import redirect, request, url_for

from engine.reads.reading import Reading
from handlers.kitchens.camera_keeping import areas_for
from handlers.video.entering import units_to_enter
from handlers.video.reading import (
    QuotaOfYear,
    QuotaProgress,
    get_card,
    last_day_of,
    list_progress,
    year_of,
)
from storage.errors import NotAllowed
from storage.kitchens.cameras import list_cameras
from storage.moments import in_china
from storage.video.patrols import count_by_day
from storage.video.scope import sees_quotas, units_of
from web.frame import sessions
from web.frame.answers import new_key, posted_key, problem_page, rendered
from web.frame.fields import id_of
from web.frame.language import t
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import write
from web.pages.video import words
from web.pages.video.patrols import row_of

_SEVEN = 7


@site.get("/video")
@sessions.signed_in
def video_quotas() -> Any:
    """How far every unit is, and its year."""
    return rendered("video/quotas.html", **seen(_quotas))


@site.get("/video/<unit>/<key>")
@sessions.signed_in
def video_period(unit: str, key: str) -> Any:
    """One period: the list to watch, and what was watched."""
    return rendered("video/period.html", **seen(lambda reading: _period(reading, unit, key)))


@site.post("/video/<unit>/<key>/swap")
@sessions.signed_in
def swap_kitchen(unit: str, key: str) -> Any:
    """Replace a kitchen of the list by the next in line."""
    body = {
        "business": id_of(request.form.get("business", "")) or 0,
        "reason": request.form.get("reason", "").strip(),
    }
    answer = write("quotas.swap", {"unit": unit, "period": key}, body, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.video_period", unit=unit, key=key), code=303)


def _quotas(reading: Reading) -> dict[str, Any]:
    session, actor = reading.session, reading.actor
    if not sees_quotas(actor):
        message = "视频巡查任务只给承担任务的单位和市级看。"
        english = "Quotas are shown to the units that owe them and to the city bureau."
        raise NotAllowed(message, code="quotas_not_yours", clause="R33", english=english)
    today = in_china(reading.now).date()
    enters = units_to_enter(actor)
    cards = []
    for progress in list_progress(session, actor=actor, now=reading.now):
        unit = progress.rule.unit
        year = _from_the_first(year_of(session, unit, today.year), progress)
        cards.append(
            {
                **_shown(progress),
                "enters": unit in enters,
                "year": [_of_year(one, progress) for one in year],
                "weeks": _month(count_by_day(session, unit, **_month_of(today)), today),
            }
        )
    return {"cards": cards, "year": today.year, "month": t(f"{today.month} 月", f"{today:%B}")}


def _period(reading: Reading, unit: str, key: str) -> dict[str, Any]:
    session, actor = reading.session, reading.actor
    card = get_card(session, unit, key, actor=actor, now=reading.now)
    within = areas_for(session, actor)
    live: dict[int, int] = {}
    for kitchen in card.proposed:
        cameras = list_cameras(session, within=within, business_id=kitchen.business).items
        live |= {one.business_id: one.id for one in cameras if one.is_active and one.kind == "live"}
    return {
        "card": _shown(card.progress),
        "proposed": [
            {"kitchen": kitchen, "camera": live.get(kitchen.business), "key": new_key()}
            for kitchen in card.proposed
        ],
        "offline": [name for name in card.offline if name],
        "entries": [row_of(entry, actor) for entry in card.entries],
        "enters": unit in units_to_enter(actor),
        "swaps": unit in units_of(actor) and card.progress.state == "open",
        "items": words.items(),
    }


def _shown(progress: QuotaProgress) -> dict[str, Any]:
    kind, drawn, state = words.states()[progress.state]
    last = last_day_of(progress)
    return {
        "unit": progress.rule.unit,
        "name": words.name_of(progress.rule),
        "key": progress.period_key,
        "days": f"{progress.first_on:%m-%d} – {last:%m-%d}",
        "progress": progress,
        "circles": [number < progress.count for number in range(progress.owed)],
        "kind": kind,
        "icon": drawn,
        "state": state,
        "is_short": progress.population is not None and progress.owed < progress.n,
    }


def _from_the_first(periods: list[QuotaOfYear], running: QuotaProgress) -> list[QuotaOfYear]:
    """A year begins with its first period on file, at the latest with the one that runs."""
    begun = [one.first_on for one in periods if one.progress is not None]
    first = min([*begun, running.first_on])
    return [one for one in periods if one.first_on >= first]


def _of_year(period: QuotaOfYear, running: QuotaProgress) -> dict[str, Any]:
    """A period in the strip of a year: what came of it, or that it is still to come."""
    known = running if period.period_key == running.period_key else period.progress
    return {
        "name": words.period(period.period_key, period.first_on),
        "card": None if known is None else _shown(known),
        "is_to_come": known is None and period.first_on > running.first_on,
    }


def _month_of(day: date) -> dict[str, date]:
    first = day.replace(day=1)
    return {"first": first, "after": (first + timedelta(days=31)).replace(day=1)}


def _month(counts: dict[date, int], today: date) -> list[list[dict[str, Any] | None]]:
    """The weeks of the month of a day, Monday to Sunday; None outside the month."""
    bounds = _month_of(today)
    day = bounds["first"] - timedelta(days=bounds["first"].weekday())
    weeks: list[list[dict[str, Any] | None]] = []
    while day < bounds["after"]:
        week = [day + timedelta(days=place) for place in range(_SEVEN)]
        weeks.append(
            [
                {"day": one, "count": counts.get(one, 0), "is_today": one == today}
                if bounds["first"] <= one < bounds["after"]
                else None
                for one in week
            ]
        )
        day += timedelta(days=_SEVEN)
    return weeks
