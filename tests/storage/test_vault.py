"""Who reported is in one place, sealed, and every reading of it is on file."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DBAPIError

from storage.audit import log
from storage.database.session import Database
from storage.errors import FormInvalid, HangjiError, NotFound, Refused
from storage.people import seals, vault
from storage.tables import metadata, reporter_identity
from tests.build import MORNING, a_case, an_officer

KEY = bytes(range(32))
CANARY = "金丝雀"
IDENTITY = {"name": CANARY, "phone": "000-0000-0000", "anonymous": False}


def test_a_sealed_identity_opens_for_a_stated_purpose_and_leaves_a_trace(
    database: Database,
) -> None:
    """Section 14 of the requirements: right, purpose, log entry."""
    with database.transaction() as session:
        case, officer = a_case(session).case, an_officer(session)
        vault.seal_identity(session, case.id, IDENTITY, key=KEY, at=MORNING)

        opened = vault.open_identity(
            session, case.id, officer_id=officer.id, purpose=" 电话回访 ", keys=[KEY], at=MORNING
        )

        assert opened == IDENTITY
        assert vault.has_identity(session, case.id)
        assert vault.list_accesses(session, case.id) == [
            vault.Access(officer.id, "电话回访", MORNING)
        ]


def test_no_column_of_any_table_holds_the_name_in_the_clear(database: Database) -> None:
    """Promise 7: a canary name, searched in all that is stored."""
    with database.transaction() as session:
        case = a_case(session).case
        vault.seal_identity(session, case.id, IDENTITY, key=KEY, at=MORNING)

        stored = [
            str(value).encode() + (value if isinstance(value, bytes) else b"")
            for table in metadata.sorted_tables
            for row in session.execute(select(table))
            for value in row
        ]

    assert not [one for one in stored if CANARY.encode() in one]


@pytest.mark.parametrize("purpose", ["", "   ", "abc"])
def test_reading_without_a_purpose_is_refused(database: Database, purpose: str) -> None:
    with database.transaction() as session:
        case, officer = a_case(session).case, an_officer(session)
        vault.seal_identity(session, case.id, IDENTITY, key=KEY, at=MORNING)

        with pytest.raises(FormInvalid) as refused:
            vault.open_identity(
                session, case.id, officer_id=officer.id, purpose=purpose, keys=[KEY], at=MORNING
            )
    assert refused.value.errors[0][0] == "/purpose"


def test_an_anonymous_report_has_nothing_to_open(database: Database) -> None:
    with database.transaction() as session:
        case, officer = a_case(session).case, an_officer(session)

        with pytest.raises(NotFound):
            vault.open_identity(
                session, case.id, officer_id=officer.id, purpose="电话回访", keys=[KEY], at=MORNING
            )
        assert not vault.has_identity(session, case.id)


def test_another_key_or_another_case_does_not_open_it(database: Database) -> None:
    with database.transaction() as session:
        first, second, officer = a_case(session).case, a_case(session).case, an_officer(session)
        vault.seal_identity(session, first.id, IDENTITY, key=KEY, at=MORNING)
        stolen = session.execute(
            select(reporter_identity.c.sealed).where(reporter_identity.c.case_id == first.id)
        ).scalar_one()
        session.execute(
            insert(reporter_identity).values(
                case_id=second.id, sealed=stolen, key_id=seals.key_id(KEY), created_at=MORNING
            )
        )

        for case_id, key in ((first.id, bytes(32)), (second.id, KEY)):
            with pytest.raises(Refused):
                vault.open_identity(
                    session,
                    case_id,
                    officer_id=officer.id,
                    purpose="回访回访",
                    keys=[key],
                    at=MORNING,
                )


def test_a_reading_stays_on_file(database: Database) -> None:
    with database.transaction() as session:
        case, officer = a_case(session).case, an_officer(session)
        vault.seal_identity(session, case.id, IDENTITY, key=KEY, at=MORNING)
        vault.open_identity(
            session, case.id, officer_id=officer.id, purpose="电话回访", keys=[KEY], at=MORNING
        )

    for attack in ("delete from vault_access", "update vault_access set purpose = 'none'"):
        with pytest.raises(Exception, match="append-only"), database.transaction() as session:
            session.exec_driver_sql(attack)


@pytest.mark.parametrize(
    "attack",
    [
        "delete from reporter_identity",
        "update reporter_identity set sealed = sealed",
        "update reporter_identity set case_id = case_id + 1",
        "update reporter_identity set key_id = 'another'",
        "insert or replace into reporter_identity select * from reporter_identity",
        "truncate reporter_identity",
    ],
)
def test_an_identity_is_neither_changed_nor_removed_by_plain_sql(
    database: Database, attack: str
) -> None:
    with database.transaction() as session:
        case = a_case(session).case
        vault.seal_identity(session, case.id, IDENTITY, key=KEY, at=MORNING)
    # Each is a statement of both databases or of one; the other refuses it anyhow.
    with pytest.raises((DBAPIError, HangjiError)), database.transaction() as session:
        session.exec_driver_sql(attack)

    with database.reading() as session:
        assert vault.count_by_key(session) == {seals.key_id(KEY): 1}


def test_an_identity_leaves_by_its_one_door_and_that_is_on_file(database: Database) -> None:
    with database.transaction() as session:
        first, second = a_case(session).case, a_case(session).case
        for case in (first, second):
            vault.seal_identity(session, case.id, IDENTITY, key=KEY, at=MORNING)

    with database.transaction() as session:
        removed = vault.remove_identity(
            session, first.number, actor="scheduler", reason="retention", at=MORNING
        )
        again = vault.remove_identity(
            session, first.number, actor="scheduler", reason="retention", at=MORNING
        )
        assert (removed, again) == (True, False)
        assert not vault.has_identity(session, first.id)
    with pytest.raises((DBAPIError, HangjiError)), database.transaction() as session:
        session.execute(delete(reporter_identity))
    with database.transaction() as session:
        log.seal(session)
        entries = log.list_sealed(session, since=MORNING, until=MORNING + timedelta(days=1))
        assert [(one.action, one.subject) for one in entries] == [
            ("identity_removed", first.number)
        ]
        assert vault.has_identity(session, second.id)


def test_an_entry_of_another_transaction_opens_no_door(database: Database) -> None:
    with database.transaction() as session:
        case = a_case(session).case
        vault.seal_identity(session, case.id, IDENTITY, key=KEY, at=MORNING)
        log.add_audit(
            session,
            at=MORNING,
            actor="officer:1",
            action="identity_removed",
            subject_kind="case",
            subject=case.number,
        )
        # SQLite knows no transaction of a row: there the door closes with the sealing.
        log.seal(session)
    with pytest.raises((DBAPIError, HangjiError)), database.transaction() as session:
        session.execute(delete(reporter_identity))


def test_another_key_seals_again_and_that_is_on_file(database: Database) -> None:
    new = bytes(reversed(KEY))
    with database.transaction() as session:
        case = a_case(session).case
        vault.seal_identity(session, case.id, IDENTITY, key=KEY, at=MORNING)

        assert vault.reseal(session, [case.id], keys=[new, KEY], at=MORNING) == 1
        assert log.count_unsealed(session) == 1
        assert vault.count_by_key(session) == {seals.key_id(new): 1}
