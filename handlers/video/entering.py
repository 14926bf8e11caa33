"""Who enters for which unit, and swaps of proposed kitchens."""

from datetime import datetime

from handlers.video.proposing import in_line, is_online
from storage.database.session import Session
from storage.errors import FormInvalid, NotAllowed, NotFound, Refused
from storage.people.actors import Actor
from storage.video.kitchens import list_kitchens
from storage.video.patrols import list_watched
from storage.video.quota_periods import QuotaPeriod, find_period, keep_proposed
from storage.video.rules import QUOTAS
from storage.video.scope import units_of


def units_to_enter(actor: Actor) -> list[str]:
    """Return the units an actor enters for: their own, and those they type for (R35)."""
    return [
        unit
        for unit, rule in QUOTAS.items()
        if unit in actor.roles or rule.entered_by in actor.roles
    ]


def unit_for(actor: Actor, given: str | None) -> str:
    """Return the unit that watched; who types for several says which.

    Raises:
        NotAllowed: the actor enters for no unit, or not for this one.
        FormInvalid: the unit is missing, or it owes nothing.
    """
    possible = units_to_enter(actor)
    if not possible:
        message = "您的岗位不录入视频巡查。"
        raise NotAllowed(message, code="not_a_watching_unit", clause="R35")
    if given is None and len(possible) > 1:
        message = "请写明是哪个单位看的：谁看的算谁的，不看谁录的。"
        raise FormInvalid.at("unit", message, code="unit_required", clause="R35")
    unit = given or possible[0]
    if unit not in QUOTAS:
        message = "这个单位没有视频巡查任务，请选择任务表里的单位。"
        raise FormInvalid.at("unit", message, code="unit_without_quota", clause="R33")
    if unit not in possible:
        message = "您不能代这个单位录入。"
        raise NotAllowed(message, code="not_your_unit", clause="R35")
    return unit


def swap(
    session: Session,
    unit: str,
    key: str,
    business_id: int,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> int:
    """Replace a proposed kitchen by the next in line of the same seed; return the new one.

    Raises:
        NotAllowed: it is not the quota of the actor's unit.
        NotFound: there is no such period.
        Refused: the period is over, the kitchen is not proposed or was watched, or none is left.
    """
    if unit not in units_of(actor):
        message = "只有承担任务的单位可以换。"
        raise NotAllowed(message, code="not_your_unit", clause="R33")
    period = find_period(session, unit, key, lock=True)
    if period is None:
        raise no_such_period()
    _require_open(period, business_id)
    watched = list_watched(session, unit, key)
    if business_id in watched:
        message = "这家已经看过，不用换。"
        raise Refused(message, code="already_watched")
    listed = {int(entry["business"]) for entry in period.proposed}
    kitchens = [kitchen for kitchen in list_kitchens(session) if is_online(kitchen, now)]
    line = in_line(period.seed, kitchens, now)
    chosen = next((each for each in line if each.id not in listed | watched), None)
    if chosen is None:
        message = "没有别的后厨可以换。"
        raise Refused(message, code="no_other_kitchen")
    swapped = {"state": "swapped", "reason": reason, "by": actor.id, "at": now.isoformat()}
    kept = [
        entry | swapped if entry["business"] == business_id else entry for entry in period.proposed
    ]
    keep_proposed(session, period.id, [*kept, chosen.entry()])
    return chosen.id


def no_such_period() -> NotFound:
    """Return the refusal of a period that is not there, or is not the actor's to see."""
    message = "没有这一期视频巡查任务，或者您无权查看。"
    return NotFound(message, code="quota_not_found")


def _require_open(period: QuotaPeriod, business_id: int) -> None:
    if period.closed_at is not None:
        message = "这一期已经结束，不能再换。"
        raise Refused(message, code="period_locked", clause="R33")
    proposed = {entry["business"] for entry in period.proposed if entry["state"] == "proposed"}
    if business_id not in proposed:
        message = "名单里没有这家，或者已经换过。"
        raise Refused(message, code="not_proposed")
