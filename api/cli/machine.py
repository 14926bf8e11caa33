"""What a command stands on: this machine's settings and database; no command here."""

from api.cli.terminal import fail
from api.composition import Composition, compose
from api.settings import from_environment
from storage.database.schema import current_revision, newest_revision


def machine(*, for_demo: bool = False) -> Composition:
    """Everything put together from the environment; the database may still be empty.

    Raises:
        SettingsError: a secret is missing, known or short.
    """
    settings = from_environment(for_demo=for_demo)
    settings.var_folder.mkdir(parents=True, exist_ok=True)
    return compose(settings)


def ready_machine() -> Composition:
    """The same with a database at the tables of this release; ends the command otherwise."""
    composition = machine()
    found, wanted = revision(composition), newest_revision()
    if found != wanted:
        fail(f"The database is at {found or 'nothing'}, not {wanted}: run `hangji upgrade-db`.")
    return composition


def revision(composition: Composition) -> str | None:
    """Where the database stands; ends the command when it does not answer."""
    try:
        return current_revision(composition.database)
    except Exception as error:  # noqa: BLE001 - whatever a driver raises means the same here
        fail(f"The database {composition.database.shown} does not answer ({type(error).__name__}).")
