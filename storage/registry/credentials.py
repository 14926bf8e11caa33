"""Licences, filings, approvals and registrations of businesses, as a list said last."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, insert, or_, select

from storage.database.session import Session
from storage.tables import business, credential

Key = tuple[str, str]
"""Kind and number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """One credential of a business."""

    business_id: int
    kind: str
    number: str
    issued_by: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    state: str = "valid"

    @property
    def key(self) -> Key:
        """What it is recognised by."""
        return self.kind, self.number

    def said(self) -> dict[str, Any]:
        """What a list says of it, as a document."""
        document = asdict(self)
        del document["business_id"]
        for name in ("valid_from", "valid_to"):
            document[name] = None if document[name] is None else document[name].isoformat()
        return document


def credential_of(business_id: int, said: Mapping[str, Any]) -> Credential:
    """Return the credential of a document."""
    dates = {
        name: None if said[name] is None else date.fromisoformat(said[name])
        for name in ("valid_from", "valid_to")
    }
    return Credential(**{**said, **dates, "business_id": business_id})


_FIELDS = tuple(credential.c[name] for name in Credential.__slots__)


def find_credentials(session: Session, keys: Iterable[Key]) -> dict[Key, Credential]:
    """Find credentials by kind and number."""
    wanted = set(keys)
    if not wanted:
        return {}
    numbers = [number for _, number in wanted]
    rows = session.execute(select(*_FIELDS).where(credential.c.number.in_(numbers)))
    found = (_credential(row) for row in rows)
    return {one.key: one for one in found if one.key in wanted}


def list_credentials(session: Session, business_id: int) -> list[Credential]:
    """List the credentials of a business and of those merged into it, the last to end first."""
    merged = select(business.c.id).where(business.c.merged_into == business_id)
    question = select(*_FIELDS).where(
        or_(credential.c.business_id == business_id, credential.c.business_id.in_(merged))
    )
    rows = session.execute(question.order_by(credential.c.kind, credential.c.number))
    return [_credential(row) for row in rows]


def put_credentials(
    session: Session, credentials: Sequence[Credential], *, on: date, batch_id: int | None
) -> None:
    """Store what a list says now; what was said of the same number before is replaced."""
    if not credentials:
        return
    remove_credentials(session, [one.key for one in credentials])
    values = [{**asdict(one), "seen_on": on, "batch_id": batch_id} for one in credentials]
    session.execute(insert(credential), values)


def remove_credentials(session: Session, keys: Iterable[Key]) -> None:
    """Remove credentials by kind and number."""
    for kind, numbers in _by_kind(keys).items():
        session.execute(
            delete(credential).where(credential.c.kind == kind, credential.c.number.in_(numbers))
        )


def forget_credentials(session: Session, business_id: int) -> None:
    """Remove the credentials of a business that is removed itself."""
    session.execute(delete(credential).where(credential.c.business_id == business_id))


def ends_between(first: date | None, last: date) -> ColumnElement[bool]:
    """Businesses with a valid credential that ends in these days, both included."""
    ends = [credential.c.valid_to <= last]
    if first is not None:
        ends.append(credential.c.valid_to >= first)
    return exists().where(
        and_(credential.c.business_id == business.c.id, credential.c.state == "valid", *ends)
    )


def _by_kind(keys: Iterable[Key]) -> dict[str, list[str]]:
    numbers: dict[str, list[str]] = {}
    for kind, number in keys:
        numbers.setdefault(kind, []).append(number)
    return numbers


def _credential(row: Any) -> Credential:
    return Credential(**dict(zip(Credential.__slots__, row, strict=True)))
