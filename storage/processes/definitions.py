"""Published processes: immutable bundles by digest, their versions and states."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Select, Update, bindparam, func, insert, or_, select, update

from storage.database.session import Session
from storage.errors import Conflict, NotFound, Refused
from storage.tables import process_definition, process_release, running_process

State = Literal["draft", "review", "published", "retired"]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a process, without its files."""

    process_id: str
    version: int
    digest: str
    state: str
    author: str | None
    publisher: str | None
    created_at: datetime
    published_at: datetime | None
    effective_from: datetime | None


class Release(NamedTuple):
    """One time a version was put in force; the same version may have several."""

    process_id: str
    version: int
    digest: str
    publisher: str
    released_at: datetime
    effective_from: datetime
    accepted: list[str] | None = None
    """Warnings of the check its publisher accepted: rule and place."""


_RELEASE_FIELDS = tuple(process_release.c[name] for name in Release._fields)
_FIELDS = (
    process_definition.c.process_id,
    process_definition.c.version,
    process_definition.c.digest,
    process_definition.c.state,
    process_definition.c.author,
    process_definition.c.publisher,
    process_definition.c.created_at,
    process_definition.c.published_at,
    process_definition.c.effective_from,
)

_FILES: Select[Any] = (
    select(process_definition.c.process_id, process_definition.c.files)
    .where(process_definition.c.digest == bindparam("digest"))
    .limit(1)
)
_SINCE = func.coalesce(
    process_definition.c.effective_from,
    process_definition.c.published_at,
    process_definition.c.created_at,
)
_PUBLISHED: Select[Any] = (
    select(*_FIELDS)
    .where(
        process_definition.c.process_id == bindparam("process_id"),
        process_definition.c.state == "published",
        or_(
            process_definition.c.effective_from.is_(None),
            process_definition.c.effective_from <= bindparam("at"),
        ),
    )
    # The law is what came into force last; a former version comes into force again.
    .order_by(_SINCE.desc(), process_definition.c.version.desc())
    .limit(1)
)


def get_files(session: Session, digest: str) -> tuple[str, dict[str, str]]:
    """Get the process id and the files of a bundle; NotFound for an unknown digest."""
    row = session.execute(_FILES, {"digest": digest}).first()
    if row is None:
        message = f"没有摘要为 {digest} 的流程定义。"
        raise NotFound(message, code="definition_not_found")
    return row.process_id, row.files


def get_published(session: Session, process_id: str, *, at: datetime) -> Version:
    """Get the version new cases take at a moment; NotFound when none is published."""
    row = session.execute(_PUBLISHED, {"process_id": process_id, "at": at}).first()
    if row is None:
        message = f"流程 {process_id} 还没有发布的版本；请先部署。"
        raise NotFound(message, code="definition_not_published")
    return Version(*row)


def get_published_digest(session: Session, process_id: str, *, at: datetime) -> str:
    """Get the digest of the version new cases take at a moment."""
    return get_published(session, process_id, at=at).digest


def list_published(session: Session, *, at: datetime) -> list[Version]:
    """List the version of every process that new cases take at a moment."""
    newest: dict[str, Version] = {}
    rows = session.execute(
        select(*_FIELDS)
        .where(
            process_definition.c.state == "published",
            or_(
                process_definition.c.effective_from.is_(None),
                process_definition.c.effective_from <= at,
            ),
        )
        .order_by(process_definition.c.process_id, _SINCE, process_definition.c.version)
    )
    for row in rows:
        newest[row.process_id] = Version(*row)
    return list(newest.values())


def list_process_ids(session: Session) -> list[str]:
    """List every process that has a version, published or not."""
    rows = session.execute(select(process_definition.c.process_id).distinct())
    return sorted(row.process_id for row in rows)


def list_releases(session: Session, process_id: str | None = None) -> list[Release]:
    """List when versions of a process, or of all, were put in force, newest first."""
    rows = select(*_RELEASE_FIELDS).order_by(process_release.c.id.desc())
    if process_id is not None:
        rows = rows.where(process_release.c.process_id == process_id)
    return [Release(*row) for row in session.execute(rows)]


def list_versions(session: Session, process_id: str) -> list[Version]:
    """List all versions of a process, newest first."""
    rows = session.execute(
        select(*_FIELDS)
        .where(process_definition.c.process_id == process_id)
        .order_by(process_definition.c.version.desc())
    )
    return [Version(*row) for row in rows]


def get_version(session: Session, process_id: str, version: int) -> tuple[Version, dict[str, str]]:
    """Get one version with its files."""
    row = session.execute(
        select(*_FIELDS, process_definition.c.files).where(
            process_definition.c.process_id == process_id,
            process_definition.c.version == version,
        )
    ).first()
    if row is None:
        message = f"流程 {process_id} 没有第 {version} 版。"
        raise NotFound(message, code="definition_not_found")
    return Version(*row[:-1]), row[-1]


