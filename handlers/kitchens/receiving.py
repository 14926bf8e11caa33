"""Taking in a snapshot: the same one once, the same sight soon after to the one that waits."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from storage.city.rules import installed
from storage.database.session import Session
from storage.kitchens import cameras, snapshots
from storage.kitchens.cameras import Camera
from storage.kitchens.snapshots import NewSnapshot

CLOCK_OFF: Final = timedelta(days=1)
"""A camera's clock further from ours is wrong: 1970 after a cut of power, say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArrival:
    """A snapshot as its vendor sent it, its picture kept already."""

    external_id: str
    taken_at: datetime
    kind: str
    confidence: float | None
    image: str


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A snapshot on file; `appended_to` is the one whose review it belongs to."""

    id: int
    appended_to: int | None
    clock_is_wrong: bool


def take_in(session: Session, camera: Camera, arrived: NewArrival, *, now: datetime) -> TakenIn:
    """Put a snapshot on file; what repeats one that waits is appended to it."""
    since = now - timedelta(hours=installed().thresholds.snapshot_joined_hours)
    waiting = snapshots.find_open(session, camera.id, arrived.kind, since=since)
    appended_to = None if waiting is None else waiting.id
    clock_is_wrong = abs(now - arrived.taken_at) > CLOCK_OFF
    made = snapshots.add_snapshot(
        session,
        NewSnapshot(
            camera_id=camera.id,
            vendor=camera.vendor,
            external_id=arrived.external_id,
            area_code=camera.area_code,
            taken_at=arrived.taken_at.astimezone(UTC),
            received_at=now,
            clock_is_wrong=clock_is_wrong,
            kind=arrived.kind,
            confidence=arrived.confidence,
            image=arrived.image,
            appended_to=appended_to,
        ),
    )
    cameras.note_seen(session, camera.id, at=now)
    return TakenIn(made, appended_to, clock_is_wrong)
