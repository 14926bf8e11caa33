"""From a folder of diagrams to published versions: reading, checking, bundling, publishing."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from engine.binding import Functions
from engine.check import Finding, Policies, check_bundle
from engine.check.changes import Change, list_changes
from engine.definitions import bundle, digest_of, read_folder_raw, restore
from engine.diagrams.reader import Diagram, read_diagram
from engine.diagrams.xml import parse_xml
from storage.audit.log import add_audit
from storage.database.session import Session
from storage.errors import NotFound
from storage.processes import definitions

_MAY_WAIT: Final = frozenset({"label", "id", "lane", "file_name"})
"""Rules about names, which a draft may still break."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """One process whose current version these files are.

    `is_new` when it was not published before in exactly this form; `is_changed` when new cases
    took another version until now.
    """

    process_id: str
    version: int
    digest: str
    is_new: bool
    is_changed: bool

    @property
    def says(self) -> str:
        """The result, in a word or two."""
        if self.is_new:
            return "published"
        return "current again" if self.is_changed else "already current"


@dataclass(frozen=True, slots=True)
class Compared:
    """One process as it is in force and as files would make it.

    `staying` are the open cases by the version they run on: publishing moves none of them.
    """

    process_id: str
    current: int | None
    changes: list[Change]
    staying: dict[int, int]


@dataclass(frozen=True, slots=True)
class Listed:
    """One version as the command line lists it; `state` is `current` for what new cases take."""

    process: str
    version: int
    state: str
    digest: str
    since: datetime | None
    publisher: str | None
    running: int
    accepted: tuple[str, ...]
    """Warnings somebody accepted when it was published: by whom, which, where."""


def read_paths(paths: Iterable[Path]) -> dict[str, str]:
    """Every diagram, table and form below the folders; a file brings its whole folder with it.

    Raises:
        BadParameter: a path does not exist or holds no diagram, table or form, or a file is
            not UTF-8.
    """
    files = {}
    for name, content in read_raw(paths).items():
        try:
            files[name] = content.decode("utf-8")
        except UnicodeDecodeError as error:
            message = f"{name} is not UTF-8; save it as UTF-8. `hangji check` says more."
            raise click.BadParameter(message) from error
    return files


def read_raw(paths: Iterable[Path]) -> dict[str, bytes]:
    """The files as stored in the folders, unparsed, for the check.

    Raises:
        BadParameter: a path does not exist or has no diagram, table or form.
    """
    files: dict[str, bytes] = {}
    for path in paths:
        try:
            read = read_folder_raw(folder_of(path))
        except OSError as error:
            message = f"{path} cannot be read: {error}"
            raise click.BadParameter(message) from error
        if not read:
            message = f"{path} holds no diagram, table or form."
            raise click.BadParameter(message)
        files.update(read)
    return files


def folder_of(path: Path) -> Path:
    """The folder diagrams are published from, for itself or a file in it."""
    if path.is_dir():
        return path
    return path.parent.parent if path.parent.name == "forms" else path.parent


def check(
    files: Mapping[str, bytes], functions: Functions, policies: Policies, *, is_whole: bool = True
) -> list[Finding]:
    """All findings about the files; `is_whole` when they are the complete set of processes."""
    table = functions.table()
    if not is_whole:
        drawn = {Path(name).stem for name in files}
        table = {process: names for process, names in table.items() if process in drawn}
    declared = functions.declared()
    return check_bundle(files, policies=policies, functions=table, declared=declared)


def of_a_draft(found: Iterable[Finding]) -> list[Finding]:
    """The findings about a draft: what it is called may wait, so that is a warning."""
    return [
        replace(finding, severity="warning") if finding.rule in _MAY_WAIT else finding
        for finding in found
    ]


def blocking(found: Iterable[Finding], *, accepted: Collection[str] = ()) -> list[Finding]:
    """Findings that prevent publishing: errors, and warnings nobody accepted by rule."""
    return [
        finding
        for finding in found
        if finding.severity == "error" or (finding.is_to_accept and finding.rule not in accepted)
    ]


def diagrams_of(files: Mapping[str, str]) -> dict[str, Diagram]:
    """The diagrams among the files, by process."""
    drawn = (
        diagram
        for name, text in files.items()
        if name.endswith(".bpmn")
        for diagram in read_diagram(parse_xml(text.encode(), name=name), name=name).whole()
    )
    return {diagram.process_id: diagram for diagram in drawn}


def roots_of(files: Mapping[str, str]) -> list[str]:
    """The processes no other one calls: people start them, and each is published separately."""
    diagrams = diagrams_of(files)
    called = {node.called for diagram in diagrams.values() for node in diagram.nodes.values()}
    return sorted(diagrams.keys() - called)


def publish(
    session: Session,
    files: Mapping[str, str],
    *,
    by: str,
    now: datetime,
    accepted: Sequence[Finding] = (),
) -> list[Deployed]:
    """Publish every root process with all it needs; the same files again change nothing.

    Warnings that `by` accepted stay on file with the versions they are about.

    Raises:
        DiagramError: the engine cannot read what is to be published; nothing is changed.
    """
    needed = {process_id: bundle(files, process_id) for process_id in roots_of(files)}
    for process_id, own in needed.items():
        restore(process_id, own)
    deployed = [
        _published(session, process_id, own, by=by, now=now, accepted=accepted)
        for process_id, own in needed.items()
    ]
    for made in deployed:
        if made.is_changed:
            _put_on_file(session, "published", made.process_id, made.version, by=by, now=now)
    return deployed


def _published(
    session: Session,
    process_id: str,
    files: Mapping[str, str],
    *,
    by: str,
    now: datetime,
    accepted: Sequence[Finding],
) -> Deployed:
    digest = digest_of(files)
    versions = definitions.list_versions(session, process_id)
    known = {version.digest for version in versions if version.state == "published"}
    before = _current(session, process_id, now=now)
    definitions.add_definition(
        session, process_id=process_id, digest=digest, files=files, at=now, author=by
    )
    own = [f"{finding.rule} {finding.place}" for finding in accepted if finding.file in files]
    made = definitions.publish(
        session, process_id, digest, publisher=by, at=now, accepted=own or None
    )
    return Deployed(process_id, made.version, digest, digest not in known, digest != before)


def roll_back(
    session: Session, process_id: str, version: int, *, by: str, now: datetime
) -> definitions.Version:
    """Let new cases take a former version, also a retired one; running cases keep theirs.

    Raises:
        DiagramError: the engine cannot read that version; nothing is changed.
        NotFound: there is no such process or version.
        Refused: it was never published.
    """
    made = definitions.restore(session, process_id, version, publisher=by, at=now)
    restore(process_id, definitions.get_version(session, process_id, version)[1])
    _put_on_file(session, "rolled_back", process_id, version, by=by, now=now)
    return made


def compare(session: Session, files: Mapping[str, str], *, now: datetime) -> list[Compared]:
    """The changes publishing the files would make, for each process that people start."""
    return [
        _compared(session, process_id, bundle(files, process_id), now=now)
        for process_id in roots_of(files)
    ]


def _compared(
    session: Session, process_id: str, files: Mapping[str, str], *, now: datetime
) -> Compared:
    current = _current(session, process_id, now=now)
    versions = definitions.list_versions(session, process_id)
    open_cases = ((one.version, definitions.count_running(session, one.digest)) for one in versions)
    before = {} if current is None else definitions.get_files(session, current)[1]
    return Compared(
        process_id=process_id,
        current=next((one.version for one in versions if one.digest == current), None),
        changes=list_changes(before, files),
        staying={version: running for version, running in open_cases if running},
    )


def _put_on_file(
    session: Session, action: str, process_id: str, version: int, *, by: str, now: datetime
) -> None:
    add_audit(
        session,
        at=now,
        actor=by,
        action=action,
        subject_kind="process",
        subject=process_id,
        data={"version": version},
    )


def list_versions(session: Session, process_id: str | None, *, now: datetime) -> list[Listed]:
    """Every version of a process, or of all, newest first, with the cases that run on it.

    Raises:
        NotFound: there is no such process.
    """
    ids = definitions.list_process_ids(session)
    if process_id is not None and process_id not in ids:
        message = f"没有流程 {process_id}；已有：{'、'.join(ids) or '（无）'}。"
        raise NotFound(message, code="definition_not_found")
    return [
        one
        for known in ([process_id] if process_id else ids)
        for one in _listed(session, known, now=now)
    ]


def _listed(session: Session, process_id: str, *, now: datetime) -> Iterator[Listed]:
    current = _current(session, process_id, now=now)
    releases = definitions.list_releases(session, process_id)
    for version in definitions.list_versions(session, process_id):
        yield Listed(
            process=process_id,
            version=version.version,
            state="current" if version.digest == current else version.state,
            digest=version.digest,
            since=version.effective_from,
            publisher=version.publisher,
            running=definitions.count_running(session, version.digest),
            accepted=tuple(
                f"{release.publisher}: {warning}"
                for release in releases
                if release.digest == version.digest
                for warning in release.accepted or ()
            ),
        )


def _current(session: Session, process_id: str, *, now: datetime) -> str | None:
    try:
        return definitions.get_published_digest(session, process_id, at=now)
    except NotFound:
        return None
