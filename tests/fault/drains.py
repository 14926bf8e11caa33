"""Many due timers and deliveries, drained by workers while they are killed; holds no test.

Every case is opened and every timer fired as always; afterwards each case file is computed again,
and what the receivers got is compared with what was written.
"""

import base64
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

import orjson
from sqlalchemy import func, insert, select, update

from api.composition import Composition, compose
from api.settings import Settings
from engine.time.clock import SystemClock
from storage.cases import events
from storage.database.session import Database, Session
from storage.tables import case_event, outbox, running_process, timer
from tests.brokers import Broker
from tests.fault.hosts import Host, seconds_of
from tests.stories.world import SECRET, VAULT_KEY, settle

RECEIVERS = 10
SLOW = "slow"
LONG_AGO = timedelta(hours=1)
PATIENCE = timedelta(minutes=40)
_SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
_LOOK = 0.5
DRAINED = "drained"
WARMING = 20
_SLOW_SECONDS = 0.3
_LAST_WORDS = 5


@dataclass(frozen=True)
class Plan:
    """What is drained, by whom, and what happens meanwhile."""

    timers: int
    deliveries: int
    workers: int
    broker: str | None = None
    rounds: int = 1
    """How often: each time the next timer of every case is made due."""
    kills: int = 0
    seconds_between: float = 6.0
    cut_seconds: float = 0.0
    idle_seconds: float = 0.0
    """How long nothing is due at first, to see what waiting costs; 0: it is not looked at."""


@dataclass
class Outcome:
    """What came of it."""

    fired: int = 0
    delivered: int = 0
    lost: int = 0
    doubled: int = 0
    broken: int = 0
    deliveries_lost: int = 0
    deliveries_twice: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    """Of processors, of everything that took part, without what was killed."""
    parts: dict[str, float] = field(default_factory=dict)
    """By host, from its start on."""
    idle: float = 0.0
    """What of it the same processes would have spent with nothing to do."""
    counted: int = 0
    """Timers and deliveries of that time."""

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled or torn; a delivery may come twice, under its key."""
        return not (self.lost or self.doubled or self.broken or self.deliveries_lost)


class Receivers:
    """The outside systems: they note the keys of what they get."""

    def __init__(self, address: str) -> None:
        self.keys: list[str] = []
        keys = self.keys
        never = threading.Event()

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                if self.path.endswith(SLOW):
                    never.wait(_SLOW_SECONDS)
                keys.append(str(self.headers["webhook-id"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keep the terminal quiet."""

        class Listening(ThreadingHTTPServer):
            # Five, as it is, are refused connections when all workers send at once.
            request_queue_size = 1_024

        self.server = Listening((address, 0), Answering)
        self.address = f"http://{address}:{self.server.server_port}"


@contextmanager
def receivers(address: str) -> Iterator[Receivers]:
    """Serve the outside systems for the length of the block."""
    made = Receivers(address)
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()


