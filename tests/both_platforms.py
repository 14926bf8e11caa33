"""Two platforms in one process, and the dice that say what happens to them; holds no test.

Records are entered, changed and deleted over there, cases are filed, handled and closed here,
kitchens are watched on both sides; reading and sending go through outages, lost answers and kills.
`settle` calms everything down and compares both sides.
"""

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from random import Random
from typing import Any, Final

from flask import Flask
from sqlalchemy import event, func, select

from api.deriving import derive
from api.operating import ways
from api.supervision import rows as theirs
from api.supervision.rows import Rows
from api.syncing.comparing import DayComparison
from api.syncing.pulling import Pulling
from api.syncing.pushing import SyncChannel
from api.syncing.taking import Taking
from engine.delivery.partners import CHANNEL
from engine.time.clock import SystemClock
from handlers.sync.mapping import SourceMapping, read_mappings
from handlers.sync.protocol import SourceFailed
from handlers.sync.rest_json import RestJson
from storage.moments import in_china
from storage.sync import sources
from storage.tables import case_, incident, outbox, sync_record
from tests.api.conftest import BEGAN, Api
from tests.city import CITY
from tests.delivering import deliver_due
from tests.supervision import SOURCE, an_inspection
from tests.watching_on_both import WatchedKitchens

SHOPS: Final = (
    ("示例小吃店（演示）", "92350322MADEM00113"),
    ("示例便利店（演示）", "92350322MADEM002XT"),
)
SWITCHES: Final[dict[str, list[Any]]] = {
    "down": [True],
    "fail_every": [2, 3, 5],
    "duplicate": [True],
    "shuffled": [True],
    "half": [True],
    "encoding": ["gbk"],
}
STEPS: Final[dict[str, dict[str, Any]]] = {
    "accept": {"answer": "accept"},
    "resolve_or_pass_up": {"outcome": "resolved", "measures": "当场改正"},
    "order_rectification": {"order": "on_the_spot", "reason": "当场改正，没有照片"},
    "check_rectification": {"check_result": "passed"},
}
"""How a case of the station comes to its end."""
CHECKER: Final = {"check_rectification": "station_officer2"}


class Killed(BaseException):
    """The process ends here: nothing that expects an exception may stop it."""


