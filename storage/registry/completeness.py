"""How complete the registry of some areas is, and what changed in it in a month (R13)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select

from storage.database.session import Session
from storage.moments import in_china, start_of
from storage.people.scope import under_areas
from storage.registry.credentials import ends_between
from storage.tables import (
    business,
    business_change,
    case_,
    import_batch,
    review_item,
    task,
)

EXPIRING_WITHIN: Final = timedelta(days=30)
_CEASED: Final = ("suspected_ceased", "ceased")
_KINDS: Final = ("added", "changed", "ceased", "deregistered")
_CONTACT: Final = "contact_operator"


@dataclass(frozen=True, slots=True)
class Completeness:
    """The figures of one month; each counts businesses but the last two."""

    month: str
    businesses: int
    statuses: dict[str, int]
    added: int
    changed: int
    ceased: int
    deregistered: int
    unplaced: int
    no_phone: int
    expired: int
    expiring: int
    ceased_without_contact: int
    reviews: dict[str, int]
    """Open questions by kind."""
    last_imports: dict[str, datetime]
    """When a list of each source was applied last, whatever areas it covered."""


def measure(
    session: Session, prefixes: Sequence[str] | None, *, month: date, now: datetime
) -> Completeness:
    """Measure the registry below some area codes, the whole of it for None."""
    here = _below(prefixes)
    statuses = _statuses(session, here)
    changes = _changes(session, here, month)
    lacking = _lacking(session, here, in_china(now).date())
    return Completeness(
        month=f"{month:%Y-%m}",
        businesses=sum(statuses.values()),
        statuses=statuses,
        reviews=_reviews(session, here),
        last_imports=_last_imports(session),
        **changes,
        **lacking,
    )


def is_refreshed(
    session: Session, prefixes: Sequence[str] | None, *, since: datetime, until: datetime
) -> bool:
    """Whether a list was applied, or a business of these areas changed, in a span of time."""
    applied = select(import_batch.c.id).where(
        import_batch.c.kind == "businesses",
        import_batch.c.state == "applied",
        import_batch.c.applied_at >= since,
        import_batch.c.applied_at < until,
    )
    changed = (
        select(business_change.c.id)
        .join(business, business.c.id == business_change.c.business_id)
        .where(_below(prefixes), business_change.c.at >= since, business_change.c.at < until)
    )
    return any(session.execute(one.limit(1)).first() is not None for one in (applied, changed))


def month_after(month: date) -> date:
    """Return the first day of the next month."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def lacks(what: str, *, on: date) -> ColumnElement[bool]:
    """Return the condition behind a figure of what is lacking, for the list it opens."""
    return _CONDITIONS[what](on)


def change_of(kind: str) -> ColumnElement[bool]:
    """Return the condition behind a figure of what changed, for the list it opens."""
    field, after = business_change.c.field, business_change.c.after
    is_status = field == "status"
    kinds = {
        "added": field == "created",
        "changed": and_(field != "created", not_(is_status)),
        "ceased": and_(is_status, or_(*(after == word for word in _CEASED))),
        "deregistered": and_(is_status, after == "deregistered"),
    }
    return kinds[kind]


def stands_nowhere() -> ColumnElement[bool]:
    """Return the condition of a business that trades and has no position on the map."""
    return and_(_trades(), business.c.lat.is_(None))


def _without_contact() -> ColumnElement[bool]:
    spoken = (
        exists()
        .where(
            case_.c.id == task.c.case_id,
            case_.c.business_id == business.c.id,
            task.c.task_id == _CONTACT,
            task.c.state == "completed",
        )
        .correlate(business)
    )
    return and_(business.c.status.in_(_CEASED), not_(spoken))


def _trades() -> ColumnElement[bool]:
    return business.c.status == "operating"


_CONDITIONS: Final[Mapping[str, Callable[[date], ColumnElement[bool]]]] = {
    "unplaced": lambda _on: stands_nowhere(),
    "no_phone": lambda _on: and_(
        _trades(), or_(business.c.phone.is_(None), business.c.phone == "")
    ),
    "expired": lambda on: and_(_trades(), ends_between(None, on - timedelta(days=1))),
    "expiring": lambda on: and_(_trades(), ends_between(on, on + EXPIRING_WITHIN)),
    "ceased_without_contact": lambda _on: _without_contact(),
}
LACKING: Final = tuple(_CONDITIONS)


def _below(prefixes: Sequence[str] | None) -> ColumnElement[bool]:
    of_one = business.c.merged_into.is_(None)
    if prefixes is None:
        return of_one
    return and_(of_one, under_areas(business.c.area_code, prefixes))


def _statuses(session: Session, here: ColumnElement[bool]) -> dict[str, int]:
    question = select(business.c.status, func.count()).where(here).group_by(business.c.status)
    return {row[0]: row[1] for row in session.execute(question)}


def _lacking(session: Session, here: ColumnElement[bool], on: date) -> dict[str, int]:
    counted = [func.count().filter(lacks(name, on=on)).label(name) for name in LACKING]
    row = session.execute(select(*counted).select_from(business).where(here)).one()
    return dict(zip(LACKING, row, strict=True))


def _changes(session: Session, here: ColumnElement[bool], month: date) -> dict[str, int]:
    one = business_change.c.business_id
    counted = [func.count(one.distinct()).filter(change_of(name)).label(name) for name in _KINDS]
    question = (
        select(*counted)
        .join(business, business.c.id == one)
        .where(
            here,
            business_change.c.at >= start_of(month),
            business_change.c.at < start_of(month_after(month)),
        )
    )
    return dict(zip(_KINDS, session.execute(question).one(), strict=True))


def _reviews(session: Session, here: ColumnElement[bool]) -> dict[str, int]:
    question = (
        select(review_item.c.kind, func.count())
        .join(business, business.c.id == review_item.c.business_id)
        .where(here, review_item.c.state == "open")
        .group_by(review_item.c.kind)
    )
    return {row[0]: row[1] for row in session.execute(question)}


def _last_imports(session: Session) -> dict[str, datetime]:
    question = (
        select(import_batch.c.source, func.max(import_batch.c.applied_at))
        .where(import_batch.c.kind == "businesses", import_batch.c.state == "applied")
        .group_by(import_batch.c.source)
    )
    return {row[0] or "licence": row[1] for row in session.execute(question)}
