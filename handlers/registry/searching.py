"""Which businesses somebody searches: theirs, by what was asked."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from handlers.registry.keeping import KEEPER
from storage.moments import in_china, start_of
from storage.people.actors import Actor
from storage.people.roles import ROLES
from storage.registry.businesses import BusinessFilter

_LONGER_THAN_A_MONTH: Final = timedelta(days=31)


def filter_of(actor: Actor, asked: Mapping[str, Any], *, now: datetime) -> BusinessFilter:
    """Make the filter of a search; the areas are those of the actor in the area asked for."""
    area = str(asked.get("area") or "")
    areas = areas_within(actor, area)
    is_here = bool(asked.get("here"))
    return BusinessFilter(
        areas=[area] * (areas == [area]) if is_here else areas,
        is_here=is_here,
        bright=asked.get("bright"),
        open_for=actor if asked.get("open_cases") else None,
        box=asked.get("bbox"),
        category=asked.get("category") or None,
        status=asked.get("status") or None,
        flag=asked.get("flag") or None,
        q=asked.get("q") or None,
        in_post_at=now if asked.get("in_post") else None,
        credential_ends_by=_day_in(asked.get("credential_expiring"), now=now),
        lacks=asked.get("lacks") or None,
        on=in_china(now).date(),
        changed=_month(str(asked.get("changed") or "")),
        change=asked.get("change") or None,
    )


def areas_within(actor: Actor, area: str) -> list[str] | None:
    """The areas of an actor that lie in an area, or the area itself in theirs; None is everywhere.

    Who is asked about cases finds the businesses where the post stands, also without seeing every
    case there; a business finds those of no area, but itself by its number.
    """
    if KEEPER in actor.roles:
        return [area] if area else None
    asked = (post.place for post in actor.posts if ROLES[post.role].is_asked)
    prefixes = actor.prefixes or tuple(asked)
    if prefixes and area.startswith(prefixes):
        return [area]
    return [prefix for prefix in prefixes if prefix.startswith(area)]


def _day_in(days: int | None, *, now: datetime) -> date | None:
    return None if days is None else in_china(now).date() + timedelta(days=int(days))


def _month(text: str) -> tuple[datetime, datetime] | None:
    if not text:
        return None
    first = date.fromisoformat(f"{text}-01")
    after = (first + _LONGER_THAN_A_MONTH).replace(day=1)
    return start_of(first), start_of(after)
