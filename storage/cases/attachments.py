"""Rows of uploads; the bytes are in a folder under their digest."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from storage.database.session import Session
from storage.errors import NotFound
from storage.moments import Json
from storage.people.actors import Actor
from storage.people.scope import visible_case
from storage.tables import attachment, case_, officer, outbox
from storage.tables.effects import QUARTERS


@dataclass(frozen=True, slots=True)
class Attachment:
    """One upload; where and when a photo was taken is kept apart from the picture itself."""

    id: str
    sha256: str
    content_type: str
    size: int
    created_at: datetime
    case_id: int | None = None
    uploaded_by: int | None = None
    original_name: str | None = None
    position: Json = None
    taken_at: datetime | None = None
    likeness_1: str | None = None
    likeness_2: str | None = None
    likeness_3: str | None = None
    likeness_4: str | None = None


class Elsewhere(NamedTuple):
    """A photo that is also in another case; `is_same` when byte for byte."""

    photo: str
    case: str
    is_same: bool


_AT_ONCE = 500
_ALIKE_BITS = 3
"""So many of 64 bits differ after a picture was sent through a messenger, seldom more."""
_MOST_ALIKE = 50
PICTURES_KEY = "pictures:"
"""How the key of the delivery begins that has a photo looked at; its digest follows."""

_FIELDS = tuple(attachment.c[field.name] for field in fields(Attachment))


def add_attachment(session: Session, new: Attachment) -> None:
    """Add an upload; it belongs to no case until one takes it."""
    session.execute(insert(attachment).values(**asdict(new)))


def get_attachment(session: Session, attachment_id: str) -> Attachment:
    """Get an upload; NotFound otherwise."""
    row = session.execute(select(*_FIELDS).where(attachment.c.id == attachment_id)).first()
    if row is None:
        message = "没有这个附件，或者您无权查看。"
        raise NotFound(message, code="attachment_not_found")
    return Attachment(*row)


def list_attachments(session: Session, case_id: int) -> list[Attachment]:
    """List the uploads of a case, oldest first."""
    rows = session.execute(
        select(*_FIELDS)
        .where(attachment.c.case_id == case_id)
        .order_by(attachment.c.created_at, attachment.c.id)
    )
    return [Attachment(*row) for row in rows]


def list_sent_by(session: Session, case_id: int, *, business_id: int) -> list[Attachment]:
    """List the uploads of a case that people of a business made, oldest first."""
    rows = session.execute(
        select(*_FIELDS)
        .where(attachment.c.case_id == case_id, attachment.c.uploaded_by.in_(_people(business_id)))
        .order_by(attachment.c.created_at, attachment.c.id)
    )
    return [Attachment(*row) for row in rows]


def is_sent_by_own_business(
    session: Session, upload: Attachment, business_id: int | None, *, actor: Actor
) -> bool:
    """Whether an upload of a case about the actor's business was made by its own people (R54)."""
    if actor.business_id is None or actor.business_id != business_id:
        return False
    question = _people(actor.business_id).where(officer.c.id == upload.uploaded_by)
    return session.execute(question).first() is not None


def _people(business_id: int) -> Select[Any]:
    return select(officer.c.id).where(officer.c.business_id == business_id)


def find_free(session: Session, ids: Iterable[str], *, uploaded_by: int | None) -> set[str]:
    """Find which of these uploads somebody made and no case has taken yet."""
    rows = session.execute(
        select(attachment.c.id).where(
            attachment.c.id.in_(list(ids)),
            attachment.c.case_id.is_(None),
            attachment.c.uploaded_by.is_not_distinct_from(uploaded_by),
        )
    )
    return set(rows.scalars())


def take_attachments(session: Session, ids: Iterable[str], *, case_id: int) -> int:
    """Attach uploads that belong to no case to a case; return their number."""
    taken = session.execute(
        update(attachment)
        .where(attachment.c.id.in_(list(ids)), attachment.c.case_id.is_(None))
        .values(case_id=case_id)
    )
    return int(taken.rowcount)


