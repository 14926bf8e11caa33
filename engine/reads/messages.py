"""The message box of who reads, in the words of the city."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.reads.reading import Reading
from storage.delivery import notifications
from storage.delivery.notices import kind_of
from storage.delivery.notifications import Notification
from storage.moments import Json, from_text
from storage.pages import DEFAULT_LIMIT, Page

__all__ = [
    "MessageShown",
    "list_messages",
    "list_messages_by_case",
    "read_message",
    "show_message",
]


@dataclass(frozen=True, slots=True)
class MessageShown:
    """One notification as its receiver reads it."""

    id: int
    template: str
    name_zh: str
    name_en: str
    is_urgent: bool
    case: str | None
    title: str | None
    """Of its case; as it was then when the reader no longer sees the case."""
    is_open: bool
    """Whether there is a case behind it that the reader may open."""
    is_about_them: bool
    """Whether it is about the business the reader speaks for, which sees no case of its own."""
    text: str
    """The sender's text, empty for one of the system."""
    label: str | None
    """Of the task it is about."""
    due_at: datetime | None
    """Until when the task it is about, or the answer it asks for, is due."""
    post: str | None
    """The post it speaks of: of an alert, the one that has not acknowledged it."""
    created_at: datetime
    read_at: datetime | None
    needs_acknowledgement: bool
    acknowledged_at: datetime | None


def list_messages(
    reading: Reading,
    *,
    unread: bool = False,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[MessageShown]:
    """List one's own notifications, the newest first."""
    page = notifications.list_notifications(
        reading.session, reading.actor, unread=unread, cursor=cursor, limit=limit
    )
    return Page(tuple(show_message(each) for each in page.items), page.next)


def list_messages_by_case(
    reading: Reading,
    *,
    unread: bool = False,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[tuple[MessageShown, ...]]:
    """List one's own notifications with one entry a case, the one told of last first."""
    page = notifications.list_by_case(
        reading.session, reading.actor, unread=unread, cursor=cursor, limit=limit
    )
    entries = (tuple(show_message(each) for each in entry) for entry in page.items)
    return Page(tuple(entries), page.next)


def read_message(reading: Reading, ident: int) -> MessageShown:
    """Show one notification of one's own."""
    return show_message(notifications.get_notification(reading.session, reading.actor, ident))


def show_message(told: Notification) -> MessageShown:
    """Show a notification that was read already."""
    kind, payload = kind_of(told.template), told.payload
    label, case = payload.get("label"), payload.get("case")
    title = told.title if told.sees_case else payload.get("title")
    return MessageShown(
        id=told.id,
        template=told.template,
        name_zh=kind.name_zh,
        name_en=kind.name_en,
        is_urgent=kind.weight == "urgent",
        case=None if case is None else str(case),
        title=None if title is None else str(title),
        is_open=case is not None and told.sees_case,
        is_about_them=told.is_about_them,
        text=str(payload.get("text") or ""),
        label=None if label is None else str(label),
        due_at=_due(payload),
        post=None if payload.get("post") is None else str(payload["post"]),
        created_at=told.created_at,
        read_at=told.read_at,
        needs_acknowledgement=kind.is_acknowledged and told.sees_case,
        acknowledged_at=told.acknowledged_at,
    )


def _due(payload: Mapping[str, Json]) -> datetime | None:
    due = payload.get("answer_by") or payload.get("due_at")
    return from_text(due) if isinstance(due, str) else None
