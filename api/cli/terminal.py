"""Terminal output of commands: text or JSON, progress, exit status; no command here."""

import io
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from storage.texts import spelled_out

FOUND_PROBLEMS = 1
WRONG_USE = 2

Item = TypeVar("Item")

as_json = click.option("--json", "is_json", is_flag=True, help="Write JSON for machines.")
"""The option every command that reads something has."""


def show_everything() -> None:
    """Replace characters the terminal cannot show with question marks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def say(text: str = "") -> None:
    """Write one line of output.

    It may quote a foreign file or a case, which must neither steer the terminal nor add a
    line that looks like output.
    """
    click.echo(spelled_out(text))


def hint(text: str) -> None:
    """Write one line to standard error."""
    click.echo(spelled_out(text), err=True)


def dump(answer: Any) -> None:
    """Write the result as JSON, always in UTF-8."""
    click.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2, default=str))


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "") -> None:
    """Write rows in columns; nothing is cut when the output is no terminal."""
    shown = Table(title=title or None, box=None, header_style="bold", pad_edge=False)
    for head in heads:
        shown.add_column(head, overflow="fold")
    for row in rows:
        shown.add_row(*("" if cell is None else spelled_out(str(cell)) for cell in row))
    console = Console(file=sys.stdout, highlight=False, markup=False)
    if not console.is_terminal:
        console.width = 400
    console.print(shown)


def fail(text: str, *, status: int = FOUND_PROBLEMS) -> NoReturn:
    """Print what is wrong, in one line or several, and exit with a status."""
    for line in text.split("\n"):
        hint(line)
    sys.exit(status)


def end(*, is_fine: bool) -> None:
    """End the command: 0 when everything is fine, 1 when problems were found."""
    if not is_fine:
        raise click.exceptions.Exit(FOUND_PROBLEMS)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show that work of unknown length is running."""
    with _progress() as progress:
        progress.add_task(what, total=None)
        yield


def counted(items: Sequence[Item], what: str) -> Iterator[Item]:
    """Go through items and show how far it is."""
    with _progress() as progress:
        yield from progress.track(items, description=what)


@contextmanager
def progressing(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """Show the progress of work that reports it as done and total."""
    with _progress() as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
