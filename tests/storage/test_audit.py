"""The audit log: entries come with their act, are sealed once into one chain, and stay."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.audit import log
from storage.audit.log import AuditFilter
from storage.database.session import Database, Session
from storage.errors import HangjiError
from tests.build import MORNING


def act(session: Session, subject: str, minutes: int = 0) -> None:
    log.add_audit(
        session,
        at=MORNING + timedelta(minutes=minutes),
        actor="officer:1",
        action="imported",
        subject_kind="areas",
        subject=subject,
        data={"rows": 3},
    )


def sealed(session: Session) -> list[log.AuditEvent]:
    day = timedelta(days=1)
    return log.list_sealed(session, since=MORNING - day, until=MORNING + day)


def test_entries_are_sealed_once_and_follow_from_each_other(database: Database) -> None:
    with database.transaction() as session:
        act(session, "a")
        act(session, "b", 1)
        assert log.count_unsealed(session) == 2
        assert log.seal(session) == 2
        act(session, "c", 2)
        assert log.seal(session) == 1
        assert log.seal(session) == 0
        events = sealed(session)

    assert [(event.seq, event.subject) for event in events] == [(1, "a"), (2, "b"), (3, "c")]
    assert events[0].previous == log.FIRST
    assert log.find_break(map(log.as_entry, events)) is None


def test_an_act_taken_back_leaves_no_entry(database: Database) -> None:
    def interrupted(session: Session) -> None:
        act(session, "a")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.run(interrupted)

    with database.reading() as session:
        assert log.count_unsealed(session) == 0


def test_an_act_does_not_wait_for_another_that_is_still_open(database: Database) -> None:
    if database.is_sqlite:
        # One writer at a time is the way of SQLite; there an import is cut into chunks.
        return
    with database.transaction() as session:
        act(session, "long")
        done = threading.Event()

        def quick() -> None:
            with database.transaction() as other:
                act(other, "quick")
                log.seal(other)
            done.set()

        threading.Thread(target=quick, daemon=True).start()
        assert done.wait(20)

    with database.transaction() as session:
        log.seal(session)
        assert [event.subject for event in sealed(session)] == ["quick", "long"]


FORGED = """
insert into audit_event (id, seq, at, actor, action, subject_kind, subject, data)
select 9, 7, at, actor, action, subject_kind, subject, data from audit_event"""


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_event set subject = 'x'",
        "update audit_event set hash = 'x', seq = 9",
        "delete from audit_event",
        FORGED,
    ],
)
def test_a_sealed_entry_cannot_be_changed_removed_or_forged(
    database: Database, statement: str
) -> None:
    with database.transaction() as session:
        act(session, "a")
        log.seal(session)

    with pytest.raises((DBAPIError, HangjiError)), database.transaction() as session:
        session.execute(text(statement))

    with database.reading() as session:
        assert [event.subject for event in sealed(session)] == ["a"]


def test_a_break_in_the_chain_is_named_by_its_entry(database: Database) -> None:
    with database.transaction() as session:
        for subject in "abcd":
            act(session, subject)
        log.seal(session)
        events = sealed(session)
    entries = [log.as_entry(event) for event in events]

    changed = [log.as_entry(replace(events[1], subject="x")), *entries[2:]]
    removed = [entries[0], *entries[2:]]
    relinked = [entries[0], {**entries[1], "previous": entries[2]["hash"]}]

    assert log.find_break(changed) == (2, "the entry does not match its own hash")
    assert log.find_break(removed) == (3, "the entries are not numbered one after the other")
    assert log.find_break(relinked) == (2, "the entry does not follow from the one before")


def test_entries_are_found_by_who_did_what_to_what_and_when(database: Database) -> None:
    with database.transaction() as session:
        act(session, "a")
        act(session, "b", 10)
        log.add_audit(
            session,
            at=MORNING,
            actor="officer:2",
            action="signed_in",
            subject_kind="account",
            subject="officer:2",
        )

        def subjects(**wanted: object) -> list[str]:
            page = log.list_audit(session, AuditFilter(**wanted))  # type: ignore[arg-type]  # by name
            return [event.subject for event in page.items]

        assert subjects(actor="officer:1") == ["b", "a"]
        assert subjects(action="signed_in") == ["officer:2"]
        assert subjects(subject_kind="areas", subject="a") == ["a"]
        assert subjects(since=MORNING + timedelta(minutes=5)) == ["b"]
        assert subjects(until=MORNING + timedelta(minutes=5)) == ["officer:2", "a"]
        first = log.list_audit(session, AuditFilter(), limit=2)
        rest = log.list_audit(session, AuditFilter(), limit=2, cursor=first.next)
        assert [event.subject for event in (*first.items, *rest.items)] == ["officer:2", "b", "a"]
