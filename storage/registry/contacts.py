"""Whose telephone numbers an officer was shown today; no number and no other day is kept."""

from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database.session import Session
from storage.tables import contact_read


def add_contact_read(session: Session, officer_id: int, business_id: int, *, on: date) -> int:
    """Add a business to those of the day; return their number, 0 when it was among them."""
    session.execute(
        delete(contact_read).where(contact_read.c.officer_id == officer_id, contact_read.c.day < on)
    )
    put = sqlite_insert if session.dialect.name == "sqlite" else postgresql_insert
    added = session.execute(
        put(contact_read)
        .values(officer_id=officer_id, day=on, business_id=business_id)
        .on_conflict_do_nothing()
    )
    if not added.rowcount:
        return 0
    question = select(func.count()).select_from(contact_read)
    return int(
        session.execute(
            question.where(contact_read.c.officer_id == officer_id, contact_read.c.day == on)
        ).scalar_one()
    )
