"""`hangji import-diagram`: files of other tools become drafts, with a report of the changes."""

from dataclasses import asdict, dataclass, field
from pathlib import Path

import click

from api.cli.terminal import as_json, dump, end, say
from engine.diagrams.foreign.drafts import Draft, make_drafts
from storage.errors import HangjiError


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A draft as it was written, and what was changed."""

    draft: str
    changes: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """One foreign file: its drafts, or why it was refused."""

    file: str
    refused: str | None
    drafts: list[KeptDraft] = field(default_factory=list)


def add_to(group: click.Group) -> None:
    """Register the command with the main group."""
    group.add_command(import_diagram)


@click.command("import-diagram")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--into",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of drafts; nothing there is overwritten.",
)
@as_json
def import_diagram(files: tuple[Path, ...], into: Path, *, is_json: bool) -> None:
    """Bring FILES of other tools in as drafts and report what was changed; see hangji check."""
    into.mkdir(parents=True, exist_ok=True)
    report = [_brought_in(file, into) for file in files]
    if is_json:
        dump([asdict(one) for one in report])
    else:
        for one in report:
            _tell(one)
        say(f"接着 next: hangji check --draft {into}")
    end(is_fine=not any(one.refused for one in report))


def _brought_in(file: Path, into: Path) -> BroughtIn:
    try:
        drafts = make_drafts(file.read_bytes(), name=file.name)
    except HangjiError as error:
        return BroughtIn(str(file), error.message)
    return BroughtIn(str(file), None, [_kept(one, into) for one in drafts])


def _kept(draft: Draft, into: Path) -> KeptDraft:
    path, number = into / f"{draft.process_id}.bpmn", 2
    while path.exists():
        path, number = into / f"{draft.process_id}_{number}.bpmn", number + 1
    path.write_bytes(draft.content)
    return KeptDraft(str(path), [change._asdict() for change in draft.changes])


def _tell(one: BroughtIn) -> None:
    say(f"{one.file}: {one.refused or ''}")
    for draft in one.drafts:
        say(f"  → {draft.draft}")
        for change in draft.changes:
            say(f"    {change['zh']}")
            say(f"    {change['en']}")
