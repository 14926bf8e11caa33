"""Quotas of video patrols: how far a unit is, what is proposed, and swaps (R32, R33)."""

from typing import Any, Final

import marshmallow as ma

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource, Takes
from api.http.shapes.fields import Written
from api.resources.video.shapes import VideoPatrolShown
from handlers.video.entering import swap as swap_kitchen
from handlers.video.reading import QuotaCard, get_card, list_progress
from storage.errors import NotAllowed
from storage.video.scope import sees_quotas

routes = Resource("quotas", "Quotas of video patrols: how many kitchens a unit owes each period.")

_ROW: Final = ma.validate.Range(1, 2**53)
_STATES: Final = ma.validate.OneOf(("open", "met", "met_late", "missed", "excused"))
_ON_LIST: Final = ma.validate.OneOf(("proposed", "swapped", "watched"))


class QuotaShown(ma.Schema):
    """A unit in a period; `count` are different businesses, late entries among them."""

    unit = ma.fields.String(attribute="rule.unit")
    name = ma.fields.String(attribute="rule.name_zh")
    period = ma.fields.String(attribute="rule.period")
    key = ma.fields.String(attribute="period_key", metadata={"example": "2026-03"})
    first_on = ma.fields.Date()
    after_on = ma.fields.Date()
    n = ma.fields.Integer()
    owed = ma.fields.Integer(metadata={"description": "n, or fewer where fewer can be watched"})
    population = ma.fields.Integer(allow_none=True)
    met = ma.fields.Integer(attribute="count")
    left = ma.fields.Integer()
    late = ma.fields.Integer()
    state = ma.fields.String(validate=_STATES)


class Quotas(ma.Schema):
    """Every unit in the period that runs."""

    items = ma.fields.List(ma.fields.Nested(QuotaShown))


class ProposedKitchen(ma.Schema):
    """A kitchen on the list of a period."""

    business = ma.fields.Integer()
    name = ma.fields.String()
    state = ma.fields.String(validate=_ON_LIST)
    reason = ma.fields.String(allow_none=True)


class QuotaCardShown(QuotaShown):
    """A period with what is proposed and what was watched."""

    proposed = ma.fields.List(ma.fields.Nested(ProposedKitchen))
    offline = ma.fields.List(ma.fields.String())
    entries = ma.fields.List(ma.fields.Nested(VideoPatrolShown))


class KitchenSwap(ma.Schema):
    """Which proposed kitchen is replaced, and why."""

    business = ma.fields.Integer(required=True, validate=_ROW)
    reason = ma.fields.String(required=True, validate=Written(1, 200))


class KitchenSwapped(ma.Schema):
    """The kitchen that is proposed instead."""

    business = ma.fields.Integer()


@routes.get("/quotas", needs=SIGNED_IN, gives=Gives(Quotas))
def search(ask: Ask) -> dict[str, Any]:
    """Show what units owe in the period that runs, and how far they are."""
    if not sees_quotas(ask.actor):
        message = "视频巡查任务只给承担任务的单位和市级看。"
        raise NotAllowed(message, code="quotas_not_yours", clause="R33")
    return {"items": list_progress(ask.session, actor=ask.actor, now=ask.now)}


@routes.get("/quotas/<unit>/<period>", needs=SIGNED_IN, gives=Gives(QuotaCardShown))
def read(ask: Ask, unit: str, period: str) -> dict[str, Any]:
    """Show one period of a unit: the list that was drawn, and every entry."""
    return _shown(get_card(ask.session, unit, period, actor=ask.actor, now=ask.now))


@routes.post(
    "/quotas/<unit>/<period>/swap",
    needs=SIGNED_IN,
    takes=Takes(KitchenSwap, example={"business": 1, "reason": "当日停业"}),
    gives=Gives(KitchenSwapped),
)
def swap(ask: Ask, unit: str, period: str) -> dict[str, int]:
    """Replace a proposed kitchen by the next in line; the reason is on file."""
    given = {"reason": ask.body["reason"], "actor": ask.actor, "now": ask.now}
    chosen = swap_kitchen(ask.session, unit, period, ask.body["business"], **given)
    data = {**ask.body, "instead": chosen}
    ask.keep_on_file("kitchen_swapped", "quota", f"{unit}:{period}", data)
    return {"business": chosen}


def _shown(card: QuotaCard) -> dict[str, Any]:
    names = ("rule", "period_key", "first_on", "after_on", "n", "owed", "population", "count")
    progress = {name: getattr(card.progress, name) for name in (*names, "left", "late", "state")}
    lists = {"proposed": card.proposed, "offline": card.offline, "entries": card.entries}
    return progress | lists
