"""Settings and database for the commands; no command is defined here."""

from api.cli.terminal import fail
from api.composition import Composition, compose
from api.settings import from_environment
from storage.database.ownership import grant_work
from storage.database.schema import current_revision, fit_of, newest_revision, upgrade
from storage.database.session import Database


def machine(*, for_demo: bool = False) -> Composition:
    """Build the composition from the environment; the database may still be empty.

    Raises:
        SettingsError: a secret is missing, known or short.
    """
    settings = from_environment(for_demo=for_demo)
    settings.var_folder.mkdir(parents=True, exist_ok=True)
    return compose(settings)


def ready_machine() -> Composition:
    """Build the composition; exit unless the database has the schema of this release."""
    composition = machine()
    found, wanted = revision(composition), newest_revision()
    with composition.database.reading() as session:
        fit = fit_of(session)
    if fit == "behind":
        fail(f"The database is at {found or 'nothing'}, not {wanted}: run `hangji upgrade-db`.")
    if fit == "too_new":
        fail(f"The database is at {found}, made by a newer release than {wanted}: install that.")
    return composition


def upgrade_tables(composition: Composition) -> None:
    """Upgrade the tables to this release, as their owner where one is configured.

    The owner then grants access to the rows to the role in `HANGJI_DATABASE_URL`.
    """
    owner_url = composition.settings.owner_database_url
    if owner_url is None:
        upgrade(composition.database)
        return
    owner = Database(owner_url, pooled=False)
    try:
        upgrade(owner)
        role = composition.database.url.username
        if not owner.is_sqlite and role not in {None, owner.url.username}:
            with owner.transaction() as session:
                grant_work(session, str(role))
    finally:
        owner.close()


def revision(composition: Composition) -> str | None:
    """Return the revision of the database; exit when it cannot be reached."""
    try:
        return current_revision(composition.database)
    except Exception as error:  # noqa: BLE001 - whatever a driver raises means the same here
        fail(f"The database {composition.database.shown} does not answer: {why_away(error)}")


def why_away(error: BaseException) -> str:
    """What the driver of a database said at the bottom of an error, on one line."""
    while error.__cause__ is not None:
        error = error.__cause__
    said = " ".join(str(error).split())
    return said or type(error).__name__
