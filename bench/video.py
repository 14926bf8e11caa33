"""Does a proposal grow dear: statements and time as kitchens grow; a year counted again."""

import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

from bench.report import ReportTable
from bench.town import Town, found
from handlers.video.counting import close_over, differences
from handlers.video.proposing import propose
from handlers.video.watching import Watched, record_patrol
from storage.city.video import load_quotas
from storage.database.session import Session
from storage.kitchens.cameras import NewCamera, add_camera, follow_cameras, note_seen
from storage.moments import NEVER
from storage.registry.businesses import NewBusiness, add_business
from storage.video.kitchens import list_kitchens
from storage.video.patrols import list_watched
from storage.video.quota_periods import list_periods
from storage.video.rules import REQUIRED

SIZES: Final = (100, 1_000, 10_000)
_UNIT: Final = "catering_section"
_VILLAGE: Final = "350322100001"
_WEEKS: Final = 52
_LISTED: Final = 5


def run(*, sizes: tuple[int, ...] = SIZES) -> list[ReportTable]:
    """Draw from ever more kitchens, and count a year of periods again."""
    heads = ("kitchens", "statements", "ms", "ms a kitchen, ratio", "periods", "differ")
    table = ReportTable("Video patrols as kitchens grow", heads)
    smaller = 0.0
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            town = found(f"sqlite:///{folder}/city.db", Path(folder))
            with town.database.transaction() as session:
                shops = [_kitchen(town, session, number) for number in range(size)]
                load_quotas(session, at=town.composition.clock.now())
            with town.database.counting() as count:
                spent = _timed(lambda: _propose(town))  # noqa: B023 - used at once
            asked = len([text for text in count.statements if text != "begin"])
            closed, differ = _year(town, shops)
            each = spent / size
            table.add(size, asked, spent * 1000, each / (smaller or each), closed, differ)
            smaller = each
            town.database.close()
    return [table]


def _kitchen(town: Town, session: Session, number: int) -> int:
    now = town.composition.clock.now()
    new = NewBusiness(name=f"示例饭店{number}", category="catering.restaurant", area_code=_VILLAGE)
    shop = add_business(session, new, at=now)
    camera = NewCamera(
        business_id=shop,
        vendor="bench",
        stream_ref=f"kitchen-{number}",
        kind="live",
        position_in_kitchen="烹饪区",
    )
    note_seen(session, add_camera(session, camera, at=now), at=NEVER)
    follow_cameras(session, shop, by="bench", at=now)
    return shop


def _propose(town: Town) -> None:
    with town.database.reading() as session:
        now = town.composition.clock.now()
        without = list_watched(session, _UNIT, "2026-03")
        propose(list_kitchens(session), _LISTED, seed="bench", now=now, without=without)


def _year(town: Town, shops: list[int]) -> tuple[int, int]:
    moment, items = town.composition.clock.now(), dict.fromkeys(REQUIRED, "yes")
    for week in range(_WEEKS):
        now = moment + timedelta(weeks=week)
        with town.database.transaction() as session:
            limits = town.composition.runner.calendar(session)
            for shop in shops[week % 50 :][:_LISTED]:
                seen = Watched(business_id=shop, unit=_UNIT, watched_at=now, items=items)
                record_patrol(session, seen, limits=limits, now=now)
            close_over(session, now=now)
    with town.database.reading() as session:
        closed = [one for one in list_periods(session) if one.closed_at is not None]
        return len(closed), len(differences(session))


def _timed(work: Callable[[], None]) -> float:
    # Processor time: what else runs on the machine must not count.
    begin = time.process_time()
    work()
    return time.process_time() - begin
