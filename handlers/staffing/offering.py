"""Who inside a post is offered first: rules whoever fills the post sets, officers by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from handlers.staffing.appointing import require_filling
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import FormInvalid, NotFound
from storage.people.actors import Actor, list_names
from storage.people.posts import Post, get_staffing_of
from storage.places.matters import OTHER, find_matter
from storage.staffing.offering import (
    OFFER_KINDS,
    OfferKind,
    OfferRule,
    list_offer_rules,
    put_offer_rule,
)


@dataclass(frozen=True, slots=True)
class OfferShown:
    """One rule of a post with the names of its officers, in their order."""

    kind: OfferKind
    code: str
    officers: list[tuple[int, str]]


def shown_offers(session: Session, post: Post) -> list[OfferShown]:
    """List the rules of a post."""
    rules = list_offer_rules(session, [post.id])
    names = list_names(session, [one for rule in rules for one in rule.officers])
    return [
        OfferShown(rule.kind, rule.code, [(one, names[one]) for one in rule.officers])
        for rule in rules
    ]


def set_offer(
    session: Session,
    post: Post,
    kind: str,
    code: str,
    officers: Sequence[int],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Set in which order the officers of a post are offered tasks; none removes the rule.

    Raises:
        NotAllowed: the post is not for the actor to fill.
        NotFound: there is no such kind of rule.
        FormInvalid: no such matter or category, or an officer who does not hold the post.
    """
    require_filling(session, actor, post)
    found = next((known for known in OFFER_KINDS if known == kind), None)
    if found is None:
        message = "分派规则只按事项（matter）或主体类别（category）。"
        raise NotFound(message, code="offer_kind_unknown")
    if officers:
        _judge_code(session, found, code)
        _judge_officers(session, post, officers, now)
    rule = OfferRule(post.id, found, code, tuple(officers))
    put_offer_rule(session, rule, by=actor.id, at=now)


def _judge_code(session: Session, kind: OfferKind, code: str) -> None:
    if kind == "matter" and code != OTHER and find_matter(session, code) is None:
        message, english = f"事项清单里没有 {code}。", f"There is no matter {code}."
        raise FormInvalid.at("code", message, english=english)
    if kind == "category" and installed().categories.find(code) != code:
        message, english = f"没有主体类别 {code}。", f"There is no category {code}."
        raise FormInvalid.at("code", message, english=english)


def _judge_officers(session: Session, post: Post, officers: Sequence[int], now: datetime) -> None:
    if len(set(officers)) != len(officers):
        raise FormInvalid.at("officers", "同一个人只能排一次。")
    holders = get_staffing_of(session, post.id, at=now).holders
    own = {one.id for one in holders if one.stands_in_for is None and one.business_id is None}
    if not set(officers) <= own:
        message = f"只能排{post.title}的现任人员；食品主体不参加岗内分派。"
        english = "Only people who hold the post themselves; no business has a place in the order."
        raise FormInvalid.at("officers", message, english=english)
