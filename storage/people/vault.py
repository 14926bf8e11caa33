"""The reporter's identity, sealed apart from the case; every access is logged permanently.

Each row names the key it was sealed with. Of the keys a caller passes, the first seals; the
others open what they sealed until `reseal` has been through all rows.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from storage.audit.log import COMMAND_LINE, add_audit
from storage.database.session import Session
from storage.errors import FormInvalid, NotFound
from storage.moments import Json
from storage.people.seals import key_id, open_sealed, seal
from storage.tables import case_, reporter_identity, vault_access

_PURPOSE_AT_LEAST = 4


@dataclass(frozen=True, slots=True)
class Access:
    """One reading of a reporter's identity."""

    officer_id: int
    purpose: str
    at: datetime


def seal_identity(
    session: Session, case_id: int, identity: dict[str, Json], *, key: bytes, at: datetime
) -> None:
    """Put a reporter's identity into the vault; the case itself never carries it."""
    sealed = _seal(identity, case_id, key)
    session.execute(
        insert(reporter_identity).values(
            case_id=case_id, sealed=sealed, key_id=key_id(key), created_at=at
        )
    )


def has_identity(session: Session, case_id: int) -> bool:
    """Return whether the vault holds anything for a case."""
    question = select(reporter_identity.c.case_id).where(reporter_identity.c.case_id == case_id)
    return session.execute(question).first() is not None


def copy_identity(
    session: Session, case_id: int, to_case_id: int, *, keys: Sequence[bytes], at: datetime
) -> None:
    """Seal the identity of one case for another of the same reporter; nobody reads it."""
    sealed = _sealed(session, case_id)
    if sealed is not None:
        seal_identity(session, to_case_id, sealed.opened(keys), key=keys[0], at=at)


def open_identity(
    session: Session,
    case_id: int,
    *,
    officer_id: int,
    purpose: str,
    keys: Sequence[bytes],
    at: datetime,
) -> dict[str, Json]:
    """Read a reporter's identity for a stated purpose, and put the reading on file.

    The caller has checked the right `reporter_identity:view`. NotFound when the report was
    anonymous, Refused when none of the keys is the one it was sealed with.
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
    return sealed.opened(keys)


def list_accesses(session: Session, case_id: int) -> list[Access]:
    """List who read the identity of a case's reporter, oldest first."""
    question = (
        select(vault_access.c.officer_id, vault_access.c.purpose, vault_access.c.at)
        .where(vault_access.c.case_id == case_id)
        .order_by(vault_access.c.id)
    )
    return [Access(*row) for row in session.execute(question)]


# -- the end of its period ------------------------------------------------------------------------


def list_closed_before(session: Session, moment: datetime) -> list[int]:
    """List the cases closed before a moment whose reporter is still known."""
    question = (
        select(reporter_identity.c.case_id)
        .join(case_, case_.c.id == reporter_identity.c.case_id)
        .where(case_.c.status == "closed", case_.c.closed_at < moment)
        .order_by(reporter_identity.c.case_id)
    )
    return list(session.execute(question).scalars())


def remove_identity(
    session: Session, number: str, *, actor: str, reason: str, at: datetime
) -> bool:
    """Remove what the vault holds for a case, for good; False when it holds nothing.

    The one way out: the database removes a sealed identity beside this entry alone, and who read
    it before stays on file.
    """
    of_case = select(case_.c.id).where(case_.c.number == number).scalar_subquery()
    is_held = select(reporter_identity.c.case_id).where(reporter_identity.c.case_id == of_case)
    if session.execute(is_held).first() is None:
        return False
    add_audit(
        session,
        at=at,
        actor=actor,
        action="identity_removed",
        subject_kind="case",
        subject=number,
        data={"reason": reason},
    )
    session.execute(delete(reporter_identity).where(reporter_identity.c.case_id == of_case))
    return True


# -- another key ----------------------------------------------------------------------------------


def count_by_key(session: Session) -> dict[str, int]:
    """Count the sealed identities by the id of the key that opens them."""
    counted = select(reporter_identity.c.key_id, func.count()).group_by(reporter_identity.c.key_id)
    return {row.key_id: row[1] for row in session.execute(counted)}


def list_sealed_with(session: Session, key_ids: Collection[str]) -> list[int]:
    """List the cases whose identity is sealed with one of these keys."""
    question = (
        select(reporter_identity.c.case_id)
        .where(reporter_identity.c.key_id.in_(key_ids))
        .order_by(reporter_identity.c.case_id)
    )
    return list(session.execute(question).scalars())


def reseal(
    session: Session, case_ids: Collection[int], *, keys: Sequence[bytes], at: datetime
) -> int:
    """Seal identities with the first key, unless they are already; return the number changed."""
    current, changed = key_id(keys[0]), 0
    # The database changes a sealed identity beside this entry alone.
    add_audit(
        session,
        at=at,
        actor=COMMAND_LINE,
        action="identities_resealed",
        subject_kind="vault_key",
        subject=current,
        data={"cases": len(case_ids)},
    )
    for case_id in case_ids:
        sealed = _sealed(session, case_id)
        if sealed is None or sealed.key_id == current:
            continue
        fresh = _seal(sealed.opened(keys), case_id, keys[0])
        session.execute(
            update(reporter_identity)
            .where(reporter_identity.c.case_id == case_id)
            .values(sealed=fresh, key_id=current)
        )
        changed += 1
    return changed


# -- seals ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sealed:
    case_id: int
    sealed: bytes
    key_id: str

    def opened(self, keys: Sequence[bytes]) -> dict[str, Json]:
        return open_sealed(self.sealed, self.key_id, keys, bound_to=_bound_to(self.case_id))


def _sealed(session: Session, case_id: int) -> _Sealed | None:
    question = select(reporter_identity.c.sealed, reporter_identity.c.key_id).where(
        reporter_identity.c.case_id == case_id
    )
    row = session.execute(question).first()
    return None if row is None else _Sealed(case_id, bytes(row.sealed), row.key_id)


def _seal(identity: dict[str, Json], case_id: int, key: bytes) -> bytes:
    return seal(identity, key, bound_to=_bound_to(case_id))


def _bound_to(case_id: int) -> str:
    # A sealed identity copied to another case does not open there.
    return f"hangji:case:{case_id}"
