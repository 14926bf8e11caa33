"""Video patrols of the sample: more bright kitchens, and a quota in progress for both units."""

from datetime import datetime, timedelta
from typing import Final

from api.composition import Composition
from engine.background.recurring import columns_for
from handlers.kitchens.camera_keeping import register
from handlers.video.video_patrol import KIND
from handlers.video.watching import Watched, record_patrol
from storage.database.session import Session
from storage.kitchens.cameras import NewCamera, find_by_ref
from storage.moments import in_china
from storage.people.actors import find_officer, load_actor
from storage.processes.recurring import keep_start_key, list_recurring
from storage.registry.businesses import BusinessFilter, search_businesses
from storage.video.periods import days_of
from storage.video.quota_periods import find_period
from storage.video.rules import REQUIRED

VENDOR: Final = "example"
KEEPER: Final = "catering_section"
_KITCHENS: Final = 9
_WATCHED: Final = {"catering_section": 2, "emergency_center": 1}


def add_video_patrols(session: Session, composition: Composition) -> int:
    """Begin the period of each unit and enter what it watched so far; once."""
    keeper = find_officer(session, KEEPER)
    if keeper is None or find_by_ref(session, VENDOR, "kitchen-view-1") is not None:
        return 0
    now = composition.clock.now()
    _add_cameras(session, keeper.id, now)
    entered = 0
    for row in list_recurring(session):
        if row.process_id != KIND:
            continue
        period = days_of(row.period, in_china(now).date())
        columns = columns_for(composition.runner, session, KIND, row.subject_kind, row.subject)
        made = composition.runner.start(session, KIND, {}, actor=None, columns=columns)
        keep_start_key(session, made.case_id, row.start_key(period.key))
        entered += _watch(session, composition, row.subject.partition(":")[0], period.key)
    return entered


def _add_cameras(session: Session, keeper_id: int, now: datetime) -> None:
    actor = load_actor(session, keeper_id, at=now)
    found = search_businesses(session, BusinessFilter(status="operating"), limit=_KITCHENS).items
    for number, shop in enumerate(found, start=1):
        new = NewCamera(
            business_id=shop.id,
            vendor=VENDOR,
            stream_ref=f"kitchen-view-{number}",
            kind="live",
            position_in_kitchen="烹饪区",
        )
        register(session, new, actor=actor, now=now)


def _watch(session: Session, composition: Composition, unit: str, key: str) -> int:
    period = find_period(session, unit, key)
    listed = [] if period is None else period.proposed[: _WATCHED.get(unit, 0)]
    now = composition.clock.now()
    for entry in listed:
        watched = Watched(
            business_id=int(entry["business"]),
            unit=unit,
            watched_at=now - timedelta(minutes=5),
            items=dict.fromkeys(REQUIRED, "yes"),
        )
        limits = composition.runner.calendar(session)
        record_patrol(session, watched, limits=limits, now=now)
    return len(listed)
