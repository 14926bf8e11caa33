"""The commands of `hangji` by name; the module of a command is imported when it is run."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, NamedTuple

import click


class Command(NamedTuple):
    """The module in `api.cli` that defines a command, and its summary in the help.

    The summary is repeated here, because help must not import what the command needs; a test
    compares it with the command's own.
    """

    module: str
    summary: str
    stands_alone: bool = False
    """It starts the processes that do the work, and prepares nothing in its own."""


COMMANDS: Final[Mapping[str, Command]] = {
    "archive": Command(
        "evidence.archive",
        "Write closed cases of old as files that verify into FOLDER, or print one of them.",
    ),
    "audit": Command(
        "evidence.audit",
        "Write the acts of DAY as one signed document, to be kept elsewhere (daily, say).",
    ),
    "backup": Command(
        "operating.backup",
        "Write a backup of database and photos into FOLDER while everything goes on working.",
    ),
    "bench": Command(
        "doctor", "Measure speed and size; needs the repository, not only the installed program."
    ),
    "boundaries": Command(
        "work.maps",
        "Import the outlines of one level of areas from FILE (GeoJSON, or a Shapefile as zip).",
    ),
    "case": Command(
        "evidence.cases", "Print the case file of NUMBER; the reporter's identity is not in it."
    ),
    "check": Command(
        "diagrams",
        "Check diagrams, tables and forms in PATHS (folders or files); default: the shipped ones.",
    ),
    "demo": Command(
        "data", "Load the Putian sample and print its sign-ins; running it again changes nothing."
    ),
    "deploy": Command(
        "diagrams",
        "Check the diagrams in PATHS and publish them; running cases keep their version.",
    ),
    "diff": Command(
        "diagrams",
        "Say in words what PATHS would change of what is in force, and how many cases stay on it.",
    ),
    "doctor": Command(
        "doctor",
        "Report what is misconfigured: secrets, database, calendar, disk, clock, deliveries.",
    ),
    "heads": Command(
        "evidence.cases",
        "Write where every case file ends, signed, to be kept elsewhere (daily, say).",
    ),
    "import": Command(
        "work.imports",
        "Import FILE (XLSX, XLS, ODS, CSV): areas, businesses, the calendar, or people.",
    ),
    "import-diagram": Command(
        "authoring.importing",
        "Bring FILES of other tools in as drafts and report what was changed; see hangji check.",
    ),
    "init-db": Command("data", "Make the tables in an empty database; the same as upgrade-db."),
    "keys": Command(
        "evidence.keys", "Make and list the keys that sign exported case files and lists of heads."
    ),
    "rekey": Command(
        "operating.rekey",
        "Seal identities and secrets of webhooks with the newest vault key; all goes on meanwhile.",
    ),
    "new": Command(
        "authoring.drawing",
        "Start a diagram or a form, or put a step into a diagram, ready to be checked.",
    ),
    "remove-step": Command(
        "authoring.drawing",
        "Take STEP out of DRAWING; what led to it leads to what followed it.",
    ),
    "rename": Command(
        "authoring.drawing",
        "Rename the id OLD in DRAWING to NEW, with the scenarios and the form that bear it.",
    ),
    "set-cell": Command(
        "authoring.drawing",
        "Write VALUE into one cell of the decision TABLE, such as a limit in deadlines.dmn.",
    ),
    "operation": Command(
        "work.operations",
        "Start, watch, list and cancel long work, such as verifying all case files.",
    ),
    "retain": Command(
        "operating.retain", "Delete personal data past the periods of the city's retention.csv."
    ),
    "load-city": Command(
        "data",
        "Load the city pack: areas, units, matters, calendar, posts every city has; no sample.",
    ),
    "restore": Command(
        "operating.backup",
        "Restore the newest backup of FOLDER, or the one FOLDER is, into an empty database.",
    ),
    "recompute": Command(
        "data", "Derive the statistics of closed cases again; count closed quota periods again."
    ),
    "recount": Command("work.maps", "Count the businesses of every area again from the registry."),
    "rollback": Command(
        "versions", "Let new cases of PROCESS take a former version, also a retired one."
    ),
    "scheduler": Command(
        "background",
        "Look after deadlines, chasing, notifications and messages until stopped; several may run.",
    ),
    "scenario": Command(
        "authoring.scenarios",
        "Play the scenarios beside the diagrams by the real engine, or record one from a case.",
    ),
    "serve": Command(
        "serve",
        "Serve pages and API; on SQLite deadlines are looked after in the same process.",
        stands_alone=True,
    ),
    "sync": Command("work.sync", "Read other platforms, compare with them, and see how it stands."),
    "tasks": Command(
        "diagrams", "List every task: process, id, label, lane, form and the function behind it."
    ),
    "upgrade-db": Command(
        "data",
        "Bring the database to the tables of this release; running it again changes nothing.",
    ),
    "verify": Command(
        "evidence.cases",
        "Check an exported case file (zip or JSON) or day of the audit log, offline.",
    ),
    "versions": Command(
        "versions",
        "List the versions of PROCESS, default all: state, since when, cases running on each.",
    ),
    "where": Command(
        "diagrams", "Print where TASK_ID is drawn and where its function stands, as file:line."
    ),
    "worker": Command(
        "background",
        "Do what is due: from the broker's queues, or without a broker beside the scheduler.",
    ),
}


class LazyGroup(click.Group):
    """A group that imports the module of a command on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, in order."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        holder = click.Group()
        import_module(f"api.cli.{COMMANDS[cmd_name].module}").add_to(holder)
        return holder.get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands of the help without importing them."""
        rows = [(name, COMMANDS[name].summary) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def prepare() -> None:
    """Configure logging and load the rules of the city, which every command needs."""
    logs: Any = import_module("api.http.logs")
    logs.configure()
    rules: Any = import_module("storage.city.rules")
    rules.install(rules.read_rules(import_module("api.settings").city_folder()))
