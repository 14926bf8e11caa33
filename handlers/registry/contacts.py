"""Who opens many telephone numbers of businesses on one day is named in the audit log (R10)."""

from datetime import datetime
from typing import Final

from storage.audit.log import add_audit
from storage.city.rules import installed
from storage.database.session import Session
from storage.moments import in_china
from storage.people.actors import Actor
from storage.registry.contacts import add_contact_read

MANY_READ: Final = "many_contacts_read"


def note_read(session: Session, actor: Actor, business_id: int, *, now: datetime) -> None:
    """Count a telephone number shown; past what the city allows a day it is on file, once."""
    if actor.business_id == business_id:
        return
    count = add_contact_read(session, actor.id, business_id, on=in_china(now).date())
    if count == installed().thresholds.contacts_a_day + 1:
        add_audit(
            session,
            at=now,
            actor=actor.reference,
            action=MANY_READ,
            subject_kind="officer",
            subject=str(actor.id),
            data={"count": count},
        )
