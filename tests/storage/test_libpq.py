"""The way past the driver's cursors: values both ways, what is kept prepared, what is refused."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from storage.database import postgres as libpq
from storage.database import statements as fast
from storage.database.session import Database, Session, driver_of
from storage.errors import Conflict, FormInvalid
from storage.tables import business, heartbeat
from tests.storage.test_session import end_connection

pytestmark = pytest.mark.postgres

AT = datetime(2026, 3, 2, 1, 0, 0, 250, tzinfo=UTC)


def test_values_come_back_as_they_went(postgres: Database) -> None:
    question = (
        "select %(text)s::text, %(number)s::bigint, %(truth)s::boolean, %(bytes)s::bytea,"
        " %(moment)s::timestamptz, %(nothing)s::text, %(text)s::text || '%%'"
    )
    values = {
        "text": "夯基'\"\\",
        "number": 2**40,
        "truth": True,
        "bytes": b"\x00\xff",
        "moment": AT,
        "nothing": None,
    }

    with postgres.transaction() as session:
        [row] = fast.run(session, question, values)

    assert row == ("夯基'\"\\", 2**40, True, b"\x00\xff", AT, None, "夯基'\"\\%")


def test_places_may_be_numbered(postgres: Database) -> None:
    with postgres.transaction() as session:
        assert fast.run(session, "select $2::integer - $1::integer", [3, 5]) == [(2,)]


def test_a_class_no_column_takes_is_refused(postgres: Database) -> None:
    with postgres.transaction() as session, pytest.raises(TypeError, match="list"):
        fast.run(session, "select $1::text", [["x"]])


def test_a_nul_is_bad_input_and_never_cuts_a_text(postgres: Database) -> None:
    with pytest.raises(FormInvalid), postgres.transaction() as session:
        fast.run(session, "select $1::text", ["a\x00b"])


def names_kept(session: Session) -> int:
    """How many statements the connection of a session keeps prepared in the database."""
    return int(session.execute(text("select count(*) from pg_prepared_statements")).scalar_one())


def test_reading_forgets_no_prepared_statement(postgres: Database) -> None:
    """The driver's own rollback would: every reader ends with one."""
    for _ in range(3):
        with postgres.reading() as session:
            fast.run(session, "select 1", {})

    with postgres.reading() as session:
        assert "select 1" in driver_of(session).statements
        assert names_kept(session) >= 1


def test_the_oldest_statement_makes_room(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libpq, "_KEPT_AT_MOST", 2)

    with postgres.transaction() as session:
        answers = [fast.run(session, f"select {n}", {})[0][0] for n in (1, 2, 3, 1)]
        kept = driver_of(session).statements

    assert answers == [1, 2, 3, 1]
    assert kept == ("select 3", "select 1")


def test_statements_somebody_let_go_are_prepared_again(postgres: Database) -> None:
    """The driver does so after a change of tables; the piece of work is done again."""
    tries: list[int] = []

    def work(session: Session) -> int:
        tries.append(1)
        fast.run(session, "select 1", {})
        if len(tries) == 1:
            session.execute(text("deallocate all"))
        fast.run(session, "select 1", {})
        return len(tries)

    assert postgres.run(work, pause=lambda _: None) == 2


def test_a_statement_that_fails_takes_its_transaction_back(postgres: Database) -> None:
    def work(session: Session) -> None:
        fast.run(session, "insert into business (name, kind, area_code) values ($1, 'x', 'y')", [1])

    with pytest.raises(Exception, match="business"):
        postgres.run(work)

    with postgres.reading() as session:
        assert session.execute(select(business.c.id)).all() == []


def test_the_last_statement_waits_for_the_commit_but_not_longer(postgres: Database) -> None:
    """What is asked after it sees it; what reads afterwards sees it; it is run once."""
    add = "insert into heartbeat (name, at) values ($1, now())"
    with postgres.transaction() as session:
        fast.run_last(session, add, ["one"], refused=RuntimeError)
        assert names(session) == ["one"]
        fast.run_last(session, add, ["two"], refused=RuntimeError)
        assert [row[0] for row in fast.run(session, "select name from heartbeat", {})] == [
            "one",
            "two",
        ]
        fast.run_last(session, add, ["three"], refused=RuntimeError)

    with postgres.reading() as session:
        assert names(session) == ["one", "three", "two"]


