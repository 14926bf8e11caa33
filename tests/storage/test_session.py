"""Transactions: one at a time, all or nothing, repeated only where that is safe."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError, ResourceClosedError

from storage.database import statements as fast
from storage.database.connections import Connections, Kept, open_engine
from storage.database.session import Database, Session
from storage.errors import FormInvalid, Overloaded
from storage.moments import to_text
from storage.tables import heartbeat
from tests.build import MORNING


class BrokenError(Exception):
    """What a test raises inside a transaction."""


def add(session: Session, name: str) -> None:
    session.execute(heartbeat.insert().values(name=name, at=MORNING))


def add_and_break(database: Database) -> None:
    with database.transaction() as session:
        add(session, "one")
        raise BrokenError


def count(session: Session) -> int:
    return int(session.execute(select(func.count()).select_from(heartbeat)).scalar_one())


def test_a_raising_block_leaves_no_row(database: Database) -> None:
    with pytest.raises(BrokenError):
        add_and_break(database)

    with database.reading() as session:
        assert count(session) == 0


def test_what_is_written_while_reading_does_not_last(database: Database) -> None:
    with database.reading() as session:
        add(session, "one")

    with database.reading() as session:
        assert count(session) == 0


def test_a_transaction_inside_another_is_refused(database: Database) -> None:
    for inner in (database.transaction, database.reading):
        with database.transaction(), pytest.raises(RuntimeError, match="open already"), inner():
            pass

    with database.transaction() as session:
        add(session, "still usable")


def test_sqlite_is_set_to_lose_nothing(sqlite: Database) -> None:
    """notes/reliability.md section 7."""
    wanted = {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30000, "foreign_keys": 1}

    with sqlite.reading() as session:
        found = {name: session.exec_driver_sql(f"pragma {name}").scalar() for name in wanted}

    assert found == wanted


def test_a_read_passes_while_somebody_writes(database: Database) -> None:
    seen: list[int] = []

    def read() -> None:
        with database.reading() as session:
            seen.append(count(session))

    with database.transaction() as session:
        add(session, "one")
        reader = threading.Thread(target=read)
        reader.start()
        reader.join(timeout=20)

    assert seen == [0]


def test_what_is_read_is_one_picture_whatever_others_commit_meanwhile(database: Database) -> None:
    """A case file taken out while somebody works on the case must not tear."""

    def write() -> None:
        with database.transaction() as session:
            add(session, "meanwhile")

    with database.reading() as session:
        before = count(session)
        writer = threading.Thread(target=write)
        writer.start()
        writer.join(timeout=20)
        after = count(session)
    with database.reading() as session:
        seen_later = count(session)

    assert (before, after, seen_later) == (0, 0, 1)


def test_no_update_is_lost_between_eight_writers(database: Database) -> None:
    """notes/reliability.md section 7: read, then write, without an error or a lost update."""
    with database.transaction() as session:
        add(session, "0")

    def bump(_number: int) -> None:
        def once(session: Session) -> None:
            row = session.execute(select(heartbeat.c.name).with_for_update()).scalar_one()
            session.execute(heartbeat.update().values(name=str(int(row) + 1)))

        for _ in range(10):
            database.run(once)

    writers = [threading.Thread(target=bump, args=(number,)) for number in range(8)]
    for one in writers:
        one.start()
    for one in writers:
        one.join(timeout=60)

    with database.reading() as session:
        assert session.execute(select(heartbeat.c.name)).scalar() == "80"


def test_writers_of_one_file_are_served_in_the_order_they_came(sqlite: Database) -> None:
    served: list[int] = []
    arrived: list[threading.Thread] = []

    def write(number: int) -> None:
        with sqlite.transaction():
            served.append(number)

    with sqlite.transaction():
        for number in range(5):
            writer = threading.Thread(target=write, args=(number,))
            arrived.append(writer)
            writer.start()
            while len(sqlite._turns._waiting) <= number:  # noqa: SLF001 - the queue is what is tested
                threading.Event().wait(0.001)
    for writer in arrived:
        writer.join(timeout=20)

    assert served == [0, 1, 2, 3, 4]


def failing(times: int, sqlstate: str, *, lost: bool = False) -> tuple[list[int], object]:
    """A piece of work that fails so many times as a database would."""
    tries: list[int] = []

    def work(_session: Session) -> int:
        tries.append(len(tries))
        if len(tries) <= times:
            cause = BrokenError()
            cause.sqlstate = sqlstate  # type: ignore[attr-defined]  # as the driver's errors have it
            error = OperationalError("select", {}, cause)
            error.connection_invalidated = lost
            raise error
        return len(tries)

    return tries, work


@pytest.mark.parametrize("sqlstate", ["40001", "40P01", "55P03"])
def test_a_step_the_database_took_back_is_done_again(database: Database, sqlstate: str) -> None:
    _, work = failing(3, sqlstate)

    assert database.run(work, pause=lambda _seconds: None) == 4  # type: ignore[arg-type]  # see failing


def test_a_lost_connection_is_tried_again_only_with_a_key(database: Database) -> None:
    """notes/reliability.md section 8: only the key knows whether the commit happened."""
    tries, work = failing(1, "08006", lost=True)

    with pytest.raises(OperationalError):
        database.run(work, pause=lambda _seconds: None)  # type: ignore[arg-type]  # see failing
    assert len(tries) == 1

    _, work = failing(1, "08006", lost=True)
    assert database.run(work, is_keyed=True, pause=lambda _seconds: None) == 2  # type: ignore[arg-type]  # see failing


@pytest.mark.postgres
@pytest.mark.fault
def test_a_keyed_step_survives_the_loss_of_its_connection(postgres: Database) -> None:
    """notes/reliability.md row 9, with a real connection that is really cut."""
    pids: list[int] = []

    def work(session: Session) -> int:
        [(pid,)] = fast.run(session, "select pg_backend_pid()", {})
        pids.append(pid)
        if len(pids) == 1:
            cut = threading.Thread(target=end_connection, args=(postgres, pid))
            cut.start()
            cut.join(timeout=20)
        return count(session) + len(fast.run(session, "select 1", {}))

    assert postgres.run(work, is_keyed=True, pause=lambda _seconds: None) == 1
    assert len(pids) == 2
    assert pids[0] != pids[1]


def end_connection(database: Database, pid: int) -> None:
    """Cut another connection, as a failing database would."""
    with database.transaction() as session:
        session.execute(select(func.pg_terminate_backend(pid)))


@pytest.mark.postgres
def test_a_character_the_database_cannot_keep_is_bad_input(postgres: Database) -> None:
    """api.md: bad input never gives 5xx."""
    with pytest.raises(FormInvalid), postgres.transaction() as session:
        add(session, "a\x00b")


def test_trying_again_ends(database: Database) -> None:
    tries, work = failing(9, "40001")

    with pytest.raises(OperationalError):
        database.run(work, attempts=3, pause=lambda _seconds: None)  # type: ignore[arg-type]  # see failing

    assert len(tries) == 3


def test_a_full_disk_asks_to_come_back_later(database: Database) -> None:
    with pytest.raises(Overloaded) as refused, database.transaction():
        raise OperationalError("insert", {}, BrokenError("database or disk is full"))

    assert refused.value.attributes["retry_after"] == 2


def test_statements_can_be_counted(database: Database) -> None:
    with database.counting() as counted, database.transaction() as session:
        add(session, "one")
        count(session)

    assert (
        len([statement for statement in counted.statements if not statement.startswith("begin")])
        == 2
    )


def test_a_moment_without_offset_is_refused(database: Database) -> None:
    naive = MORNING.replace(tzinfo=None)

    with pytest.raises(ValueError, match="offset"):
        to_text(naive)
    with pytest.raises(Exception, match="offset"), database.transaction() as session:
        session.execute(heartbeat.insert().values(name="one", at=naive))


def test_a_moment_comes_back_as_the_same_moment(database: Database) -> None:
    with database.transaction() as session:
        add(session, "one")

        found = session.execute(select(heartbeat.c.at)).scalar_one()

    assert found == MORNING
    assert found.utcoffset().total_seconds() == 0


def test_a_session_kept_beyond_its_block_is_dead(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("select 1"))

    with pytest.raises(ResourceClosedError):
        add(session, "late")
    with pytest.raises(ResourceClosedError):
        fast.run(session, "select 1", {})
    with database.reading() as other:
        assert count(other) == 0


def test_one_connection_serves_everybody_in_turn(database: Database) -> None:
    """Also after a block that raised, and when more wait than there are connections."""
    small = Database(database.url.render_as_string(hide_password=False), pool_size=1)

    def work(number: int) -> int:
        with suppress(ValueError), small.transaction() as session:
            session.execute(text("select 1"))
            if number % 3 == 0:
                raise ValueError
        with small.reading() as session:
            return int(session.execute(text("select 1")).scalar_one())

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(work, range(24))) == [1] * 24
    small.close()


def driver_under(connection: Kept) -> object:
    return connection.connection.dbapi_connection


def test_only_the_first_loss_makes_all_connections_anew(postgres: Database) -> None:
    """A late one of the same loss leaves the new ones alone."""
    opener = open_engine(postgres.url, most=3, is_fast=True)
    connections = Connections(opener, (), is_fast=True)
    first, second = connections.take(), connections.take()
    first.invalidate()
    second.invalidate()

    connections.discard(first)
    fresh = connections.take()
    driver = driver_under(fresh)
    connections.give_back(fresh)
    connections.discard(second)

    last = connections.take()
    assert driver_under(last) is driver
    connections.give_back(last)
    connections.close()


def test_a_connection_taken_before_a_loss_is_closed_when_it_comes_back(postgres: Database) -> None:
    opener = open_engine(postgres.url, most=3, is_fast=True)
    connections = Connections(opener, (), is_fast=True)
    lost, busy = connections.take(), connections.take()
    driver: Any = driver_under(busy)
    lost.invalidate()

    connections.discard(lost)
    connections.give_back(busy)

    assert driver.closed
    connections.close()
