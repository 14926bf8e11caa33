"""Who reported is in one place, sealed, and every reading of it is on file."""

import pytest
from sqlalchemy import select, update

from storage.database.session import Database
from storage.errors import FormInvalid, NotFound, Refused
from storage.people import vault
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
        vault.seal_identity(session, second.id, IDENTITY, key=KEY, at=MORNING)
        stolen = session.execute(
            select(reporter_identity.c.sealed).where(reporter_identity.c.case_id == first.id)
        ).scalar_one()
        session.execute(
            update(reporter_identity)
            .where(reporter_identity.c.case_id == second.id)
            .values(sealed=stolen)
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
