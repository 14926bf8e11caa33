"""Invented telephone numbers of the sample's people, so that its directory can be tried out."""

from collections.abc import Iterable
from typing import Final

from storage.database.session import Session
from storage.delivery.notifications import find_address
from storage.people.actors import find_officer
from storage.staffing.people import change_person, find_by_phone

NUMBER: Final = "139000000{:02d}"
"""The row of nothing but noughts that the sample's reporters have as well."""


def add_telephones(session: Session, usernames: Iterable[str]) -> None:
    """Give each account the number of its row; one that has a number keeps it."""
    for row, username in enumerate(usernames, start=1):
        known, phone = find_officer(session, username), NUMBER.format(row)
        if known is None or find_address(session, known.id)[1] is not None:
            continue
        if find_by_phone(session, phone) is None:
            change_person(session, known.id, {"phone": phone})
