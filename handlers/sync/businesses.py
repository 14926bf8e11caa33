"""主体归并：which business of the registry a visit was at; an unknown one enters it (R29).

The ladder is that of the registry: credit code, licence number, what the same platform said
before, then the whole name within the area. A new one has the source `sync` and waits for a keeper
when nobody knows where it stands.
"""

import hashlib
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from handlers.sync.mapping import UnreadableError
from handlers.sync.protocol import ReportedVisit
from storage.city.rules import installed
from storage.database.session import Session
from storage.errors import NotFound
from storage.moments import in_china
from storage.numbers import is_credit_code
from storage.places.areas import find_area, significant_code
from storage.places.levels import CODE_LENGTHS, AreaLevel
from storage.registry import evidence, likeness, many, names, placing, reviews
from storage.registry.businesses import Business, NewBusiness, get_business
from storage.registry.evidence import BusinessChange, BusinessSource

SYNC: Final = "sync"


def business_of(
    session: Session, visit: ReportedVisit, *, source: str, category: str, now: datetime
) -> Business:
    """找到主体，没有的登记。

    Raises:
        UnreadableError: it is unknown and nobody can say in which town it stands.
    """
    given = _named(session, visit, now)
    key = _key(source, visit)
    return _known(session, given, key) or _added(session, visit, given, key, category, now)


def _named(session: Session, visit: ReportedVisit, now: datetime) -> dict[str, Any]:
    code = (visit.credit_code or "").upper()
    return {
        "name": visit.business_name,
        "credit_code": code if is_credit_code(code) else None,
        "licence_number": visit.licence_number,
        "area_code": _place(session, visit.area_code, now),
    }


def _key(source: str, visit: ReportedVisit) -> tuple[str, str]:
    """The name of a business over there, where it has no code: its name and its place."""
    text = visit.credit_code or visit.licence_number
    if not text:
        told = f"{visit.business_name}\n{visit.area_code}\n{visit.address}"
        text = hashlib.sha256(told.encode()).hexdigest()[:24]
    return SYNC, f"{source}:{text}"


def _known(session: Session, given: dict[str, Any], key: tuple[str, str]) -> Business | None:
    found = many.list_alike(session, [given]).find(given)
    if len(found) > 1:
        # Two numbers of two businesses: the credit code is the one that is never given twice.
        found = [one for one in found if one.credit_code == given["credit_code"]]
    if found:
        return _whole(session, found[0])
    said = evidence.find_sources(session, [key]).get(key)
    return None if said is None else _whole(session, get_business(session, said.business_id))


def _whole(session: Session, business: Business) -> Business:
    """The business a merged one answers through."""
    while business.merged_into is not None:
        business = get_business(session, business.merged_into)
    return business


def _added(
    session: Session,
    visit: ReportedVisit,
    given: dict[str, Any],
    key: tuple[str, str],
    category: str,
    now: datetime,
) -> Business:
    on = in_china(now).date()
    if not given["area_code"]:
        message = (
            f"不知道“{visit.business_name}”在哪个乡镇：“{visit.area_code or ''}”不是现有的区划代码"
        )
        raise UnreadableError("unknown_area", message)
    new = NewBusiness(
        name=visit.business_name,
        category=category,
        area_code=given["area_code"],
        credit_code=given["credit_code"],
        licence_number=visit.licence_number,
        address=visit.address,
    )
    keys = names.keys_of_city(session, installed().suffixes, on=on)
    (made,) = many.add_businesses(session, [new], keys=keys, origin=SYNC, at=now)
    said = {name: value for name, value in asdict(new).items() if value not in (None, [], "")}
    evidence.put_sources(session, [BusinessSource(*key, said, on, None, made)])
    created = BusinessChange(made, now, "created", None, new.name, SYNC, version=1)
    evidence.add_changes(session, [created])
    alike = likeness.find_duplicates(session, [made], alike_from=installed().thresholds.alike_from)
    reviews.add_reviews(session, [*alike, *placing.ask_where(made, new, SYNC)], at=now)
    return get_business(session, made)


def _place(session: Session, given: str | None, now: datetime) -> str:
    """The deepest area in force of a code they gave, at least a town; empty when there is none."""
    try:
        code = significant_code(given or "")
    except NotFound:
        return ""
    for length in sorted(CODE_LENGTHS.values(), reverse=True):
        if CODE_LENGTHS[AreaLevel.TOWN] <= length <= len(code):
            area = find_area(session, code[:length], on=in_china(now).date())
            if area is not None:
                return area.code
    return ""
