"""Which kitchens can be watched: bright, trading, with a camera in use; when each was seen last."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from storage.database.session import Session
from storage.registry.businesses import BRIGHT, is_marked
from storage.tables import business, camera, video_patrol


@dataclass(frozen=True, slots=True)
class WatchedKitchen:
    """A kitchen with a camera: when the camera was heard of, when a unit watched it last."""

    id: int
    camera_seen_at: datetime
    watched_at: datetime | None


def list_kitchens(session: Session) -> list[WatchedKitchen]:
    """List every kitchen that has a camera in use, in one query."""
    watched = (
        select(video_patrol.c.business_id, func.max(video_patrol.c.watched_at).label("at"))
        .group_by(video_patrol.c.business_id)
        .subquery()
    )
    # A camera that was never heard of counts from when it was registered.
    seen = func.max(func.coalesce(camera.c.last_seen, camera.c.created_at))
    question = (
        select(business.c.id, seen, func.max(watched.c.at))
        .join(camera, camera.c.business_id == business.c.id)
        .join(watched, watched.c.business_id == business.c.id, isouter=True)
        .where(
            camera.c.status == "active",
            is_marked(BRIGHT),
            business.c.status == "operating",
            business.c.merged_into.is_(None),
        )
        .group_by(business.c.id)
        .order_by(business.c.id)
    )
    return [WatchedKitchen(*row) for row in session.execute(question)]


def names_of(session: Session, businesses: Collection[int]) -> dict[int, str]:
    """Return the names of some businesses."""
    if not businesses:
        return {}
    rows = session.execute(
        select(business.c.id, business.c.name).where(business.c.id.in_(list(businesses)))
    )
    return {row.id: row.name for row in rows}
