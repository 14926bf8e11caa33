"""Many businesses at once, for files: found by what a row says, added, removed again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, insert, or_, select

from storage.database.session import Session
from storage.registry.businesses import Business, NewBusiness, columns_of
from storage.registry.names import NameKeys
from storage.tables import business, case_, officer, post, team_override

_FIELDS = tuple(business.c[field.name] for field in fields(Business))


class Alike:
    """The businesses some rows may be about, by what a row may recognise them by."""

    def __init__(self, known: Iterable[Business]) -> None:
        self._by_code: dict[str, Business] = {}
        self._by_licence: dict[str, Business] = {}
        self._by_name: dict[tuple[str, str], list[Business]] = {}
        for each in known:
            if each.credit_code is not None:
                self._by_code.setdefault(each.credit_code, each)
            if each.licence_number is not None:
                self._by_licence.setdefault(each.licence_number, each)
            self._by_name.setdefault((each.name, each.area_code), []).append(each)

    def find(self, value: dict[str, Any]) -> list[Business]:
        """Find the business of a row; more than one when its numbers are of different ones."""
        by_number = (
            self._by_code.get(value["credit_code"] or ""),
            self._by_licence.get(value["licence_number"] or ""),
        )
        found = {each.id: each for each in by_number if each is not None}
        if found:
            return list(found.values())
        # Two credit codes are two businesses, whatever they are called.
        fits = (
            each for each in self.named(value) if None in {each.credit_code, value["credit_code"]}
        )
        return [each for each in (next(fits, None),) if each is not None]

    def named(self, value: dict[str, Any]) -> list[Business]:
        """List the businesses of the same name in the same area."""
        return self._by_name.get((value["name"], value["area_code"]), [])


def list_alike(session: Session, values: Sequence[dict[str, Any]]) -> Alike:
    """Read the businesses that rows may be about, in one statement, locked against changes."""
    codes = {value["credit_code"] for value in values} - {None}
    licences = {value["licence_number"] for value in values} - {None}
    question = select(*_FIELDS).where(
        business.c.merged_into.is_(None),
        or_(
            business.c.credit_code.in_(codes),
            business.c.licence_number.in_(licences),
            # The area is compared afterwards: by areas a whole city would be read for a few rows.
            business.c.name.in_({value["name"] for value in values}),
        ),
    )
    rows = session.execute(question.order_by(business.c.id))
    return Alike(Business(*row) for row in rows)


def add_businesses(
    session: Session, new: Sequence[NewBusiness], *, keys: NameKeys, origin: str, at: datetime
) -> list[int]:
    """Add businesses with the source of their fields; return their ids in the same order."""
    if not new:
        return []
    values = [
        {
            **columns_of(each),
            "version": 1,
            "created_at": at,
            "updated_at": at,
            "name_key": keys.key(each.name),
            "origins": origins_of(asdict(each), origin),
        }
        for each in new
    ]
    statement = insert(business).returning(business.c.id, sort_by_parameter_order=True)
    return [row.id for row in session.execute(statement, values)]


def origins_of(values: Mapping[str, Any], origin: str) -> dict[str, str]:
    """Return the source of every field that has a value."""
    return {name: origin for name, value in values.items() if value not in (None, [], "")}


def is_used(session: Session, business_id: int) -> bool:
    """Whether a case or an account refers to a business."""
    question = select(
        or_(
            exists().where(case_.c.business_id == business_id),
            exists().where(officer.c.business_id == business_id),
            exists().where(team_override.c.business_id == business_id),
            exists().where(post.c.role == "business", post.c.place == str(business_id)),
        )
    )
    return bool(session.execute(question).scalar())


def remove_business(session: Session, business_id: int) -> None:
    """Remove a business as if it had never been there."""
    session.execute(delete(business).where(business.c.id == business_id))