def add_definition(
    session: Session,
    *,
    process_id: str,
    digest: str,
    files: Mapping[str, str],
    at: datetime,
    author: str | None = None,
    state: State = "draft",
) -> Version:
    """Add a bundle as the next version; return the existing version of an equal bundle."""
    known = session.execute(
        select(*_FIELDS).where(
            process_definition.c.process_id == process_id, process_definition.c.digest == digest
        )
    ).first()
    if known is not None:
        return Version(*known)
    last = session.execute(
        select(func.max(process_definition.c.version)).where(
            process_definition.c.process_id == process_id
        )
    ).scalar()
    made = Version(process_id, (last or 0) + 1, digest, state, author, None, at, None, None)
    session.execute(
        insert(process_definition).values(
            process_id=made.process_id,
            version=made.version,
            digest=made.digest,
            files=dict(files),
            state=made.state,
            author=made.author,
            publisher=None,
            created_at=at,
            published_at=None,
            effective_from=None,
        )
    )
    return made


def publish(
    session: Session,
    process_id: str,
    digest: str,
    *,
    publisher: str,
    at: datetime,
    effective_from: datetime | None = None,
    accepted: Sequence[str] | None = None,
) -> Version:
    """Make a version the law from `effective_from`, at once when None; running cases keep theirs.

    A former version becomes the law again; one that is the law already stays as it is.

    Raises:
        Conflict: it is retired; `restore` takes it up again.
    """
    row = _locked(session, process_id, process_definition.c.digest == digest)
    if row is None:
        message = f"没有摘要为 {digest} 的流程定义。"
        raise NotFound(message, code="definition_not_found")
    if row.state == "retired":
        message = (
            f"流程 {process_id} 的第 {row.version} 版已经停用，没有重新发布；"
            f"要恢复它，请用 hangji rollback {process_id} --to {row.version}。"
        )
        raise Conflict(message, code="definition_retired")
    if row.state == "published" and _is_law(session, row, at=effective_from or at):
        return row
    return _put_in_force(
        session, row, publisher=publisher, at=at, since=effective_from or at, accepted=accepted
    )


def restore(
    session: Session, process_id: str, version: int, *, publisher: str, at: datetime
) -> Version:
    """Make a version that was published before the law again, also a retired one.

    Raises:
        NotFound: there is no such version.
        Refused: it was never published.
    """
    row = _locked(session, process_id, process_definition.c.version == version)
    if row is None:
        message = f"流程 {process_id} 没有第 {version} 版；hangji versions 列出所有版本。"
        raise NotFound(message, code="definition_not_found")
    if row.published_at is None:
        message = f"流程 {process_id} 的第 {version} 版从未发布过，不能退回到它。"
        raise Refused(message, code="definition_state")
    if row.state == "published" and _is_law(session, row, at=at):
        return row
    return _put_in_force(session, row, publisher=publisher, at=at, since=at)


def _locked(session: Session, process_id: str, which: ColumnElement[bool]) -> Version | None:
    row = session.execute(
        select(*_FIELDS)
        .where(process_definition.c.process_id == process_id)
        .where(which)
        .with_for_update()
    ).first()
    return None if row is None else Version(*row)


def _is_law(session: Session, version: Version, *, at: datetime) -> bool:
    row = session.execute(_PUBLISHED, {"process_id": version.process_id, "at": at}).first()
    return row is not None and row.digest == version.digest


def _put_in_force(
    session: Session,
    version: Version,
    *,
    publisher: str,
    at: datetime,
    since: datetime,
    accepted: Sequence[str] | None = None,
) -> Version:
    made = replace(
        version, state="published", publisher=publisher, published_at=at, effective_from=since
    )
    session.execute(
        _of(version.process_id, version.digest).values(
            state=made.state,
            publisher=publisher,
            published_at=at,
            effective_from=since,
        )
    )
    session.execute(
        insert(process_release).values(
            process_id=version.process_id,
            digest=version.digest,
            version=version.version,
            publisher=publisher,
            released_at=at,
            effective_from=since,
            accepted=None if accepted is None else list(accepted),
        )
    )
    return made


def move(session: Session, process_id: str, digest: str, *, to: State, seen: State) -> None:
    """Move a version between draft, review and retired; Refused when it is not at `seen`."""
    moved = session.execute(
        _of(process_id, digest).where(process_definition.c.state == seen).values(state=to)
    )
    if moved.rowcount == 0:
        message = f"这个版本不在 {seen} 状态。"
        raise Refused(message, code="definition_state")


def count_running(session: Session, digest: str) -> int:
    """Count the processes that still run on a bundle."""
    return int(
        session.execute(
            select(func.count()).where(
                running_process.c.digest == digest, running_process.c.state == "running"
            )
        ).scalar_one()
    )


def _of(process_id: str, digest: str) -> Update:
    return (
        update(process_definition)
        .where(process_definition.c.process_id == process_id)
        .where(process_definition.c.digest == digest)
    )
