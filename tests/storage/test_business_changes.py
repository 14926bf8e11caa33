"""What changed a business stays as it was written, in the database itself."""

import pytest
from sqlalchemy import insert, select

from storage.database.session import Database
from storage.registry import evidence
from storage.registry.evidence import BusinessChange
from storage.tables import business_change, import_batch
from tests.build import MORNING, a_business


def changed(database: Database, batch_id: int | None = None) -> int:
    """A business with one change of its address."""
    with database.transaction() as session:
        made = a_business(session, name="追加示例店")
        change = BusinessChange(made, MORNING, "address", None, "示例路1号", "officer:1", batch_id)
        evidence.add_changes(session, [change])
    return made


@pytest.mark.parametrize(
    "attack",
    [
        "update business_change set actor = 'officer:8'",
        "update business_change set after = after",
        "delete from business_change",
    ],
)
def test_a_change_of_a_business_cannot_be_altered_or_removed(
    database: Database, attack: str
) -> None:
    """R13, R70: the month's changes are counted from rows nobody can touch."""
    made = changed(database)

    with pytest.raises(Exception, match="append-only"), database.transaction() as session:
        session.exec_driver_sql(attack)

    with database.reading() as session:
        (kept,) = evidence.list_changes(session, made)
    assert (kept.actor, kept.after) == ("officer:1", "示例路1号")


def test_undoing_an_import_removes_the_changes_it_wrote_but_alters_none(
    database: Database,
) -> None:
    batch = {
        "kind": "businesses", "file_name": "list.csv", "sha256": "0", "mapping": {}, "heads": [],
        "state": "applied", "problems": [], "warnings": [], "counts": {}, "applied_to": 0,
        "created_at": MORNING,
    }  # fmt: skip
    with database.transaction() as session:
        added = session.execute(insert(import_batch).values(**batch).returning(import_batch.c.id))
        batch_id = int(added.scalar_one())
    made = changed(database, batch_id)

    with pytest.raises(Exception, match="append-only"), database.transaction() as session:
        session.exec_driver_sql("update business_change set actor = 'officer:8'")
    with database.transaction() as session:
        evidence.forget_evidence(session, made)

    with database.reading() as session:
        assert session.execute(select(business_change.c.id)).all() == []
