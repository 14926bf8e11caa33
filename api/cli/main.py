"""The command line `hangji`: its commands are listed in `commands`.

Exit status: 0 fine, 1 problems found, 2 wrong use or a machine that is set up wrongly.
"""

import sys
from importlib import import_module

import click

from api.cli.commands import COMMANDS, LazyGroup, prepare
from api.cli.terminal import FOUND_PROBLEMS, WRONG_USE, fail, show_everything
from storage.errors import HangjiError

HELP = "夯基: the food-safety governance of a city, as cases that follow diagrams."


@click.group(cls=LazyGroup, help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def hangji(context: click.Context) -> None:
    """The main group; every command is registered with it."""
    command = COMMANDS.get(context.invoked_subcommand or "")
    if command is None or not command.stands_alone:
        prepare()


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end the process with its exit status."""
    show_everything()
    try:
        # In this mode click returns the exit status instead of exiting.
        sys.exit(hangji.main(arguments, prog_name="hangji", standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(WRONG_USE)
    except click.Abort:
        sys.exit(WRONG_USE)
    except HangjiError as error:
        english = error.attributes.get("english", "")
        fail(f"{error.message}\n{english}".rstrip(), status=_status_of(error))


def _status_of(error: HangjiError) -> int:
    # Imported here, where it is loaded already: help must not import the settings.
    is_settings = isinstance(error, import_module("api.settings").SettingsError)
    return WRONG_USE if is_settings else FOUND_PROBLEMS
