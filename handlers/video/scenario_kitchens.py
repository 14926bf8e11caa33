"""The kitchens that scenarios watch: a proposal needs cameras that are on until 2035."""

from datetime import datetime
from typing import Final

from storage.database.session import Session
from storage.kitchens.cameras import NewCamera, add_camera, follow_cameras, note_seen
from storage.moments import CHINA
from storage.registry.businesses import BusinessFilter, search_businesses

_KITCHENS: Final = 6
_ON_UNTIL: Final = datetime(2035, 1, 1, tzinfo=CHINA)
"""A scenario that begins later tells what happens without a camera."""


def add_kitchens_for_scenarios(session: Session, *, at: datetime) -> None:
    """Register a camera for the first businesses that trade."""
    found = search_businesses(session, BusinessFilter(status="operating"), limit=_KITCHENS).items
    for shop in found:
        new = NewCamera(
            business_id=shop.id,
            vendor="scenario",
            stream_ref=f"kitchen-{shop.id}",
            kind="live",
            position_in_kitchen="烹饪区",
        )
        camera_id = add_camera(session, new, at=at)
        note_seen(session, camera_id, at=_ON_UNTIL)
        follow_cameras(session, shop.id, by="scenario", at=at)
