"""Bringing a database to the tables of this release; what the tables are is in `storage.tables`."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.database.session import Database, Session

_MIGRATIONS = Path(__file__).parents[1] / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Run every migration the database has not had yet, in one transaction."""
    with database.transaction() as session:
        config = _config()
        config.attributes["connection"] = session
        command.upgrade(config, revision)


def current_revision(database: Database) -> str | None:
    """Return the migration the database stands at, None for an empty one."""
    with database.reading() as session:
        return MigrationContext.configure(session).get_current_revision()


def is_behind(session: Session) -> bool:
    """Whether the tables are older than this release needs.

    Migrations only add, so a database that a newer release has upgraded is not behind.
    """
    revision = MigrationContext.configure(session).get_current_revision()
    return revision is None or (revision != newest_revision() and knows(revision))


@cache
def newest_revision() -> str:
    """Return the migration this release expects."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def knows(revision: str | None) -> bool:
    """Say whether a database at this migration can be brought to the tables of this release."""
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    return revision in known


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