@pytest.mark.parametrize("asked", [[], ["select 1"]])
def test_a_last_statement_that_must_not_happen_takes_all_back(
    postgres: Database, asked: list[str]
) -> None:
    """Whether the commit or another statement pushes it out."""
    nothing = "with u as (select 1 where $1::text is null) select 1 / count(*) from u"

    def work(session: Session) -> None:
        session.execute(text("insert into heartbeat (name, at) values ('before', now())"))
        fast.run_last(session, nothing, ["x"], refused=lambda: Conflict("not now", code="late"))
        for one in asked:
            session.execute(text(one))

    with pytest.raises(Conflict, match="not now"):
        postgres.run(work)

    with postgres.reading() as session:
        assert names(session) == []


def test_a_last_statement_the_database_refuses_is_said_as_any_other(postgres: Database) -> None:
    with pytest.raises(FormInvalid), postgres.transaction() as session:
        fast.run_last(session, "select $1::text::integer", ["x"], refused=RuntimeError)

    with postgres.transaction() as session:
        assert fast.run(session, "select 1", {}) == [(1,)]


@pytest.mark.fault
def test_a_connection_lost_before_the_commit_is_known_as_lost(postgres: Database) -> None:
    pids: list[int] = []

    def work(session: Session) -> int:
        [(pid,)] = fast.run(session, "select pg_backend_pid()", {})
        pids.append(pid)
        fast.run_last(session, "select 1", {}, refused=RuntimeError)
        if len(pids) == 1:
            cut = threading.Thread(target=end_connection, args=(postgres, pid))
            cut.start()
            cut.join(timeout=20)
        return len(pids)

    assert postgres.run(work, is_keyed=True, pause=lambda _: None) == 2


@pytest.mark.fault
@pytest.mark.parametrize("how", ["hot", "toolkit"])
def test_a_restart_of_the_database_costs_one_failure_not_one_per_connection(
    postgres: Database, how: str
) -> None:
    """However many connections the pool holds."""
    held = threading.Barrier(5)

    def hold() -> None:
        with postgres.reading() as session:
            fast.run(session, "select 1", {})
            held.wait(20)

    threads = [threading.Thread(target=hold) for _ in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    end_all_connections(postgres)

    failures = 0
    for _ in range(6):
        try:
            with postgres.reading() as session:
                if how == "hot":
                    fast.run(session, "select 1", {})
                else:
                    session.execute(text("select 1"))
        except DBAPIError:
            failures += 1

    assert failures <= 1


def test_columns_that_change_their_type_are_read_anew(postgres: Database) -> None:
    """As under a server that runs on while its tables are migrated."""
    make, change = "create table t (b text)", "alter table t alter b type varchar(10)"
    for statement in (make, "insert into t values ('x')"):
        with postgres.transaction() as session:
            session.execute(text(statement))
    read = "select b from t"
    try:
        with postgres.reading() as session:
            assert fast.run(session, read, {}) == [("x",)]
            assert read in driver_of(session).statements
        other = Database(postgres.url.render_as_string(hide_password=False))
        with other.transaction() as session:
            session.execute(text(change))
        other.close()

        assert postgres.run(lambda session: fast.run(session, read, {})) == [("x",)]
    finally:
        with postgres.transaction() as session:
            session.execute(text("drop table t"))


def test_a_transaction_nobody_used_costs_nothing(postgres: Database) -> None:
    with postgres.transaction():
        pass

    with postgres.reading():
        pass


def end_all_connections(postgres: Database) -> None:
    """As when the server starts again: every connection but the one that asks is cut."""
    other = Database(postgres.url.render_as_string(hide_password=False))
    with other.transaction() as session:
        session.execute(
            text(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        )
    other.close()


def names(session: Session) -> list[str]:
    """What has been added, through the toolkit."""
    return sorted(session.execute(select(heartbeat.c.name)).scalars())
