"""人员空缺：谁缺几个人，从何时起；变动当时即查，夜里全查（R18）。"""

from collections.abc import Iterable
from datetime import datetime

from storage.city.rules import installed
from storage.database.session import Session
from storage.people.posts import role_of
from storage.staffing.gaps import check_places
from storage.staffing.holdings import list_holdings
from storage.staffing.rules import SUPERVISORS, StaffingRule
from storage.staffing.supervisions import list_villages_of


def rule_of_villages() -> StaffingRule | None:
    """每村监管人员的规则；城市不要求时没有。"""
    return installed().staffing.get(SUPERVISORS)


def check_posts(session: Session, post_ids: Iterable[str], *, at: datetime) -> None:
    """岗位变动后，查其所在的地点。"""
    posts = list(post_ids)
    for rule in installed().staffing.values():
        if rule.kind == SUPERVISORS:
            continue
        places = {post_id.partition(":")[2] for post_id in posts if role_of(post_id) == rule.role}
        if places:
            check_places(session, rule, at=at, places=places)


def check_person(session: Session, officer_id: int, *, at: datetime) -> None:
    """一个人的账号或任职变动后，查其岗位和所监管的村。"""
    held = list_holdings(session, officer_ids=[officer_id], overlapping=(at, None))
    check_posts(session, [holding.post_id for holding in held], at=at)
    check_villages(session, list_villages_of(session, officer_id, at=at), at=at)


def check_villages(
    session: Session, villages: Iterable[str], *, at: datetime, reason: str | None = None
) -> None:
    """监管人员变动后，查这些村。"""
    rule, places = rule_of_villages(), set(villages)
    if rule is not None and places:
        check_places(session, rule, at=at, places=places, reason=reason)


def check_all(session: Session, *, at: datetime) -> int:
    """夜间检查：全部地点；返回变化的数目。"""
    return sum(check_places(session, rule, at=at) for rule in installed().staffing.values())
