"""Who reported: sealed apart from the case; every reading leaves a row that stays."""

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import insert, select

from storage.database.session import Session
from storage.errors import FormInvalid, NotFound, Refused
from storage.moments import Json
from storage.tables import reporter_identity, vault_access

KEY_BYTES = 32
_NONCE_BYTES = 12
_PURPOSE_AT_LEAST = 4


@dataclass(frozen=True, slots=True)
class Access:
    """One reading of a reporter's identity."""

    officer_id: int
    purpose: str
    at: datetime


def key_id(key: bytes) -> str:
    """Name a key without giving it away, so that a changed key is noticed."""
    return hashlib.sha256(b"hangji vault key:" + key).hexdigest()[:16]


def seal_identity(
    session: Session, case_id: int, identity: dict[str, Json], *, key: bytes, at: datetime
) -> None:
    """Put a reporter's identity into the vault; the case itself never carries it."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, orjson.dumps(identity), _bound_to(case_id))
    session.execute(
        insert(reporter_identity).values(
            case_id=case_id, sealed=nonce + sealed, key_id=key_id(key), created_at=at
        )
    )


def has_identity(session: Session, case_id: int) -> bool:
    """Say whether the vault holds anything for a case."""
    question = select(reporter_identity.c.case_id).where(reporter_identity.c.case_id == case_id)
    return session.execute(question).first() is not None


def copy_identity(
    session: Session, case_id: int, to_case_id: int, *, key: bytes, at: datetime
) -> None:
    """Seal the identity of one case for another of the same reporter; nobody reads it."""
    sealed = _sealed(session, case_id)
    if sealed is not None:
        seal_identity(session, to_case_id, _opened(sealed, case_id, key), key=key, at=at)


def open_identity(
    session: Session,
    case_id: int,
    *,
    officer_id: int,
    purpose: str,
    key: bytes,
    at: datetime,
) -> dict[str, Json]:
    """Read a reporter's identity for a stated purpose, and put the reading on file.

    The caller has checked the right `reporter_identity:view`. NotFound when the report was
    anonymous, Refused when the key is not the one it was sealed with.
    """
    if len(purpose.strip()) < _PURPOSE_AT_LEAST:
        message = "请写明查看举报人身份的用途。"
        raise FormInvalid.at("purpose", message, code="purpose_missing")
    # On file before it is read: who opens the vault cannot avoid the entry.
    session.execute(
        insert(vault_access).values(
            case_id=case_id, officer_id=officer_id, purpose=purpose.strip(), at=at
        )
    )
    sealed = _sealed(session, case_id)
    if sealed is None:
        message = "举报人没有留下身份信息。"
        raise NotFound(message, code="reporter_anonymous")
    return _opened(sealed, case_id, key)


def list_accesses(session: Session, case_id: int) -> list[Access]:
    """List who read the identity of a case's reporter, oldest first."""
    question = (
        select(vault_access.c.officer_id, vault_access.c.purpose, vault_access.c.at)
        .where(vault_access.c.case_id == case_id)
        .order_by(vault_access.c.id)
    )
    return [Access(*row) for row in session.execute(question)]


def _sealed(session: Session, case_id: int) -> bytes | None:
    question = select(reporter_identity.c.sealed).where(reporter_identity.c.case_id == case_id)
    row = session.execute(question).first()
    return None if row is None else bytes(row.sealed)


def _opened(sealed: bytes, case_id: int, key: bytes) -> dict[str, Json]:
    try:
        opened = AESGCM(key).decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(case_id)
        )
    except InvalidTag as error:
        message = "身份信息无法解密：密钥与保存时不同。"
        raise Refused(message, code="vault_key_differs") from error
    identity: dict[str, Json] = orjson.loads(opened)
    return identity


def _bound_to(case_id: int) -> bytes:
    # A sealed identity copied to another case does not open there.
    return f"hangji:case:{case_id}".encode()
