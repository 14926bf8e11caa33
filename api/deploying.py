"""From a folder of diagrams to published versions: reading, checking, bundling, publishing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from engine.binding import Functions
from engine.check import Finding, Policies, check_bundle
from engine.definitions import bundle, digest_of, read_folder
from engine.diagrams.reader import Diagram, read_diagram
from engine.diagrams.xml import parse_xml
from storage.database.session import Session
from storage.processes import definitions


@dataclass(frozen=True, slots=True)
class Deployed:
    """One published process; `is_new` when it was not published before in exactly this form."""

    process_id: str
    version: int
    digest: str
    is_new: bool


def read_paths(paths: Iterable[Path]) -> dict[str, str]:
    """Every diagram, table and form below the folders; a file brings its whole folder with it.

    Raises:
        BadParameter: a path leads to nothing, or to no diagram, table or form.
    """
    files: dict[str, str] = {}
    for path in paths:
        folder = folder_of(path)
        try:
            found = read_folder(folder)
        except (OSError, UnicodeDecodeError) as error:
            message = f"{path} cannot be read: {error}"
            raise click.BadParameter(message) from error
        if not found:
            message = f"{path} holds no diagram, table or form."
            raise click.BadParameter(message)
        files.update(found)
    return files


def folder_of(path: Path) -> Path:
    """The folder diagrams are published from, for itself or a file in it."""
    if path.is_dir():
        return path
    return path.parent.parent if path.parent.name == "forms" else path.parent


def check(
    files: Mapping[str, str], functions: Functions, policies: Policies, *, is_whole: bool = True
) -> list[Finding]:
    """Everything wrong with the files; `is_whole` when they are all processes there are."""
    table = functions.table()
    if not is_whole:
        drawn = {Path(name).stem for name in files}
        table = {process: names for process, names in table.items() if process in drawn}
    encoded = {name: text.encode() for name, text in files.items()}
    return check_bundle(encoded, policies=policies, functions=table)


def diagrams_of(files: Mapping[str, str]) -> dict[str, Diagram]:
    """The diagrams among the files, by process."""
    drawn = (
        read_diagram(parse_xml(text.encode(), name=name), name=name)
        for name, text in files.items()
        if name.endswith(".bpmn")
    )
    return {one.process_id: one for one in drawn}


def roots_of(files: Mapping[str, str]) -> list[str]:
    """The processes nobody else calls: they are started by people and published by themselves."""
    diagrams = diagrams_of(files)
    called = {node.called for one in diagrams.values() for node in one.nodes.values()}
    return sorted(diagrams.keys() - called)


def publish(
    session: Session, files: Mapping[str, str], *, by: str, now: datetime
) -> list[Deployed]:
    """Publish every root process with all it needs; the same files again change nothing."""
    deployed = []
    for process_id in roots_of(files):
        needed = bundle(files, process_id)
        digest = digest_of(needed)
        known = {
            one.digest
            for one in definitions.list_versions(session, process_id)
            if one.state == "published"
        }
        definitions.add_definition(
            session, process_id=process_id, digest=digest, files=needed, at=now, author=by
        )
        made = definitions.publish(session, process_id, digest, publisher=by, at=now)
        deployed.append(Deployed(process_id, made.version, digest, digest not in known))
    return deployed
