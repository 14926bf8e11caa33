"""A backup of everything an installation keeps, and the way back from one.

A folder of backups holds one dated folder a backup, with the database and a manifest, and one store
of photos by digest that all of them share. The manifest lists digests and the head of every case
file and is signed. Keys are never part of a backup: the manifest names the vault key by its
fingerprint, so that nobody restores beside the wrong one.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import marshmallow as ma
import orjson

from api.uploads import blobs
from engine.casefile.signing import Key, check
from storage.cases import attachments, cases, events
from storage.cases.events import Head
from storage.database.dumps import dump, load, name_of_dump, skip_numbers
from storage.database.schema import current_revision, knows, upgrade
from storage.database.session import Database
from storage.errors import HangjiError
from storage.moments import canonical, to_text
from storage.people.seals import key_id

__all__ = ["Installation", "Made", "Restored", "make", "newest_in", "restore"]

FORMAT: Final = "hangji-backup"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
PHOTOS: Final = "photos"
_REFUSED: Final = "backup"

Progress = Callable[[Sequence[Any], str], Iterable[Any]]


class _DumpListed(ma.Schema):
    file = ma.fields.String(required=True)
    sha256 = ma.fields.String(required=True)


class _HeadListed(ma.Schema):
    number = ma.fields.String(required=True)
    last_seq = ma.fields.Integer(required=True, strict=True)
    head_hash = ma.fields.String(required=True)


class _Manifest(ma.Schema):
    """Fields a manifest must have before it is used: an unsigned one may come from anybody."""

    class Meta:
        """Accept other fields: the signature, and fields a later release adds."""

        unknown = ma.INCLUDE

    format = ma.fields.String(required=True, validate=ma.validate.Equal(FORMAT))
    version = ma.fields.Integer(required=True, strict=True, validate=ma.validate.Equal(VERSION))
    made_at = ma.fields.String(required=True)
    revision = ma.fields.String(required=True)
    database = ma.fields.Nested(_DumpListed, required=True)
    vault_key = ma.fields.String(required=True)
    heads = ma.fields.List(ma.fields.Nested(_HeadListed), required=True)
    # Digests are used as file names.
    photos = ma.fields.List(
        ma.fields.String(validate=ma.validate.Regexp(r"[0-9a-f]{64}\Z")), required=True
    )
    lost = ma.fields.List(ma.fields.String(), required=True)


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation to back up or restore: its database, photos and vault keys."""

    database: Database
    blobs: Path
    vault_keys: tuple[bytes, ...]

    @property
    def vault_fingerprints(self) -> list[str]:
        """Fingerprints of the vault keys; no key can be derived from them."""
        return [key_id(key) for key in self.vault_keys]


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was written."""

    folder: str
    cases: int
    photos: int
    lost_photos: int
    signed_by: str | None


@dataclass(frozen=True, slots=True)
class Restored:
    """Result of a restore."""

    made_at: str
    cases: int
    photos: int
    skipped_numbers: int
    doubt: str | None
    """Why nothing proves who wrote the backup; None when a known key has signed it."""
    is_other_vault_key: bool


def make(
    installation: Installation, folder: Path, *, key: Key | None, now: datetime, progress: Progress
) -> Made:
    """Write a backup into a folder of backups while the installation goes on working.

    Raises:
        HangjiError: there is a backup of this second already, or a program of PostgreSQL is
            missing or failed.
    """
    database = installation.database
    target = folder / now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    with _put_in_place(target) as fresh:
        dumped = fresh / name_of_dump(database)
        with database.reading() as session:
            heads = events.list_heads(session)
            digests = attachments.list_digests(session)
            dump(database, session, dumped)
        # A photo is stored before any row names it, so every named photo exists.
        lost = _copy(installation.blobs, folder / PHOTOS, progress(digests, "photos"))
        document = {
            "format": FORMAT,
            "version": VERSION,
            "made_at": to_text(now),
            "revision": current_revision(database),
            "database": {"file": dumped.name, "sha256": _digest(dumped)},
            "vault_key": installation.vault_fingerprints[0],
            "heads": [head._asdict() for head in heads],
            "photos": digests,
            "lost": lost,
        }
        signed = document if key is None else key.signed(document)
        (fresh / MANIFEST).write_bytes(canonical(signed).encode())
    signer = None if key is None else key.id
    return Made(str(target), len(heads), len(digests) - len(lost), len(lost), signer)


def newest_in(folder: Path) -> Path:
    """Return the newest backup of a folder of backups.

    Raises:
        HangjiError: there is none (code `backup`).
    """
    made = sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))
    if not made:
        message = f"{folder} holds no backup: `hangji backup FOLDER` writes one."
        raise HangjiError(message, code=_REFUSED)
    return made[-1]


def restore(
    backup: Path,
    installation: Installation,
    *,
    keys: Iterable[Key],
    skip: int,
    progress: Progress,
) -> Restored:
    """Fill an empty installation from a backup, and prove every case file of it.

    Raises:
        HangjiError: the database is not empty, the backup is not what was written (both with code
            `backup`), or a program of PostgreSQL is missing or failed.
    """
    database = installation.database
    manifest, doubt = _read(backup, keys)
    dumped = _usable_dump(database, backup, manifest)
    photos = [digest for digest in manifest["photos"] if digest not in manifest["lost"]]
    store = backup.parent / PHOTOS
    _require_photos(store, progress(photos, "checking photos"))
    lost = _copy(store, installation.blobs, progress(photos, "photos"))
    load(database, dumped)
    if current_revision(database) != manifest["revision"]:
        raise _unproved(database, f"its tables are not those of {manifest['revision']}")
    upgrade(database)
    with database.transaction() as session:
        skip_numbers(session, skip)
    heads = [Head(**head) for head in manifest["heads"]]
    _prove(database, heads, progress)
    return Restored(
        made_at=manifest["made_at"],
        cases=len(heads),
        photos=len(photos) - len(lost),
        skipped_numbers=skip,
        doubt=doubt,
        is_other_vault_key=manifest["vault_key"] not in installation.vault_fingerprints,
    )


@contextmanager
def _put_in_place(target: Path) -> Iterator[Path]:
    """Write beside the final place and move there at the end: a folder is whole or not there."""
    if target.exists():
        message = f"{target} is there already: wait a second and try again."
        raise HangjiError(message, code=_REFUSED)
    fresh = target.with_name(f".{target.name}.part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        yield fresh
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _copy(source: Path, target: Path, digests: Iterable[str]) -> list[str]:
    """Copy photos that are not there yet; return those the source has lost."""
    lost = []
    for digest in digests:
        if blobs.path_of(target, digest).is_file():
            continue
        path = blobs.path_of(source, digest)
        if path.is_file():
            blobs.put(target, digest, path.read_bytes())
        else:
            lost.append(digest)
    return lost


def _read(backup: Path, keys: Iterable[Key]) -> tuple[Mapping[str, Any], str | None]:
    try:
        manifest: Mapping[str, Any] = orjson.loads((backup / MANIFEST).read_bytes())
        _Manifest().load(manifest)
    except (OSError, ValueError, ma.ValidationError) as error:
        wrong = f": {error}" if isinstance(error, ma.ValidationError) else ""
        message = f"{backup} is no backup that `hangji backup` wrote{wrong}."
        raise HangjiError(message, code=_REFUSED) from None
    signed = check(manifest, keys)
    if signed.is_broken:
        message = f"{backup / MANIFEST} was changed: {signed.doubt}."
        raise HangjiError(message, code=_REFUSED)
    return manifest, signed.doubt


def _usable_dump(database: Database, backup: Path, manifest: Mapping[str, Any]) -> Path:
    if current_revision(database) is not None:
        message = f"The database {database.shown} is not empty: restore into an empty one."
        raise HangjiError(message, code=_REFUSED)
    listed, dumped = manifest["database"], backup / name_of_dump(database)
    # By its whole name: what a manifest names must not lie elsewhere.
    if listed["file"] != dumped.name:
        message = f"{listed['file']} is of another kind of database than {database.shown}."
        raise HangjiError(message, code=_REFUSED)
    if not knows(manifest["revision"]):
        message = f"This release does not know {manifest['revision']}: restore with a newer one."
        raise HangjiError(message, code=_REFUSED)
    if not dumped.is_file() or _digest(dumped) != listed["sha256"]:
        message = f"{dumped} is not the file that was written: take another backup."
        raise HangjiError(message, code=_REFUSED)
    return dumped


def _require_photos(store: Path, digests: Iterable[str]) -> None:
    for digest in digests:
        path = blobs.path_of(store, digest)
        if not path.is_file() or _digest(path) != digest:
            message = f"The photo {path} is missing or damaged: take another backup."
            raise HangjiError(message, code=_REFUSED)


def _prove(database: Database, heads: Sequence[Head], progress: Progress) -> None:
    """Compute the chain of every case file again and compare its end with the manifest."""
    for head in progress(heads, "case files"):
        with database.reading() as session:
            case = cases.find_case_by_number(session, head.number)
            entries = [] if case is None else events.list_events(session, case.id)
        fault = events.verify(head.number, entries)
        if fault is not None:
            raise _unproved(database, f"case {head.number}, row {fault.seq}: {fault.reason}")
        if not entries or (len(entries), entries[-1].hash) != (head.last_seq, head.head_hash):
            raise _unproved(database, f"case {head.number} does not end as the manifest says")
    with database.reading() as session:
        unlisted = set(events.list_heads(session)) - set(heads)
    if unlisted:
        raise _unproved(database, f"case {min(unlisted).number} is not in the manifest")


def _unproved(database: Database, reason: str) -> HangjiError:
    message = (
        f"What was restored is not what was backed up: {reason}."
        f" Remove the database {database.shown} and take another backup."
    )
    return HangjiError(message, code=_REFUSED)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
