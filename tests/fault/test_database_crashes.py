"""PostgreSQL is stopped at once under load: what was told is kept, what is asked again is answered.

The cluster of these tests waits for the disk (`fsync=on`), unlike the one of all other tests. An
immediate stop does not test a loss of power.
"""

import secrets
import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, select

from storage.database.schema import upgrade
from storage.database.session import Database
from storage.errors import Overloaded
from storage.tables import case_event
from tests.cluster import Cluster, running_cluster
from tests.fault.belongings import check_identities
from tests.fault.invariants import check_told
from tests.fault.lives import eventually
from tests.fault.scenes import SCENES
from tests.fault.site import Site, installed
from tests.fault.walkers import Walker
from tests.stories.world import VAULT_KEY, World, settle

CRASHES = 2
STEPS = 12
DURABLE = "-c fsync=on -c max_connections=60 -c shared_buffers=32MB"
UNANSWERED = frozenset({500, 503})
"""While the database is away nobody knows whether a step was done; its key will."""

pytestmark = [pytest.mark.fault, pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def durable() -> Iterator[Cluster]:
    """A cluster whose acknowledged transactions are on the disk."""
    with running_cluster(DURABLE) as cluster:
        yield cluster


@pytest.fixture
def site(durable: Cluster, tmp_path: Path) -> Iterator[Site]:
    """An installation on it."""
    url = durable.create("site")
    database = Database(url, pooled=False)
    upgrade(database)
    with database.transaction() as session:
        people = settle(session)
    database.close()
    with installed(url, tmp_path, people, patient_with=UNANSWERED) as made:
        yield made


def test_a_stopped_database_loses_no_step_and_keys_answer_what_is_unknown(
    site: Site, durable: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    """notes/reliability.md row 9 and section 8."""
    seed = secrets.token_hex(4)
    with capsys.disabled():
        print(f"\nstop of PostgreSQL: seed {seed}", flush=True)  # noqa: T201 - who looks on wants it
    dice, crowd = Random(seed), site.crowd  # noqa: S311 - to be thrown again
    walkers = [Walker(crowd, f"{seed}-{number}") for number in range(4)]
    site.machine.begin()
    for one in walkers:
        one.start()

    for _ in range(CRASHES):
        wanted = len(crowd.told) + dice.randint(STEPS // 2, STEPS)
        assert eventually(lambda wanted=wanted: len(crowd.told) >= wanted or bool(crowd.faults))
        threading.Event().wait(dice.uniform(0, 0.1))
        durable.crash()
        before = len(crowd.told)
        durable.start()
        # The servers of hangji were never told; they go on by themselves.
        assert eventually(lambda before=before: len(crowd.told) > before + 2 or bool(crowd.faults))
    crowd.stopped.set()
    for one in walkers:
        one.join(120)
    assert crowd.faults == []
    site.machine.kill()
    site.database.close()
    site.wait_for_silence()
    site.finish()

    cases = site.audit.check_all()
    check_told(site.database, crowd.told)
    check_identities(site.database, crowd.reported, key=VAULT_KEY)
    with capsys.disabled():
        told = f"{CRASHES} stops: {len(crowd.told)} acknowledged steps, 0 lost; {cases} cases"
        print(f"{told}; {dict(crowd.counts)}", flush=True)  # noqa: T201 - as above


def test_a_database_that_is_away_is_a_reason_to_come_again(durable: Cluster) -> None:
    database = Database(durable.create("away"))
    durable.crash()
    try:
        with pytest.raises(Overloaded), database.reading():
            pass
    finally:
        durable.start()
        database.close()


def test_a_commit_whose_answer_is_lost_is_answered_by_its_key(
    postgres_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """notes/reliability.md section 8: after a lost connection at COMMIT only the key knows."""
    world = postgres_world
    request = SCENES["an_acceptance"](world)
    lose_the_next_commits_answer(world.database, monkeypatch)

    answer = request.send(world)
    again = request.send(world)

    assert answer.status_code == 200
    assert answer.headers["Idempotency-Replayed"] == "true"
    assert again.get_data() == answer.get_data()
    assert clicks(world) == 1


def test_without_a_key_the_server_does_not_try_a_lost_commit_again(
    postgres_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = postgres_world
    request = SCENES["an_acceptance"](world)
    lose_the_next_commits_answer(world.database, monkeypatch)

    answer = world.ask("POST", request.path, request.who, json=request.body)

    assert answer.status_code in UNANSWERED, answer.get_json()
    assert clicks(world) == 1


def lose_the_next_commits_answer(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server commit and the line go dead before it says so, once."""
    dialect = database._connections.opener.dialect  # noqa: SLF001 - as near to the wire as can be
    commit, lost = dialect.do_commit, []

    def cut(connection: Any) -> None:
        commit(connection)
        if not lost:
            lost.append(connection)
            connection.dbapi_connection.close()
            message = "server closed the connection unexpectedly"
            raise psycopg.OperationalError(message)

    monkeypatch.setattr(dialect, "do_commit", cut)


def clicks(world: World) -> int:
    """How many completed tasks all files tell of."""
    wanted = select(func.count()).where(case_event.c.kind == "task_completed")
    with world.database.reading() as session:
        return int(session.execute(wanted).scalar_one())