@dataclass
class Drain:
    """One installation over several hosts, and the drain of what is due in it."""

    url: str
    """The database as seen from here."""
    inner_url: str
    """The database as the hosts see it."""
    folder: Path
    hosts: Mapping[str, Host]
    plan: Plan
    outside: Receivers
    broker: Broker | None = None
    beside: Sequence[int] = ()
    """Sessions whose processor time counts as well: database and broker."""
    dice: Random = field(default_factory=lambda: Random(7))  # noqa: S311 - to be thrown again
    outcome: Outcome = field(default_factory=Outcome)
    due: Counter[int] = field(default_factory=Counter)
    """How many timers of each case were made due."""

    def run(self) -> Outcome:
        """Fill, drain, and look at everything."""
        database = Database(self.url, pooled=False)
        composition = compose(self._settings(), database=database)
        self._write_outgoing()
        fill(composition, self.plan.timers)
        self._start_all()
        self._wait_until_ready(database)
        idle_rate = self._idle_rate()
        cutting = threading.Thread(target=self._cut_off)
        cutting.start()
        spent, before, began = 0.0, 0, 0.0
        for number in range(self.plan.rounds):
            if number <= 1:
                # The first round makes the workers warm, when there are others.
                spent, before, began = self._seconds(), self.due.total(), time.monotonic()
            add_deliveries(database, self.plan.deliveries, name=f"{DRAINED}{number}")
            self.due.update(make_due(database))
            self._drain(database)
        self.outcome.seconds = self._seconds() - spent
        self.outcome.parts = {name: round(seconds, 2) for name, seconds in self._parts().items()}
        self.outcome.idle = idle_rate * (time.monotonic() - began)
        rounds = max(1, self.plan.rounds - 1)
        self.outcome.counted = self.due.total() - before + rounds * self.plan.deliveries
        cutting.join()
        self._check(database)
        database.close()
        return self.outcome

    def _settings(self) -> Settings:
        return Settings(
            database_url=self.url,
            secret_key=SECRET,
            vault_key=VAULT_KEY,
            var_folder=self.folder,
            blob_folder=self.folder / "blobs",
        )

    def _environment(self) -> dict[str, str]:
        broker = {} if self.broker is None else {"HANGJI_BROKER_URL": self.broker.url}
        return {
            "HANGJI_DATABASE_URL": self.inner_url,
            "HANGJI_SECRET_KEY": SECRET,
            "HANGJI_VAULT_KEY": base64.urlsafe_b64encode(VAULT_KEY).decode(),
            "HANGJI_VAR_FOLDER": str(self.folder),
            **broker,
        }

    def _write_outgoing(self) -> None:
        host = self.outside.server.server_address[0]
        names = [*(f"r{number}" for number in range(RECEIVERS)), SLOW]
        told = {
            "hosts": [host],
            "inner_networks": ["10.77.0.0/24", "127.0.0.0/8"],
            "plain_http": True,
            "endpoints": {
                name: {"url": f"{self.outside.address}/{name}", "secret": _SECRET} for name in names
            },
        }
        (self.folder / "outgoing.json").write_bytes(orjson.dumps({"webhooks": told}))

    def _workers(self) -> list[Host]:
        return [host for name, host in self.hosts.items() if name.startswith("worker")]

    def _start_all(self) -> None:
        self._start(self.hosts["scheduler"], "scheduler")
        for host in self._workers():
            self._start(host, "worker")
        for name, host in self.hosts.items():
            if name.startswith("web"):
                self._start(host, "serve", "--host", host.address)

    def _start(self, host: Host, *words: str) -> None:
        environment, log = self._environment(), self.folder / f"{host.name}.log"
        host.hangji(*words, environment=environment, log=log)

    def _drain(self, database: Database) -> None:
        clock, never, last_left = SystemClock(), threading.Event(), -1
        until, next_kill = clock.now() + PATIENCE, clock.now()
        while (left := count_left(database)) and clock.now() < until:
            never.wait(_LOOK)
            is_moving, last_left = left != last_left, left
            is_time = clock.now() >= next_kill + timedelta(seconds=self.plan.seconds_between)
            if is_time and is_moving and self.outcome.kills.total() < self.plan.kills:
                self._kill_one()
                next_kill = clock.now()

    def _seconds(self) -> float:
        of_hosts = sum(host.seconds() for host in self.hosts.values())
        return of_hosts + sum(map(seconds_of, self.beside))

    def _parts(self) -> dict[str, float]:
        """Processor time since their start of hosts and what runs beside them, by name."""
        hosts = {name: host.seconds() for name, host in self.hosts.items()}
        return hosts | {f"beside {at}": seconds_of(one) for at, one in enumerate(self.beside)}

    def _idle_rate(self) -> float:
        """Processor seconds a second of everything that takes part, while nothing is due."""
        if not self.plan.idle_seconds:
            return 0.0
        spent, began = self._seconds(), time.monotonic()
        threading.Event().wait(self.plan.idle_seconds)
        return (self._seconds() - spent) / (time.monotonic() - began)

    def _wait_until_ready(self, database: Database) -> None:
        """Until the workers have done something: what starting costs is no cost of a step."""
        add_deliveries(database, WARMING, name="warming")
        never = threading.Event()
        until = SystemClock().now() + PATIENCE
        while count_left(database) and SystemClock().now() < until:
            never.wait(_LOOK)

    def _kill_one(self) -> None:
        choices: list[Host | Broker] = [host for host in self._workers() if not host.is_cut]
        if self.broker is not None:
            choices.append(self.broker)
        chosen = self.dice.choice(choices)
        chosen.kill()
        if isinstance(chosen, Broker):
            self.outcome.kills["broker"] += 1
            chosen.start()
        else:
            self.outcome.kills["worker"] += 1
            self._start(chosen, "worker")

    def _cut_off(self) -> None:
        """A worker that runs on without anybody, for longer than what it claimed."""
        if not self.plan.cut_seconds:
            return
        host = self._workers()[0]
        threading.Event().wait(10)
        host.cut()
        threading.Event().wait(self.plan.cut_seconds)
        host.mend()
        # What it still does of what it had, it does now.
        threading.Event().wait(_LAST_WORDS)

    def _check(self, database: Database) -> None:
        fired, outcome = count_fired(database), self.outcome
        outcome.fired = fired.total()
        outcome.lost = (self.due - fired).total()
        outcome.doubled = (fired - self.due).total()
        outcome.broken = count_broken(database)
        arrived = Counter(key for key in self.outside.keys if key.startswith(DRAINED))
        wanted = {
            key
            for number in range(self.plan.rounds)
            for key in keys_of(self.plan.deliveries, f"{DRAINED}{number}")
        }
        outcome.delivered = len(arrived)
        outcome.deliveries_lost = len(wanted - arrived.keys())
        outcome.deliveries_twice = arrived.total() - len(arrived)


