"""Migrate a database to the tables of this release; the tables are declared in `storage.tables`.

Each revision names the oldest code that may run on its tables, by the newest revision that code
came with. The database stores the name, so that code of an older release, which does not have the
later revisions, can determine whether it may keep running beside newer processes.
"""

from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import delete, insert, inspect, select

from storage.database.session import Database, Session
from storage.tables import code_range

Fit: TypeAlias = Literal["behind", "current", "newer", "too_new"]

_MIGRATIONS = Path(__file__).parents[1] / "migrations"


def upgrade(database: Database, revision: str = "head") -> None:
    """Run every migration the database has not had yet, in one transaction."""
    with database.transaction() as session:
        config = _config()
        config.attributes["connection"] = session
        command.upgrade(config, revision)
        if inspect(session).has_table(code_range.name):
            session.execute(delete(code_range))
            session.execute(insert(code_range).values(oldest_code=oldest_code(revision)))


def current_revision(database: Database) -> str | None:
    """Return the current migration of the database, None for an empty one."""
    with database.reading() as session:
        return MigrationContext.configure(session).get_current_revision()


def fit_of(session: Session) -> Fit:
    """Return whether this code may run on the database.

    `behind`: its tables are older than this release needs. `newer`: a newer release has upgraded
    it, and this code may still run on it. `too_new`: it may not.
    """
    revision = MigrationContext.configure(session).get_current_revision()
    if revision is None or (revision != newest_revision() and knows(revision)):
        return "behind"
    if revision == newest_revision():
        return "current"
    oldest = session.execute(select(code_range.c.oldest_code)).scalar()
    return "newer" if knows(oldest) else "too_new"


@cache
def newest_revision() -> str:
    """Return the migration this release expects."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def oldest_code(revision: str = "head") -> str:
    """Return the oldest code that may run on the tables of a revision."""
    script = ScriptDirectory.from_config(_config()).get_revision(revision)
    if script is None:
        raise ValueError(revision)
    return str(script.module.oldest_code)


def knows(revision: str | None) -> bool:
    """Return whether a database at this migration can be brought to the tables of this release."""
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    return revision in known


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
