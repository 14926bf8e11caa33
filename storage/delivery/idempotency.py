"""First answers to keyed requests; they are written with their effect, in `steps` or here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, insert, select

from storage.cases.steps import StoredAnswer
from storage.database.session import Session
from storage.database.statements import rows_of
from storage.errors import Conflict
from storage.tables import idempotency


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """The response to the first request with a key."""

    status: int
    answer: str
    created_at: datetime


_FIND: Select[Any] = select(
    idempotency.c.body_hash,
    idempotency.c.status,
    idempotency.c.answer,
    idempotency.c.created_at,
).where(idempotency.c.actor == bindparam("actor"), idempotency.c.key == bindparam("key"))

_ADD = insert(idempotency)


def find_answer(
    session: Session, *, actor: str, key: str, body_hash: str, former_hashes: Collection[str] = ()
) -> FirstAnswer | None:
    """Find the first answer under a key; Conflict when it belongs to another body.

    `former_hashes` are those of the same body under keys that were changed since.
    """
    kept = rows_of(session, _FIND, {"actor": actor, "key": key})
    if not kept:
        return None
    first_body_hash, status, answer, created_at = kept[0]
    if first_body_hash != body_hash and first_body_hash not in former_hashes:
        message = "这个 Idempotency-Key 已用于另一个请求；请换一个新的。"
        raise Conflict(message, code="key_reused")
    return FirstAnswer(status, answer, created_at)


def add_answer(session: Session, answer: StoredAnswer) -> None:
    """Keep the answer of a write that is not a step; two at once: the second gets Conflict."""
    session.execute(
        _ADD,
        {
            "actor": answer.actor,
            "key": answer.key,
            "body_hash": answer.body_hash,
            "status": answer.status,
            "answer": answer.answer,
            "created_at": answer.at,
        },
    )


def forget_before(session: Session, moment: datetime) -> int:
    """Delete expired answers; return their number."""
    gone = session.execute(delete(idempotency).where(idempotency.c.created_at < moment))
    return int(gone.rowcount)
