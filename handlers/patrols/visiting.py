"""One visit: two taps without a problem; a problem is a case, and the visit is on file with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from handlers.patrols.checklist import version_of
from handlers.patrols.rounds import checklist_for, require_rounds
from storage.cases.attachments import list_attachments
from storage.cases.cases import get_case
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import FormInvalid, NotAllowed, Refused
from storage.patrols.patrols import (
    NewPatrol,
    Patrol,
    add_patrol,
    get_patrol,
    withdraw_patrol,
)
from storage.patrols.rounds import Shop, find_shop
from storage.people.actors import Actor
from storage.people.posts import Post
from storage.people.roles import ROLES
from storage.places.matters import Matter
from storage.places.positions import Position, metres_between, position_of

FROM_ROUNDS: Final = ("grid_patrol", "department_patrol")
"""Sources of a case that was found by going there."""

_AHEAD: Final = timedelta(hours=25)
"""A phone may be a day ahead; what is dated later was not visited yet."""

_BEHIND: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A visit on file, and what is asked or offered because of it."""

    patrol: Patrol
    is_far: bool
    is_offered_as_ceased: bool


def record_visit(
    session: Session,
    body: Mapping[str, Any],
    matters: Sequence[Matter],
    *,
    actor: Actor,
    now: datetime,
) -> Recorded:
    """Put a visit without a problem, or to a closed door, on file.

    Raises:
        FormInvalid: the shop is not of the actor's areas, or the visit is still to come.
        NotAllowed: the actor goes on no rounds, or it is the actor's own shop.
    """
    require_rounds(actor)
    shop = _shop(session, body["business"], actor)
    visited_at = _visited_at(body.get("taken_at"), now)
    at = position_of(body.get("position"))
    distance = _distance(at, shop)
    lines = checklist_for(session, matters, shop, now=now)
    patrol_id = add_patrol(
        session,
        NewPatrol(
            business_id=shop.id,
            area_code=shop.area_code,
            officer_id=actor.id,
            post_id=_post_for(actor, shop.area_code).id,
            result=body["result"],
            visited_at=visited_at,
            received_at=now,
            taken_at=body.get("taken_at"),
            lat=None if at is None else at.lat,
            lon=None if at is None else at.lon,
            distance=distance,
            looked_at=[matter.code for matter in lines] if body["result"] == "none" else [],
            list_version=version_of(matters),
            remark=body.get("remark") or None,
        ),
    )
    doors = shop.closed_doors + 1 if body["result"] == "closed_door" else 0
    return Recorded(
        get_patrol(session, patrol_id, actor=actor),
        is_far=is_far(distance),
        is_offered_as_ceased=doors >= installed().thresholds.closed_doors,
    )


def may_withdraw(visit: Patrol, *, actor: Actor, now: datetime) -> bool:
    """Whether somebody may take a visit back: their own, just recorded, without a case."""
    minutes = timedelta(minutes=installed().thresholds.withdraw_visit_minutes)
    is_open = visit.case_id is None and visit.withdrawn_at is None
    return is_open and visit.officer_id == actor.id and now <= visit.received_at + minutes


def withdraw_visit(session: Session, patrol_id: int, *, actor: Actor, now: datetime) -> Patrol:
    """Take back a visit recorded by mistake; it stays on file and counts nowhere.

    Raises:
        NotFound: there is no such visit, or not for the actor.
        NotAllowed: somebody else recorded it.
        Refused: it has a case, was taken back, or the city's minutes are over.
    """
    visit = get_patrol(session, patrol_id, actor=actor)
    if visit.officer_id != actor.id:
        message = "只有记下这次巡查的人可以撤回。"
        raise NotAllowed(message, code="not_your_visit", clause="R37")
    if not may_withdraw(visit, actor=actor, now=now):
        minutes = installed().thresholds.withdraw_visit_minutes
        message = f"这次巡查已经不能撤回：记下 {minutes} 分钟内、没有立案的才可以撤回一次。"
        raise Refused(message, code="visit_stands", clause="R37")
    withdraw_patrol(session, visit.id, at=now)
    return get_patrol(session, visit.id, actor=actor)


def record_found(
    session: Session, case_id: int, matters: Sequence[Matter], *, actor: Actor, now: datetime
) -> None:
    """Put the visit on file that a case comes from; what names no shop is none of a round.

    The visit began with its first photo.
    """
    case = get_case(session, case_id)
    if case.business_id is None or case.source not in FROM_ROUNDS or case.collector_post is None:
        return
    photos = list_attachments(session, case_id)
    taken = [photo.taken_at for photo in photos if photo.taken_at is not None]
    at = position_of(case.location)
    shop = find_shop(session, case.business_id)
    first = min((moment for moment in taken if now - _BEHIND <= moment <= now), default=None)
    add_patrol(
        session,
        NewPatrol(
            business_id=case.business_id,
            area_code=case.area_code,
            officer_id=actor.id,
            post_id=case.collector_post,
            result="problems",
            visited_at=first or now,
            received_at=now,
            taken_at=first,
            lat=None if at is None else at.lat,
            lon=None if at is None else at.lon,
            distance=None if shop is None else _distance(at, shop),
            looked_at=[] if case.matter is None else [case.matter],
            list_version=version_of(matters),
            photos=[photo.id for photo in photos],
            case_id=case_id,
        ),
    )


def is_far(distance: int | None) -> bool:
    """Whether a visit, so many metres from its shop, is asked about."""
    return distance is not None and distance > installed().thresholds.far_metres


def _shop(session: Session, business_id: int, actor: Actor) -> Shop:
    shop = find_shop(session, business_id)
    if shop is None or not shop.area_code.startswith(actor.prefixes or ("-",)):
        raise FormInvalid.at("business", "您的辖区里没有这个食品主体，请核对。", clause="R37")
    if actor.business_id == shop.id:
        message = "不能巡查自己的店；请由同网格的其他人巡查。"
        raise NotAllowed(message, code="own_business", clause="R54")
    return shop


def _post_for(actor: Actor, area: str) -> Post:
    """The post the visit is made in: the lowest that collects, the closest one of these."""
    posts = [post for post in actor.posts if ROLES[post.role].collects]
    return min(posts, key=lambda post: (not area.startswith(post.place), post.rank, post.id))


def _visited_at(taken_at: datetime | None, now: datetime) -> datetime:
    """The clock of the phone where it can be right, else that of the server; both are kept."""
    if taken_at is None:
        return now
    if taken_at > now + _AHEAD:
        raise FormInvalid.at("taken_at", "巡查时间在今天之后；巡查过了再记录。")
    if taken_at < now - _BEHIND:
        raise FormInvalid.at("taken_at", "巡查时间在三十天以前，不能再补记。")
    return min(taken_at, now)


def _distance(at: Position | None, shop: Shop) -> int | None:
    stands = shop.position
    return None if at is None or stands is None else round(metres_between(at, stands))