@dataclass
class Both:
    """Both platforms, and the dice; `seed` stands in every failure."""

    api: Api
    rows: Rows
    app: Flask
    dice: Random
    seed: str
    natives: list[str] = field(default_factory=list)
    course: list[str] = field(default_factory=list)
    loses_answers: bool = False
    video: WatchedKitchens = field(init=False)

    def __post_init__(self) -> None:
        """Cameras hang in the kitchens of both shops."""
        shops = dict(enumerate(SHOPS, start=1))
        self.video = WatchedKitchens(self.api, self.dice, self.put, shops)
        self.video.equip()

    # -- how they speak with each other ----------------------------------------------------------

    def call(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        """Ask the stand-in without a network between; the answer may be lost on the way."""
        answer = self.app.test_client().open(path, method=method, headers=dict(headers), data=body)
        if self.loses_answers and path != "/token" and self.dice.random() < 0.5:
            message = "the answer was lost"
            raise SourceFailed(message)
        return answer.status_code, answer.data

    @cached_property
    def mapping(self) -> SourceMapping:
        """How their fields are called."""
        return read_mappings(CITY)[SOURCE]

    @property
    def adapter(self) -> RestJson:
        """A fresh adapter: that of a process that starts."""
        return RestJson(self.mapping, self.call, "hangji", "secret")

    def pulling(self) -> Pulling:
        """What reads them, by small pages."""
        made = self.api.composition
        object.__setattr__(self.mapping, "page_size", self.dice.choice([1, 3, 10]))
        taking = Taking(made.runner, self.mapping)
        return Pulling(made.database, self.adapter, taking, made.vault_keys[0])

    def deliver(self) -> None:
        """One round of deliveries, of every way."""
        made = self.api.composition
        partner = (self.adapter, self.mapping)
        channel = SyncChannel(made.database, lambda _: partner, made.vault_keys)
        self.set_their_clock()
        deliver_due(made.database, {**ways(made), CHANNEL: channel}, self.api.clock)

    def set_their_clock(self) -> None:
        """Their clock beside ours, up to seven minutes ahead."""
        ahead = timedelta(minutes=self.dice.choice([0, 0, 7]))
        off = self.api.clock.now() + ahead - SystemClock().now()
        self.switch(clock=off.total_seconds() / 60)

    # -- what may happen -------------------------------------------------------------------------

    def act(self) -> None:
        """One thing that may happen."""
        acts = {
            self.enter: 4,
            self.change: 3,
            self.delete: 1,
            self.trouble: 2,
            self.calm: 1,
            self.pull: 4,
            self.die: 3,
            self.native: 2,
            self.handle: 4,
            self.push: 4,
            self.die_sending: 3,
            self.decide: 1,
            self.wait: 1,
            self.video.watch_here: 3,
            self.video.watch_there: 3,
            self.video.close: 1,
        }
        (act,) = self.dice.choices(list(acts), list(acts.values()))
        self.course.append(act.__name__)
        act()

    def put(self, **body: Any) -> None:
        """Write over there, at their time: ours, up to seven minutes ahead."""
        at = in_china(self.api.clock.now() + timedelta(minutes=self.dice.choice([0, 0, 7])))
        with self.rows.open() as session:
            theirs.put_inspection(session, {**body, "gxsj": at.strftime("%Y-%m-%d %H:%M:%S")})

    def enter(self) -> None:
        """Somebody enters a visit there."""
        name, code = self.dice.choice(SHOPS)
        visited = in_china(self.api.clock.now()).strftime("%Y-%m-%d %H:%M:%S")
        ident = f"JC{self.dice.getrandbits(48):012x}"
        body = an_inspection(ident, dwmc=name, tyshxydm=code, jcsj=visited)
        more = {"sfyw": self.dice.choice([0, 1]), "sxdm": self.dice.choice(["F1001", "F1002"])}
        self.put(**{**body, **more})

    def change(self) -> None:
        """Somebody changes one there, or repeats an older version of it."""
        known = self.anything()
        if known:
            body = {"jcbh": known["jcbh"], "ms": f"第{self.dice.randrange(999)}次", "sfyw": 1}
            self.put(**body)

    def delete(self) -> None:
        """Somebody deletes one there."""
        known = self.anything()
        if known:
            self.put(jcbh=known["jcbh"], sc=1)

    def anything(self) -> dict[str, Any] | None:
        """Any record of theirs."""
        found = self.held()
        return self.dice.choice(found) if found else None

    def trouble(self) -> None:
        """Something there, or on the way back, goes wrong."""
        name = self.dice.choice([*SWITCHES, "answers"])
        if name == "answers":
            self.loses_answers = True
        else:
            self.switch(**{name: self.dice.choice(SWITCHES[name])})

    def calm(self) -> None:
        """Everything there is well again."""
        self.loses_answers = False
        self.switch(**dict.fromkeys(SWITCHES, 0))

    def switch(self, **told: Any) -> None:
        """Turn switches of the other platform."""
        with self.rows.open() as session:
            for name, value in told.items():
                theirs.put_switch(session, name, value)

    def pull(self) -> None:
        """One whole run, or none where somebody holds the lease."""
        self.wait()
        self.pulling().run()

    def die(self) -> None:
        """A run whose process ends at any statement, commit or page."""
        self.wait()
        try:
            with dying_at(self.api, self.dice.randrange(1, 120)):
                self.pulling().run()
        except Killed:
            self.course[-1] = "died"

    def native(self) -> None:
        """Somebody of the station files the same visit here."""
        matter = self.dice.choice(["P03", "L01"])
        shop = self.dice.choice([1, 1, 2])
        number = self.api.report("station_officer", business=shop, matter=matter)
        self.natives.append(number)

    def handle(self) -> None:
        """Somebody goes one step on in one of the last cases filed here."""
        if not self.natives:
            return
        number = self.dice.choice(self.natives[-4:])
        for task in self.api.get(f"/cases/{number}", "supervisor").get_json()["tasks"]:
            self.api.complete(
                number, CHECKER.get(task["name"], "station_officer"), **STEPS[task["name"]]
            )

    def push(self) -> None:
        """One round of deliveries, a while later."""
        self.api.clock.advance(timedelta(minutes=2))
        self.deliver()

    def die_sending(self) -> None:
        """A round whose process ends at any statement or commit: before, after, between."""
        self.api.clock.advance(timedelta(minutes=2))
        try:
            with dying_at(self.api, self.dice.randrange(1, 40)):
                self.deliver()
        except Killed:
            self.course[-1] = "died_sending"
            self.wait()

    def decide(self) -> None:
        """A person says which visit a record is, or that it is one of its own."""
        waiting = self.api.get("/sync/reviews", "admin_system").get_json()["items"]
        if waiting:
            review = self.dice.choice(waiting)
            numbers = [one["number"] for one in review["candidates"]]
            chosen = self.dice.choice([*numbers, None])
            body = {} if chosen is None else {"case": chosen}
            answer = self.api.post(f"/sync/reviews/{review['id']}/decide", body, "admin_system")
            assert answer.status_code in {200, 409}, answer.get_json()

    def wait(self) -> None:
        """The lease of a killed process runs out."""
        self.api.clock.set(self.api.clock.now() + sources.LEASE + timedelta(seconds=1))

    # -- peace -----------------------------------------------------------------------------------

    def settle(self, *, days: int = 3) -> None:
        """Peace: everything is sent, everything is read, and both sides are compared."""
        self.calm()
        self.send_all()
        for _ in range(2):
            self.pull()
        course = f"seed {self.seed}: {' '.join(self.course)}"
        compared = DayComparison(self.api.database, self.adapter, SOURCE)
        assert compared.run(now=self.api.clock.now(), days=days) == 0, course
        self.check_records(course)
        self.check_told(course)
        self.check_numbers(course)
        self.video.check(course)
        self.course.clear()

    def send_all(self) -> None:
        """Send until nothing waits; what failed twelve times a person sends again."""
        while (due := self.next_due()) is not None:
            self.api.clock.set(max(due, self.api.clock.now()))
            self.deliver()
            self.resend()

    def next_due(self) -> Any:
        """When the last delivery that waits is due."""
        waiting = select(func.max(outbox.c.next_at)).where(
            outbox.c.channel == CHANNEL, outbox.c.state == "pending"
        )
        with self.api.database.reading() as session:
            return session.execute(waiting).scalar_one()

    def resend(self) -> None:
        """Send again what was given up."""
        with self.api.database.reading() as session:
            given_up = select(incident.c.id).where(incident.c.state == "open")
            found = list(session.execute(given_up).scalars())
        for incident_id in found:
            self.api.post(f"/incidents/{incident_id}/retry", {}, "supervisor")

    def held(self) -> list[dict[str, Any]]:
        """Everything they hold."""
        with self.rows.open() as session:
            return theirs.list_since(session, "", offset=0, limit=100_000)

    def check_records(self, course: str) -> None:
        """No copy, nothing lost, natives as many as were filed."""
        with self.api.database.reading() as session:
            kept = session.execute(select(sync_record)).all()
            arrived = select(case_.c.id).where(case_.c.source == "external_sync")
            made = Counter(session.execute(arrived).scalars())
            natives = select(case_.c.number).where(case_.c.source == "department_patrol")
            filed = set(session.execute(natives).scalars())
        living = {one["jcbh"] for one in self.held() if not one["sc"]}
        assert living <= {row.external_id for row in kept}, course
        subjects = Counter(
            row.subject_id
            for row in kept
            if row.subject_kind == "case" and row.relation == "created"
        )
        assert subjects == made, course
        assert filed == set(self.natives), course

    def check_told(self, course: str) -> None:
        """Each case that is told stands there once, in the state it has here."""
        numbers = [*self.natives, *self.video.cases]
        told: dict[str, list[dict[str, Any]]] = {number: [] for number in numbers}
        for record in self.held():
            number = str(record.get("bz", "")).removeprefix("夯基 ")
            if number in told:
                told[number].append(record)
        with self.api.database.reading() as session:
            stand = select(case_.c.number, case_.c.status).where(case_.c.number.in_(told))
            status = {row.number: row.status for row in session.execute(stand)}
            linked = set(session.execute(_LINKED).scalars())
        for number, records in told.items():
            said = f"{number}: {records}; {course}"
            assert len(records) == 1 or (not records and number in linked), said
            for record in records:
                is_closed = status[number] == "closed"
                assert record["sfcz"] == str(int(is_closed)), said

    def check_numbers(self, course: str) -> None:
        """Board and map count the cases there are, open and closed, and no link."""
        derive(self.api.composition)
        counted = select(case_.c.status, func.count().label("cases")).group_by(case_.c.status)
        with self.api.database.reading() as session:
            there = {row.status: row.cases for row in session.execute(counted)}
        opened, closed = there.get("open", 0), there.get("closed", 0)
        # A long walk outlasts the days a board shows unless it is told from when on.
        whole = {"closed_from": BEGAN.isoformat()}
        answer = self.api.get("/dashboards/board", "supervisor", query_string=whole)
        board = answer.get_json()
        area = self.api.get("/map/summary", "supervisor").get_json()["area"]
        assert board["counts"]["open"] == opened, course
        assert board["times"]["count"] == closed, course
        assert area["open_cases"] == opened, course


_LINKED: Final = (
    select(case_.c.number)
    .join(sync_record, sync_record.c.subject_id == case_.c.id)
    .where(
        sync_record.c.subject_kind == "case",
        sync_record.c.relation == "linked",
        sync_record.c.origin == "theirs",
    )
)
"""Cases of ours that a record of theirs was linked to: these stand there already."""


@contextmanager
def dying_at(api: Api, point: int) -> Iterator[None]:
    """The `point`-th statement or commit inside the block is never reached."""
    engine = api.database._connections.opener  # noqa: SLF001 - a test that stands between hangji and the driver
    left = iter(range(point - 1))

    def step(*_: object) -> None:
        if next(left, None) is None:
            raise Killed

    names = ("before_cursor_execute", "commit")
    for name in names:
        event.listen(engine, name, step)
    try:
        yield
    finally:
        for name in names:
            event.remove(engine, name, step)


def a_seed() -> str:
    """A fresh seed, to be printed."""
    return secrets.token_hex(4)