def first_photos(session: Session, case_ids: Collection[int]) -> dict[int, str]:
    """Find the first upload of each of some cases."""
    if not case_ids:
        return {}
    question = (
        select(attachment.c.case_id, attachment.c.id)
        .where(attachment.c.case_id.in_(case_ids))
        .order_by(attachment.c.created_at.desc(), attachment.c.id.desc())
    )
    # The first one stands last and is the one that stays.
    return {row.case_id: row.id for row in session.execute(question)}


def find_digests(session: Session, digests: Collection[str]) -> set[str]:
    """Find which of these digests an upload has."""
    found: set[str] = set()
    asked = list(digests)
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        question = select(attachment.c.sha256).where(attachment.c.sha256.in_(some))
        found.update(session.execute(question).scalars())
    return found


def list_digests(session: Session) -> list[str]:
    """List the digests of all uploads, each once, in order."""
    digests = select(attachment.c.sha256).distinct().order_by(attachment.c.sha256)
    return list(session.execute(digests).scalars())


def list_closed_before(session: Session, moment: datetime) -> list[int]:
    """List the cases closed before a moment that hold uploads of the public."""
    question = (
        select(attachment.c.case_id)
        .join(case_, case_.c.id == attachment.c.case_id)
        .where(
            attachment.c.uploaded_by.is_(None),
            case_.c.status == "closed",
            case_.c.closed_at < moment,
        )
        .distinct()
        .order_by(attachment.c.case_id)
    )
    return list(session.execute(question).scalars())


def delete_public(session: Session, case_id: int) -> list[str]:
    """Delete the uploads of the public from a case; return their digests."""
    theirs = attachment.c.case_id == case_id, attachment.c.uploaded_by.is_(None)
    digests = list(session.execute(select(attachment.c.sha256).where(*theirs)).scalars())
    session.execute(delete(attachment).where(*theirs))
    return digests


def bytes_uploaded(session: Session, officer_id: int, *, since: datetime) -> int:
    """Add up what an officer uploaded since a moment, for the quota."""
    question = select(func.coalesce(func.sum(attachment.c.size), 0)).where(
        attachment.c.uploaded_by == officer_id, attachment.c.created_at >= since
    )
    return int(session.execute(question).scalar_one())


def set_likeness(session: Session, sha256: str, likeness: str) -> None:
    """Keep what a photo shows, for every upload of it."""
    session.execute(
        update(attachment)
        .where(attachment.c.sha256 == sha256)
        .values({name: likeness[4 * at : 4 * at + 4] for at, name in enumerate(QUARTERS)})
    )


def list_unlooked(session: Session, *, limit: int) -> list[str]:
    """List digests of photos nobody has looked at yet or was asked to."""
    is_asked = exists().where(outbox.c.key == PICTURES_KEY + attachment.c.sha256)
    question = (
        select(attachment.c.sha256)
        .where(attachment.c[QUARTERS[0]].is_(None), ~is_asked)
        .distinct()
        .limit(limit)
    )
    return list(session.execute(question).scalars())


def list_elsewhere(session: Session, case_id: int, *, actor: Actor) -> list[Elsewhere]:
    """List the photos of a case that are also in other cases an actor may see, newest first."""
    there = attachment.alias("there")
    question = (
        select(attachment.c.id, _whole(attachment), _whole(there), case_.c.number)
        .add_columns(attachment.c.sha256 == there.c.sha256)
        .join(there, or_(*(attachment.c[name] == there.c[name] for name in QUARTERS)))
        .join(case_, case_.c.id == there.c.case_id)
        .where(
            attachment.c.case_id == case_id,
            attachment.c[QUARTERS[0]] != "",
            there.c.case_id != case_id,
            visible_case(actor),
        )
        .order_by(case_.c.id.desc())
        .limit(_AT_ONCE)
    )
    found: dict[tuple[str, str], Elsewhere] = {}
    for photo, mine, theirs, number, is_same in session.execute(question):
        if is_same or _differing_bits(mine, theirs) <= _ALIKE_BITS:
            known = found.get((photo, number))
            found[photo, number] = Elsewhere(photo, number, is_same or bool(known and known[2]))
    return list(found.values())[:_MOST_ALIKE]


def _whole(photo: FromClause) -> ColumnElement[str]:
    return reduce(add, (photo.c[name] for name in QUARTERS))


def _differing_bits(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()
