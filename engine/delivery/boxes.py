"""Distribute a notice: into the message box of every receiver, and on to their channels.

Channel messages are queued as separate deliveries, due by the city's rules: at once when urgent,
after the quiet hours, or with the next digest.
"""

from collections.abc import Collection
from datetime import datetime

from storage.cases.steps import NewDelivery
from storage.database.session import Session
from storage.delivery import notifications, outbox
from storage.delivery.notices import NoticeKind, goes_out_at, kind_of
from storage.delivery.notifications import Addressee
from storage.delivery.outbox import Delivery
from storage.people.posts import list_holder_ids

__all__ = ["put_into_boxes"]

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
    receivers = _receivers(session, delivery, now)
    for reached in notifications.list_addressees(session, receivers, case_id=delivery.case_id):
        notifications.add_notification(
            session,
            reached.officer_id,
            key=delivery.key,
            case_id=delivery.case_id,
            template=delivery.template,
            payload=delivery.payload,
            at=delivery.created_at,
        )
        for way, address in _addresses(kind, reached, ways):
            goes_on = True
            going_on = _going_on(delivery, kind, reached, way, address, now)
            outbox.add_delivery(session, going_on, case_id=delivery.case_id)
    return goes_on


def _receivers(session: Session, delivery: Delivery, now: datetime) -> Collection[int]:
    """The officers a receiver represents: one officer, or the current holders of the post."""
    receiver = delivery.receiver
    if receiver.startswith(_OFFICER):
        ident = receiver.removeprefix(_OFFICER)
        return [int(ident)] if ident.isdecimal() and len(ident) <= _LONGEST_ID else []
    return list_holder_ids(session, [receiver], at=now).get(receiver, ())


def _addresses(
    kind: NoticeKind, reached: Addressee, ways: Collection[str]
) -> list[tuple[str, str]]:
    """The ways out the kind names that are set up and lead to this officer."""
    known = {
        "mail": reached.email and f"mailto:{reached.email}",
        "sms": reached.phone and f"tel:{reached.phone}",
        # The account is what the city's own platform and its WeChat service know people by.
        "wechat": f"user:{reached.username}",
        "app": f"user:{reached.username}",
    }
    return [(way, address) for way in kind.channels if way in ways and (address := known.get(way))]


def _going_on(
    delivery: Delivery, kind: NoticeKind, reached: Addressee, way: str, address: str, now: datetime
) -> NewDelivery:
    return NewDelivery(
        key=f"{delivery.key}:{way}:{reached.officer_id}",
        channel=way,
        receiver=address,
        template=delivery.template,
        payload=delivery.payload,
        at=goes_out_at(kind, now),
    )
