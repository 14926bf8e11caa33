"""First passwords of the accounts an import added: handed out once, kept nowhere."""

import secrets
from collections.abc import Callable

from sqlalchemy import Integer, cast, select, update

from storage.database.session import Session
from storage.imports.people import NO_PASSWORD
from storage.tables import import_row, officer

_BYTES = 12


def hand_out(
    session: Session, batch_id: int, hash_password: Callable[[str], str], *, most: int
) -> dict[str, str]:
    """Give accounts of a batch that have no password yet one each; return them by user name."""
    added = select(cast(import_row.c.subject, Integer)).where(
        import_row.c.batch_id == batch_id,
        import_row.c.outcome == "added",
        import_row.c.subject.is_not(None),
        import_row.c.undone.is_(None),
    )
    waiting = session.execute(
        select(officer.c.id, officer.c.username)
        .where(officer.c.id.in_(added), officer.c.password_hash == NO_PASSWORD)
        .order_by(officer.c.id)
        .limit(most)
    ).all()
    passwords = {row.username: secrets.token_urlsafe(_BYTES) for row in waiting}
    for row in waiting:
        hashed = hash_password(passwords[row.username])
        session.execute(update(officer).where(officer.c.id == row.id).values(password_hash=hashed))
    return passwords