def fill(composition: Composition, count: int) -> None:
    """Open cases the usual way, so that each file is one a person could have made."""
    database, runner = composition.database, composition.runner
    with database.transaction() as session:
        people = settle(session)
    form = {"matter": "L01", "area": people["unit_leader"].posts[0].place}
    form |= {"description": "示例", "no_photo_reason": "无"}
    for _ in range(count):
        with database.transaction() as session:
            runner.start(session, "grid_report", form, actor=people["grid_member"])


def make_due(database: Database) -> list[int]:
    """Let the first drawn timer of each case have been due for an hour; gives the cases."""
    long_ago = SystemClock().now() - LONG_AGO
    with database.transaction() as session:
        first = (
            select(timer.c.running_id, func.min(timer.c.element).label("element"))
            .where(timer.c.kind == "drawn")
            .group_by(timer.c.running_id)
            .subquery()
        )
        moved = session.execute(
            update(timer)
            .where(timer.c.running_id == first.c.running_id, timer.c.element == first.c.element)
            .values(due_at=long_ago)
            .returning(timer.c.case_id, timer.c.running_id)
        ).all()
        session.execute(
            update(running_process)
            .where(running_process.c.id.in_([row.running_id for row in moved]))
            .values(next_due=long_ago)
        )
    return [row.case_id for row in moved]


def add_deliveries(database: Database, count: int, *, name: str = DRAINED) -> None:
    """Queue deliveries to ten quick receivers and, one in a hundred, a slow one."""
    now = SystemClock().now()
    rows = [_delivery(key, number, now) for number, key in enumerate(keys_of(count, name))]
    with database.transaction() as session:
        session.execute(insert(outbox), rows)


def keys_of(count: int, name: str = DRAINED) -> list[str]:
    """The keys of the deliveries."""
    return [f"{name}-{number}" for number in range(count)]


def _delivery(key: str, number: int, now: datetime) -> dict[str, object]:
    receiver = SLOW if number % 100 == 0 else f"r{number % RECEIVERS}"
    return {
        "key": key,
        "channel": "notice",
        "receiver": f"webhook:{receiver}",
        "template": "case_closed",
        "payload": {"number": number},
        "state": "pending",
        "attempts": 0,
        "next_at": now,
        "created_at": now,
    }


def count_left(database: Database) -> int:
    """How much is still to be done."""
    before = SystemClock().now() - LONG_AGO / 2
    with database.reading() as session:
        due = session.execute(select(func.count()).where(timer.c.due_at < before)).scalar_one()
        unsent = select(func.count()).where(
            outbox.c.state == "pending", outbox.c.receiver.startswith("webhook:")
        )
        return int(due + session.execute(unsent).scalar_one())


def count_fired(database: Database) -> Counter[int]:
    """Count how often a timer fired in each case."""
    fired = (
        select(case_event.c.case_id, func.count())
        .where(case_event.c.kind == "timer_fired")
        .group_by(case_event.c.case_id)
    )
    with database.reading() as session:
        return Counter({row[0]: row[1] for row in session.execute(fired)})


def count_broken(database: Database) -> int:
    """How many case files do not hold when they are computed again."""
    broken = 0
    with database.reading() as session:
        for case_id, head in _files(session):
            entries = events.list_events(session, case_id)
            is_whole = events.verify(head.number, entries) is None
            broken += not (is_whole and entries and entries[-1].hash == head.head_hash)
    return broken


def _files(session: Session) -> list[tuple[int, events.Head]]:
    return events.list_files(session, after=0, limit=10_000_000)
