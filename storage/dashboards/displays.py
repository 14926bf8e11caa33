"""Links that open a wall board without a sign-in: kept as hashes, for a while, until revoked."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import insert, select, update

from storage.database.session import Session
from storage.tables import display_link

LIFE: Final = timedelta(days=30)
_BYTES: Final = 24


class DisplayLink(NamedTuple):
    """One link; only a hash of its secret is stored."""

    id: int
    area_code: str
    created_by: int
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


_FIELDS = tuple(display_link.c[name] for name in DisplayLink._fields)


def add_display_link(
    session: Session, *, area: str, created_by: int, at: datetime
) -> tuple[DisplayLink, str]:
    """Make a link for an area; return it with its secret, which is shown only once."""
    token = secrets.token_urlsafe(_BYTES)
    made = insert(display_link).values(
        token_hash=_hash(token),
        area_code=area,
        created_by=created_by,
        created_at=at,
        expires_at=at + LIFE,
    )
    row = session.execute(made.returning(*_FIELDS)).one()
    return DisplayLink(*row), token


def find_display_link(session: Session, token: str, *, at: datetime) -> DisplayLink | None:
    """Find the link a secret opens now; None when it is unknown, over or revoked."""
    question = select(*_FIELDS).where(
        display_link.c.token_hash == _hash(token),
        display_link.c.revoked_at.is_(None),
        display_link.c.expires_at > at,
    )
    row = session.execute(question).first()
    return None if row is None else DisplayLink(*row)


def list_display_links(session: Session, *, created_by: int, at: datetime) -> list[DisplayLink]:
    """List the links somebody made that still open, the newest first."""
    question = (
        select(*_FIELDS)
        .where(
            display_link.c.created_by == created_by,
            display_link.c.revoked_at.is_(None),
            display_link.c.expires_at > at,
        )
        .order_by(display_link.c.id.desc())
    )
    return [DisplayLink(*row) for row in session.execute(question)]


def revoke_display_link(session: Session, link_id: int, *, created_by: int, at: datetime) -> bool:
    """Let a link open nothing any more; False when there is no such link of theirs."""
    revoked = session.execute(
        update(display_link)
        .where(
            display_link.c.id == link_id,
            display_link.c.created_by == created_by,
            display_link.c.revoked_at.is_(None),
        )
        .values(revoked_at=at)
    )
    return bool(revoked.rowcount)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
