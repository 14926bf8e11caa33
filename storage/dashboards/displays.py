"""Links that open a wall board without a sign-in: kept as hashes, for a while, until revoked.

The secret of a link is derived from its row under a key of the server, so that a repeated request
is answered with the same one.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
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
    session: Session, *, area: str, created_by: int, at: datetime, key: str
) -> tuple[DisplayLink, str]:
    """Make a link for an area; return it with its secret, which is shown only once."""
    made = insert(display_link).values(
        # Opens nothing: the secret is derived from the number of the row, known only now.
        token_hash=_hash(secrets.token_urlsafe(_BYTES)),
        area_code=area,
        created_by=created_by,
        created_at=at,
        expires_at=at + LIFE,
    )
    link = DisplayLink(*session.execute(made.returning(*_FIELDS)).one())
    token = _token(key, link)
    hashed = update(display_link).where(display_link.c.id == link.id)
    session.execute(hashed.values(token_hash=_hash(token)))
    return link, token


def find_token(session: Session, link_id: int, *, keys: Sequence[str]) -> str | None:
    """Derive the secret of a link again; None when none of the keys was the one it was made by."""
    row = session.execute(
        select(*_FIELDS, display_link.c.token_hash).where(display_link.c.id == link_id)
    ).one()
    link = DisplayLink(*row[:-1])
    tokens = (_token(key, link) for key in keys)
    return next((token for token in tokens if _hash(token) == row.token_hash), None)


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


def _token(key: str, link: DisplayLink) -> str:
    """Numbers come again after a restored backup; with the moment they do not."""
    mac_key = hashlib.sha256(f"hangji display link:{key}".encode()).digest()
    said = f"{link.id}:{link.created_by}:{link.area_code}:{link.created_at.timestamp()}"
    mac = hmac.new(mac_key, said.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(mac[:_BYTES]).decode()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
