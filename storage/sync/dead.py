"""Refused records: what could not be taken in or sent, its content sealed.

The content is sealed with the first of the vault's keys and bound to its platform and id; who
retries it, or who reads it on the page, opens it with whichever key sealed it.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Select, func, insert, select, update

from storage.database.paging import by_name, page_by_id
from storage.database.session import Session
from storage.errors import NotFound, Refused
from storage.moments import Json
from storage.pages import DEFAULT_LIMIT, Page
from storage.tables import sync_dead

Direction = Literal["pull", "push"]
_NONCE_BYTES: Final = 12
_MESSAGE_LENGTH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDead:
    """What could not be taken in or sent, and why."""

    source: str
    direction: Direction
    external_id: str
    version: int | None
    body: Json
    error: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A dead letter without its content."""

    id: int
    source: str
    direction: Direction
    external_id: str
    version: int | None
    error: str
    message: str
    attempts: int
    state: str
    created_at: datetime
    updated_at: datetime
    decided_by: int | None


_DEAD: Final[Select[Any]] = select(*(sync_dead.c[name] for name in DeadLetter.__slots__))


def add_dead(session: Session, new: NewDead, *, key: bytes, at: datetime) -> int:
    """Keep a dead letter; an open one of the same record counts one more attempt instead."""
    sealed = _seal(new, key)
    values = {
        "version": new.version,
        "body": sealed,
        "error": new.error,
        "message": new.message[:_MESSAGE_LENGTH],
        "updated_at": at,
    }
    again = session.execute(
        update(sync_dead)
        .where(*_open_of(new.source, new.direction, new.external_id))
        .values(**values, attempts=sync_dead.c.attempts + 1)
        .returning(sync_dead.c.id)
    ).scalar()
    if again is not None:
        return int(again)
    named = {"source": new.source, "direction": new.direction, "external_id": new.external_id}
    made = session.execute(
        insert(sync_dead)
        .values(**values, **named, attempts=1, state="open", created_at=at)
        .returning(sync_dead.c.id)
    )
    return int(made.scalar_one())


def resolve_dead(
    session: Session, source: str, direction: Direction, external_id: str, *, at: datetime
) -> None:
    """Note that what was refused went through after all."""
    session.execute(
        update(sync_dead)
        .where(*_open_of(source, direction, external_id))
        .values(state="resolved", updated_at=at)
    )


def get_dead(session: Session, dead_id: int) -> DeadLetter:
    """Get a dead letter; NotFound otherwise."""
    row = session.execute(_DEAD.where(sync_dead.c.id == dead_id)).mappings().first()
    if row is None:
        message = "没有这条未能处理的对接记录。"
        raise NotFound(message, code="sync_dead_not_found")
    return DeadLetter(**row)


def open_body(session: Session, dead_id: int, *, keys: Sequence[bytes]) -> Json:
    """Open the content of a dead letter.

    Raises:
        Refused: none of the keys sealed it.
    """
    columns = (sync_dead.c.body, sync_dead.c.source, sync_dead.c.external_id)
    row = session.execute(select(*columns).where(sync_dead.c.id == dead_id)).one()
    sealed, bound = bytes(row.body), _bound_to(row.source, row.external_id)
    for key in keys:
        try:
            opened = AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
        except InvalidTag:
            continue
        return orjson.loads(opened)
    message = "内容无法解密：密钥与保存时不同。"
    raise Refused(message, code="vault_key_differs")


def decide_dead(session: Session, dead_id: int, state: str, *, by: int, at: datetime) -> bool:
    """Close an open dead letter; False when it was closed before."""
    done = session.execute(
        update(sync_dead)
        .where(sync_dead.c.id == dead_id, sync_dead.c.state == "open")
        .values(state=state, decided_by=by, updated_at=at)
    )
    return bool(done.rowcount)


def list_dead(
    session: Session,
    source: str,
    *,
    state: str | None = "open",
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[DeadLetter]:
    """List the dead letters of a platform, the newest first."""
    question = _DEAD.where(sync_dead.c.source == source)
    if state is not None:
        question = question.where(sync_dead.c.state == state)
    return page_by_id(
        session, question, sync_dead.c.id, by_name(DeadLetter), cursor=cursor, limit=limit
    )


def count_open_dead(session: Session, source: str) -> int:
    """Count the open dead letters of a platform."""
    question = select(func.count()).where(sync_dead.c.source == source, sync_dead.c.state == "open")
    return int(session.execute(question.select_from(sync_dead)).scalar_one())


def _open_of(source: str, direction: str, external_id: str) -> tuple[Any, ...]:
    return (
        sync_dead.c.source == source,
        sync_dead.c.direction == direction,
        sync_dead.c.external_id == external_id,
        sync_dead.c.state == "open",
    )


def _seal(new: NewDead, key: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    content = orjson.dumps(new.body, default=str)
    return nonce + AESGCM(key).encrypt(nonce, content, _bound_to(new.source, new.external_id))


def _bound_to(source: str, external_id: str) -> bytes:
    # A sealed content copied to another row does not open there.
    return f"hangji:sync:{source}:{external_id}".encode()
