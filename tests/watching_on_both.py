"""Video patrols among what happens on two platforms, and what has to be true of them in the end.

Kitchens are watched here and over there, by both units, with problems and without; holds no test.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, Final

from sqlalchemy import select

from api.deriving import look_after_quotas
from handlers.video.counting import differences
from storage.kitchens.cameras import NewCamera, add_camera, follow_cameras
from storage.moments import in_china
from storage.tables import case_, sync_record, video_patrol
from storage.video.patrols import KEY
from storage.video.rules import VIDEO_PATROL
from tests.api.conftest import Api
from tests.supervision import an_inspection

UNITS: Final = {"catering_section": "CYK", "emergency_center": "YJZX"}

Entry = tuple[int, str, date]
"""Which business was watched by which unit on which day."""


@dataclass
class WatchedKitchens:
    """What both units watch; `shops` are names and credit codes by the number of the business."""

    api: Api
    dice: Random
    put: Callable[..., None]
    shops: dict[int, tuple[str, str]]
    entered: set[Entry] = field(default_factory=set)
    cases: list[str] = field(default_factory=list)

    def equip(self) -> None:
        """Give each business a camera."""
        now = self.api.clock.now()
        with self.api.database.transaction() as session:
            for shop in self.shops:
                new = NewCamera(
                    business_id=shop,
                    vendor="example",
                    stream_ref=f"kitchen-{shop}",
                    kind="live",
                    position_in_kitchen="烹饪区",
                )
                add_camera(session, new, at=now)
                follow_cameras(session, shop, by="test", at=now)

    # -- what may happen -------------------------------------------------------------------------

    def watch_here(self) -> None:
        """The section types in what one of both units watched."""
        unit, shop = self.dice.choice(list(UNITS)), self.dice.choice(list(self.shops))
        now = self.api.clock.now()
        body = {
            "business": shop,
            "unit": unit,
            "watched_from": now.isoformat(),
            "items": {"mask": "no", "work_clothes": "yes", "work_cap": "yes"},
            **({"problem": "厨师未戴口罩"} if self.dice.random() < 0.5 else {}),
        }
        answer = self.api.post("/video-patrols", body, "catering_section")
        assert answer.status_code in {200, 201}, answer.get_json()
        self.entered.add((shop, unit, in_china(now).date()))
        if answer.get_json()["case"] is not None:
            self.cases.append(answer.get_json()["case"])

    def watch_there(self) -> None:
        """Somebody enters over there what one of both units watched."""
        name, code = self.dice.choice(list(self.shops.values()))
        visited = in_china(self.api.clock.now()).strftime("%Y-%m-%d %H:%M:%S")
        ident = f"SP{self.dice.getrandbits(48):012x}"
        body = an_inspection(ident, dwmc=name, tyshxydm=code, jcsj=visited)
        more = {
            "lx": "SP",
            "jcdw": self.dice.choice(list(UNITS.values())),
            "jcx": {"kz": self.dice.choice([0, 1]), "gzf": 1, "gzm": 9},
            "sfyw": self.dice.choice([0, 1]),
        }
        self.put(**{**body, **more})

    def close(self) -> None:
        """The scheduler closes periods that are over and ends what was met."""
        look_after_quotas(self.api.composition)

    # -- peace -----------------------------------------------------------------------------------

    def check(self, course: str) -> None:
        """One entry for each business, unit and day; quotas count businesses, links count none."""
        with self.api.database.reading() as session:
            rows = session.execute(select(video_patrol)).all()
            read = select(sync_record.c.body).where(sync_record.c.kind == VIDEO_PATROL)
            there = {self._entry(body) for body in session.execute(read).scalars()}
            problems = select(case_.c.start_key).where(case_.c.start_key.startswith(KEY))
            keys = Counter(session.execute(problems).scalars())
            filed = select(case_.c.number).where(case_.c.source == VIDEO_PATROL)
            numbers = sorted(session.execute(filed).scalars())
            recounted = differences(session)
        entries = Counter((row.business_id, row.unit, row.day) for row in rows)
        assert entries == Counter(self.entered | there), course
        assert set(keys.values()) <= {1}, course
        assert numbers == sorted(self.cases), course
        assert recounted == [], course
        for unit, period in {(row.unit, row.period_key) for row in rows}:
            of_period = [row for row in rows if (row.unit, row.period_key) == (unit, period)]
            counting = {row.business_id for row in of_period if row.counts}
            card = self.api.get(f"/quotas/{unit}/{period}", "city_officer").get_json()
            assert card["met"] == len(counting), f"{unit} {period}; {course}"

    def _entry(self, body: dict[str, Any]) -> Entry:
        shop = next(shop for shop, (_, code) in self.shops.items() if code == body["credit_code"])
        return shop, body["unit"], date.fromisoformat(body["visited_at"][:10])
