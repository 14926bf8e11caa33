"""Who inside a post is offered a task first, by matter or by category of business."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final, Literal

from sqlalchemy import delete, insert, select

from storage.cases.inboxes.lists import ListedTask
from storage.database.session import Session
from storage.registry.businesses import categories_of
from storage.tables import assignment_rule

OfferKind = Literal["matter", "category"]
HoldersOf = Callable[[Iterable[str]], Mapping[str, Collection[int]]]
"""Who holds these posts now and is there."""
OFFER_KINDS: Final[tuple[OfferKind, ...]] = ("matter", "category")


@dataclass(frozen=True, slots=True)
class OfferRule:
    """The officers of a post in the order they are offered tasks of a matter or a category."""

    post_id: str
    kind: OfferKind
    code: str
    officers: tuple[int, ...]

    def fits(self, matter: str | None, category: str | None) -> bool:
        """Return whether a case is of this matter, or its business of this category."""
        if self.kind == "matter":
            return self.code == matter
        return category is not None and f"{category}.".startswith(f"{self.code}.")


def list_offer_rules(session: Session, post_ids: Iterable[str]) -> list[OfferRule]:
    """List the rules of posts; matters come before categories, narrow ones before wide ones."""
    table = assignment_rule.c
    rows = session.execute(
        select(table.post_id, table.kind, table.code, table.officer_id)
        .where(table.post_id.in_(sorted(set(post_ids))))
        .order_by(table.post_id, table.kind.desc(), table.code.desc(), table.position)
    )
    return [
        OfferRule(*key, tuple(row.officer_id for row in group))
        for key, group in groupby(rows, key=lambda row: (row.post_id, row.kind, row.code))
    ]


def first_present(
    rules: Sequence[OfferRule],
    *,
    matter: str | None,
    category: str | None,
    present: Collection[int],
) -> tuple[OfferRule, int, tuple[int, ...]] | None:
    """Return the rule that fits first, whom it offers the task, and the absent passed over."""
    for rule in rules:
        if rule.fits(matter, category):
            passed: list[int] = []
            for officer in rule.officers:
                if officer in present:
                    return rule, officer, tuple(passed)
                passed.append(officer)
    return None


def put_offer_rule(session: Session, rule: OfferRule, *, by: int, at: datetime) -> None:
    """Write a rule in place of the one that is there; without officers it is removed."""
    table = assignment_rule.c
    same = (table.post_id == rule.post_id, table.kind == rule.kind, table.code == rule.code)
    session.execute(delete(assignment_rule).where(*same))
    values = [
        {
            "post_id": rule.post_id,
            "kind": rule.kind,
            "code": rule.code,
            "position": position,
            "officer_id": officer,
            "set_by": by,
            "set_at": at,
        }
        for position, officer in enumerate(rule.officers, start=1)
    ]
    if values:
        session.execute(insert(assignment_rule), values)


@dataclass(frozen=True, slots=True)
class Offer:
    """Who is asked first; every other holder of the post may still take the task."""

    officer_id: int
    kind: str
    code: str
    passed_over: tuple[int, ...]
    """Who would have been asked before, and is away or no longer in the post."""

    def as_why(self) -> dict[str, Any]:
        """Return it as a part of how a task came to its reader."""
        return {
            "offered_first": {
                "officer": self.officer_id,
                "by": self.kind,
                "code": self.code,
                "passed_over": list(self.passed_over),
            }
        }


def offers_of(
    session: Session, listed: Sequence[ListedTask], holders: HoldersOf
) -> dict[str, Offer]:
    """Whom the open tasks nobody has taken are offered first, by key of the task."""
    waiting = [one for one in listed if one.task.state == "open" and one.task.officer_id is None]
    posts = {one.task.post_id for one in waiting if one.task.post_id}
    rules = list_offer_rules(session, posts) if posts else []
    if not rules:
        return {}
    present = holders({rule.post_id for rule in rules})
    categories = _categories(session, rules, waiting)
    found = {}
    for one in waiting:
        offer = _offer(one, rules, categories, present.get(one.task.post_id or "", ()))
        if offer is not None:
            found[one.task.key] = offer
    return found


def _categories(
    session: Session, rules: Sequence[OfferRule], waiting: Sequence[ListedTask]
) -> dict[int, str]:
    ids = {one.business_id for one in waiting if one.business_id is not None}
    asks = any(rule.kind == "category" for rule in rules)
    return categories_of(session, ids) if asks and ids else {}


def _offer(
    one: ListedTask,
    rules: Sequence[OfferRule],
    categories: dict[int, str],
    present: Collection[int],
) -> Offer | None:
    found = first_present(
        [rule for rule in rules if rule.post_id == one.task.post_id],
        matter=one.matter,
        category=categories.get(one.business_id or 0),
        present=present,
    )
    if found is None:
        return None
    rule, officer, passed = found
    return Offer(officer, rule.kind, rule.code, passed)
