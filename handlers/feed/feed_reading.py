"""Reading the feed: the events of cases an account may see, from a number on."""

from collections.abc import Collection

from storage.database.session import Session
from storage.errors import FormInvalid
from storage.feed import events
from storage.feed.events import FeedPart
from storage.feed.published import FEED
from storage.people.actors import Actor
from storage.people.scope import open_to_partners, visible_case


def read_on(
    session: Session, actor: Actor, *, after: int, kinds: Collection[str], limit: int
) -> FeedPart:
    """Read the events after a number whose cases the actor may see.

    Raises:
        FormInvalid: a kind is none of the city's.
        Conflict: events after that number were deleted when their time was over.
    """
    require_kinds(kinds)
    events.require_kept(session, after)
    seen = open_to_partners() & visible_case(actor)
    return events.list_events(session, seen, after=after, kinds=kinds, limit=limit)


def require_kinds(kinds: Collection[str]) -> None:
    """Refuse kinds of events the city does not publish.

    Raises:
        FormInvalid: a kind is none of the city's.
    """
    unknown = sorted(set(kinds) - FEED.keys())
    if unknown:
        known = "、".join(FEED)
        message = f"没有事件种类 {'、'.join(unknown)}；现有 {known}。"
        english = f"There is no kind {', '.join(unknown)}; there are {', '.join(FEED)}."
        raise FormInvalid.at("kinds", message, code="unknown_event_kind", english=english)
