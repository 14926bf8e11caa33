"""The tables: migrations and models agree, every column says what it holds, records stay."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from storage.database.schema import current_revision, newest_revision, upgrade
from storage.database.session import Database
from storage.tables import LABELS, metadata


def is_of_every_database(_item: object, name: str | None, *_rest: object) -> bool:
    """Each database indexes the words of cases in its own way; `test_search.py` holds them."""
    return not (name or "").startswith("case_words")


def test_the_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    with database.reading() as session:
        options = {"compare_type": True, "include_object": is_of_every_database}
        context = MigrationContext.configure(session, opts=options)
        assert compare_metadata(context, metadata) == []


def test_a_migrated_database_stands_at_the_newest_revision(database: Database) -> None:
    assert current_revision(database) == newest_revision()


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    upgrade(database)

    assert current_revision(database) == newest_revision()


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=str)
def test_every_column_says_what_class_of_data_it_holds(table: object) -> None:
    """Domain defaults, section 9: data classification."""
    unlabelled = [c.name for c in table.columns if c.info.get("label") not in LABELS]  # type: ignore[attr-defined]  # a Table; tests do not import SQLAlchemy's types

    assert unlabelled == []
