"""Distribute a notice: into the message box of every receiver, and on to their channels.

Channel messages are queued as separate deliveries, due by the city's rules: at once when urgent,
after the quiet hours (of the officer, else of the city), or with the next digest, unless what it
reminds of is due before.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from storage.cases.steps import NewDelivery
from storage.database.session import Session
from storage.delivery import notifications, outbox
from storage.delivery.notices import NoticeKind, goes_out_at, hours, kind_of
from storage.delivery.notifications import Addressee
from storage.delivery.outbox import Delivery
from storage.moments import from_text, to_text
from storage.people.posts import list_holder_ids, reference_of
from storage.staffing.copies import list_copied

__all__ = ["addressed", "put_into_boxes"]

NOTICE = "notice"
_OFFICER = "officer:"
_LONGEST_ID = 15


def put_into_boxes(
    session: Session, delivery: Delivery, *, ways: Collection[str], now: datetime
) -> bool:
    """Put a notice into the boxes of its receivers; True when it also goes on to one of them.

    `ways` are the channels to people that are set up.
    """
    kind, goes_on = kind_of(delivery.template), False
    officers = set(_receivers(session, delivery, now))
    copied = _copied(session, delivery, kind, now) - officers
    for reached in notifications.list_addressees(
        session,
        officers | copied,
        case_id=delivery.case_id,
        template=delivery.template,
        at=now,
    ):
        is_new = notifications.add_notification(
            session,
            reached.officer_id,
            key=_copy_key(delivery) if reached.officer_id in copied else delivery.key,
            case_id=delivery.case_id,
            template=delivery.template,
            payload=delivery.payload,
            at=delivery.created_at,
        )
        if reached.officer_id in copied and not is_new:
            continue
        known = _addresses(reached)
        for way in (way for way in kind.channels if way in ways and known[way]):
            goes_on = True
            going_on = _going_on(delivery, kind, reached, way, now)
            outbox.add_delivery(session, going_on, case_id=delivery.case_id)
    return goes_on


def addressed(session: Session, delivery: Delivery, *, now: datetime) -> Delivery | None:
    """Put the officer's address on what goes on to them; None when they are not to get it any more.

    It may have waited for the morning: who has left the post meanwhile, was switched off or took
    the address away is not told. Deliveries queued by an older version bear an address already.
    """
    officers = _named(delivery.receiver)
    if officers is None:
        return delivery
    reached = notifications.list_addressees(
        session, officers, case_id=delivery.case_id, template=delivery.template, at=now
    )
    if delivery.channel == NOTICE:
        # Where a notice goes when no box passes it on is set up by receiver.
        return delivery if reached else None
    address = _addresses(reached[0])[delivery.channel] if reached else None
    return replace(delivery, receiver=address) if address else None


def _receivers(session: Session, delivery: Delivery, now: datetime) -> Collection[int]:
    """The officers a receiver represents: one officer, or the current holders of the post."""
    receiver = delivery.receiver
    named = _named(receiver)
    if named is not None:
        return named
    return list_holder_ids(session, [receiver], at=now).get(receiver, ())


def _copied(session: Session, delivery: Delivery, kind: NoticeKind, now: datetime) -> set[int]:
    """Who gets a copy: of what the city says so, those who answer for the unit, and its centre."""
    if not kind.is_copied or delivery.case_id is None:
        return set()
    return list_copied(session, delivery.case_id, at=now)


def _copy_key(delivery: Delivery) -> str:
    """One copy of what several receivers are told at the same moment."""
    return f"copy:{delivery.case_id}:{delivery.template}:{to_text(delivery.created_at)}"


def _named(receiver: str) -> list[int] | None:
    """The officer a receiver names, none for a number nobody has; None when it names no officer."""
    if not receiver.startswith(_OFFICER):
        return None
    ident = receiver.removeprefix(_OFFICER)
    return [int(ident)] if ident.isdecimal() and len(ident) <= _LONGEST_ID else []


def _addresses(reached: Addressee) -> dict[str, str | None]:
    """Where each way out leads to this officer; None where it does not."""
    return {
        "mail": reached.email and f"mailto:{reached.email}",
        "sms": reached.phone and f"tel:{reached.phone}",
        # The account is what the city's own platform and its WeChat service know people by.
        "wechat": f"user:{reached.username}",
        "app": f"user:{reached.username}",
    }


def _going_on(
    delivery: Delivery, kind: NoticeKind, reached: Addressee, way: str, now: datetime
) -> NewDelivery:
    theirs = hours().of_officer(reached.quiet_from, reached.quiet_to)
    return NewDelivery(
        key=f"{delivery.key}:{way}:{reached.officer_id}",
        channel=way,
        receiver=reference_of(reached.officer_id),
        template=delivery.template,
        payload=delivery.payload,
        at=goes_out_at(kind, theirs, now, due_at=_due_at(delivery)),
    )


def _due_at(delivery: Delivery) -> datetime | None:
    """Until when what a notice reminds of is due; None where it reminds of nothing."""
    due = delivery.payload.get("due_at")
    return from_text(due) if isinstance(due, str) else None
