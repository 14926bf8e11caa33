"""One installation under test: its processes, its clients, its database, and what it sends out.

Holds no test. The processes look at the clock of the machine; everything else of the city is the
small one of the stories.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random

import orjson
from sqlalchemy import func, select, update

from api.composition import Composition, compose
from api.identity.tokens import Tokens
from api.operating import ways
from api.settings import Settings
from engine.background.scheduler import run_due
from engine.time.clock import SystemClock, VirtualClock
from storage.database.session import Database
from storage.people.actors import Actor
from storage.tables import outbox, running_process, timer
from tests.delivering import deliver_due
from tests.engine.receivers import WebReceiver, web_receiver
from tests.fault.invariants import Audit
from tests.fault.lives import Machine, eventually, free_port
from tests.fault.walkers import Crowd
from tests.relay import broker_url
from tests.stories.world import SECRET, VAULT_KEY

ENDPOINT_SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
SERVING = "serve"
BESIDE = "scheduler"


@dataclass
class Site:
    """Everything about one installation that a test asks for."""

    composition: Composition
    machine: Machine
    crowd: Crowd
    platform: WebReceiver
    audit: Audit

    @property
    def database(self) -> Database:
        """The database, seen from outside."""
        return self.composition.database

    def wait_for_silence(self) -> None:
        """Until the database server has ended what dead clients left running."""
        if not self.database.is_sqlite:
            assert eventually(self._is_silent), "a dead client still works in the database"

    def let_some_be_due(self, dice: Random, *, share: float = 0.3) -> int:
        """Move drawn timers of some cases into the past, as if days had gone by; how many."""
        long_ago = SystemClock().now() - timedelta(hours=1)
        with self.database.transaction() as session:
            drawn = select(timer.c.running_id, timer.c.element).where(timer.c.kind == "drawn")
            rows = session.execute(drawn.order_by(timer.c.running_id, timer.c.element)).all()
            chosen = [row for row in rows if dice.random() < share][:2]
            for running_id, element in chosen:
                session.execute(
                    update(timer)
                    .where(timer.c.running_id == running_id, timer.c.element == element)
                    .values(due_at=long_ago)
                )
                # Never later than it is: a timer made due before may still wait to be fired.
                session.execute(
                    update(running_process)
                    .where(
                        running_process.c.id == running_id, running_process.c.next_due > long_ago
                    )
                    .values(next_due=long_ago)
                )
        return len(chosen)

    def finish(self) -> None:
        """What the dead had claimed is done by the next who looks, once the claims have run out."""
        clock = VirtualClock(SystemClock().now() + timedelta(minutes=10))
        later = replace(self.composition.runner, clock=clock)
        ticked = run_due(self.database, later)
        assert (ticked.failed, ticked.incidents) == (0, 0)
        while deliver_due(self.database, ways(self.composition), clock).sent:
            pass
        assert self.letters_left() == 0, "a delivery was never sent"

    def letters_left(self) -> int:
        """How many deliveries nobody has sent yet."""
        with self.database.reading() as session:
            unsent = select(func.count()).where(outbox.c.state != "sent")
            return int(session.execute(unsent).scalar_one())

    def _is_silent(self) -> bool:
        with self.database.reading() as session:
            others = session.exec_driver_sql(
                "select count(*) from pg_stat_activity where datname = current_database()"
                " and pid <> pg_backend_pid()"
            )
            return bool(others.scalar_one() == 0)


@contextmanager
def installed(
    url: str,
    folder: Path,
    people: Mapping[str, Actor],
    *,
    shops: Sequence[int] = (),
    school: int = 0,
    patient_with: frozenset[int] = frozenset(),
) -> Iterator[Site]:
    """An installation on a settled database; nothing of it runs yet, nothing is left after."""
    port = free_port()
    settings = Settings(
        database_url=url,
        secret_key=SECRET,
        vault_key=VAULT_KEY,
        var_folder=folder,
        blob_folder=folder / "blobs",
        database_pool=3,
    )
    is_sqlite = url.startswith("sqlite")
    serve = (SERVING, "--host", "127.0.0.1", "--port", str(port))
    commands = (serve,) if is_sqlite else ((*serve, "--workers", "2"), (BESIDE,))
    if broker_url():
        commands = (*commands, ("worker", "--processes", "1"))
    composition = compose(settings)
    machine = Machine(_environment(settings), folder, commands, port)
    with web_receiver() as platform:
        _write_outgoing(folder, platform.port)
        crowd = Crowd(port, people, _tokens(people), shops, school, patient_with=patient_with)
        audit = Audit(composition.database, settings.blob_folder)
        try:
            yield Site(composition, machine, crowd, platform, audit)
        finally:
            crowd.stopped.set()
            machine.kill()
            composition.database.close()


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "HANGJI_DATABASE_URL": settings.database_url,
        "HANGJI_SECRET_KEY": settings.secret_key,
        "HANGJI_VAULT_KEY": base64.urlsafe_b64encode(settings.vault_key).decode(),
        "HANGJI_VAR_FOLDER": str(settings.var_folder),
        "HANGJI_BLOB_FOLDER": str(settings.blob_folder),
        "HANGJI_DATABASE_POOL": "6",
        "HANGJI_BROKER_URL": broker_url() or "",
    }


def _tokens(people: Mapping[str, Actor]) -> dict[str, str]:
    signer, now = Tokens([SECRET], hours=24), SystemClock().now()
    return {
        role: signer.issue(actor.id, actor.token_version, now=now) for role, actor in people.items()
    }


def _write_outgoing(folder: Path, port: int) -> None:
    endpoint = {"url": f"http://127.0.0.1:{port}/told", "secret": ENDPOINT_SECRET}
    told = {
        "hosts": ["127.0.0.1"],
        "inner_networks": ["127.0.0.0/8"],
        "plain_http": True,
        "endpoints": {"platform": endpoint},
    }
    (folder / "outgoing.json").write_bytes(orjson.dumps({"webhooks": told}))
