"""Sign-ins of the pages, and the heartbeats of the schedulers."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, exists, insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database.session import Session
from storage.tables import heartbeat, notification, officer, web_session

_ID_BYTES = 32
_TICKET: Final = "ticket:"


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that is still good."""

    officer_id: int
    csrf: str
    expires_at: datetime
    has_unread: bool = False
    """Whether their box holds anything nobody has read, be it of a case they no longer see."""


# Asked with the sign-in that every page looks up anyway, so that an empty box costs nothing.
_HAS_UNREAD = (
    exists()
    .where(notification.c.officer_id == web_session.c.officer_id, notification.c.read_at.is_(None))
    .correlate(web_session)
)


def add_sign_in(
    session: Session, officer_id: int, *, at: datetime, expires_at: datetime
) -> tuple[str, SignIn]:
    """Open a sign-in; return the id for the cookie, of which only a hash is stored."""
    secret = secrets.token_urlsafe(_ID_BYTES)
    made = SignIn(officer_id, secrets.token_urlsafe(_ID_BYTES), expires_at)
    session.execute(
        insert(web_session).values(
            id_hash=_hash(secret),
            officer_id=officer_id,
            csrf=made.csrf,
            created_at=at,
            expires_at=expires_at,
        )
    )
    return secret, made


def spend_ticket(session: Session, ticket: str, officer_id: int, *, until: datetime) -> bool:
    """Spend a ticket of the city's app; False when it was spent before.

    It is stored among the sign-ins until it would have expired anyway, under a name no sign-in has.
    """
    name = f"{_TICKET}{_hash(ticket)}"
    known = select(web_session.c.id_hash).where(web_session.c.id_hash == name)
    if session.execute(known).first() is not None:
        return False
    # Two at the same moment: the second row is refused by the key of the table.
    session.execute(
        insert(web_session).values(
            id_hash=name, officer_id=officer_id, csrf="", created_at=until, expires_at=until
        )
    )
    return True


def find_sign_in(session: Session, secret: str, *, at: datetime) -> SignIn | None:
    """Find the sign-in of a cookie; None when it ended or its officer is switched off."""
    row = session.execute(
        select(web_session.c.officer_id, web_session.c.csrf, web_session.c.expires_at, _HAS_UNREAD)
        .join(officer, and_(officer.c.id == web_session.c.officer_id, officer.c.active))
        .where(web_session.c.id_hash == _hash(secret), web_session.c.expires_at > at)
    ).first()
    return None if row is None else SignIn(*row)


def end_sign_in(session: Session, secret: str) -> None:
    """End a sign-in: sign-out revokes."""
    session.execute(delete(web_session).where(web_session.c.id_hash == _hash(secret)))


def end_sign_ins_of(session: Session, officer_id: int) -> int:
    """End all sign-ins of an officer; a ticket that is spent stays spent."""
    gone = session.execute(delete(web_session).where(*_sign_ins_of(officer_id)))
    return int(gone.rowcount)


def list_other_sign_ins(
    session: Session, officer_id: int, secret: str, *, at: datetime
) -> list[datetime]:
    """List when the sign-ins of an officer began that have not ended, without that of a cookie."""
    began = select(web_session.c.created_at).where(
        *_sign_ins_of(officer_id),
        web_session.c.id_hash != _hash(secret),
        web_session.c.expires_at > at,
    )
    return list(session.execute(began.order_by(web_session.c.created_at.desc())).scalars())


def _sign_ins_of(officer_id: int) -> tuple[ColumnElement[bool], ...]:
    is_ticket = web_session.c.id_hash.startswith(_TICKET)
    return web_session.c.officer_id == officer_id, ~is_ticket


def forget_expired(session: Session, *, at: datetime) -> int:
    """Delete sign-ins that have ended; return their number."""
    gone = session.execute(delete(web_session).where(web_session.c.expires_at <= at))
    return int(gone.rowcount)


def beat(session: Session, name: str, *, at: datetime) -> None:
    """Note that a scheduler is alive."""
    # In one statement: two processes of one name may both be the first.
    put = sqlite_insert if session.dialect.name == "sqlite" else postgresql_insert
    first = put(heartbeat).values(name=name, at=at)
    session.execute(first.on_conflict_do_update(index_elements=[heartbeat.c.name], set_={"at": at}))


def find_beat(session: Session, name: str) -> datetime | None:
    """Find when a scheduler was last alive."""
    at: datetime | None = session.execute(
        select(heartbeat.c.at).where(heartbeat.c.name == name)
    ).scalar()
    return at


def list_beats(session: Session) -> dict[str, datetime]:
    """List when each scheduler was last alive."""
    return {row.name: row.at for row in session.execute(select(heartbeat))}


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
