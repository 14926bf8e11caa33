"""The command line `hangji`: what each command does is in the modules `cli_*`.

Exit status: 0 fine, 1 problems found, 2 wrong use or a machine that is set up wrongly.
"""

import sys

import click

from api.cli import backup as cli_backup
from api.cli import cases as cli_cases
from api.cli import data as cli_data
from api.cli import diagrams as cli_diagrams
from api.cli import doctor as cli_doctor
from api.cli import keys as cli_keys
from api.cli import serve as cli_serve
from api.cli import versions as cli_versions
from api.cli.terminal import WRONG_USE, fail, show_everything
from api.http import logs
from api.settings import SettingsError, city_folder
from storage.city.rules import install, read_rules
from storage.errors import HangjiError

HELP = "夯基: the food-safety governance of a city, as cases that follow diagrams."


@click.group(help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
def hangji() -> None:
    """Everything hangs below this command."""
    logs.configure()
    install(read_rules(city_folder()))


MODULES = (
    cli_serve,
    cli_data,
    cli_diagrams,
    cli_versions,
    cli_cases,
    cli_backup,
    cli_keys,
    cli_doctor,
)
for commands in MODULES:
    commands.add_to(hangji)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end the process with its exit status."""
    show_everything()
    try:
        # Without its own exit, click gives the status a command ended with.
        sys.exit(hangji.main(arguments, prog_name="hangji", standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(WRONG_USE)
    except click.Abort:
        sys.exit(WRONG_USE)
    except SettingsError as error:
        fail(error.message, status=WRONG_USE)
    except HangjiError as error:
        fail(error.message)
