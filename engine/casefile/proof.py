"""Whether an exported case file is whole, without any database; names the first thing that is not.

What is checked, in this order: the hash chain entry by entry, its head, every file against the
manifest, attachments and definitions against their digests, that the entries add up to the state
the file claims, and the signature over all of it. A forger who rewrites everything can make
a consistent file; only a signature with a known key makes it authentic. Against a forger who can
sign, the file can be compared with a list of heads kept elsewhere.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import orjson

from engine.casefile import heads as kept_heads
from engine.casefile.export import CASE, EVENTS, FORMAT, MANIFEST, VERSION
from engine.casefile.replay import replay
from engine.casefile.signing import Key, Signed, check
from engine.casefile.verdict import Verdict
from engine.definitions import digest_of
from storage.cases import events
from storage.cases.events import CaseEvent
from storage.errors import HangjiError
from storage.people.personal import Salt

__all__ = ["Proof", "verify"]

LARGEST_TEXT = 256 * 1024 * 1024
LARGEST_FILE = 1024 * 1024 * 1024
_CHUNK = 1024 * 1024
_DEFINITIONS = "definitions/"
_KNOWN = (1, 2, VERSION)
"""Files of version 1 carry no signature and keep the names of the people in `case.json`; before
version 3 the chain covered every value itself."""
_UNREAD = "it was not looked at whether it is signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof(Verdict):
    """The content of a case file, and its first deviation from what was exported."""

    number: str = ""
    files: int = 0
    lost: tuple[str, ...] = ()


class _BrokenError(Exception):
    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Read:
    """A case file in memory, from either form; `hashes` are those of the files of a zip."""

    manifest: Mapping[str, Any]
    document: Mapping[str, Any]
    entries: list[Mapping[str, Any]]
    hashes: Mapping[str, str] = field(default_factory=dict)
    definitions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def verify(
    path: Path, *, keys: Sequence[Key] = (), head: str | None = None, heads: Path | None = None
) -> Proof:
    """Check an exported file, zip or JSON, offline.

    `keys` are those whose signature is believed; `head` is a head hash and `heads` a signed list
    of them (`hangji heads`), both kept elsewhere.
    """
    try:
        read = _read_zip(path) if zipfile.is_zipfile(path) else _read_json(path)
    except _BrokenError as found:
        return Proof(doubt=_UNREAD, place=found.place, reason=found.reason)
    signed, broken = Signed(doubt=_UNREAD), None
    try:
        entries = _check(read, head)
        if heads is not None:
            _check_heads(read, entries, heads, keys)
        signed = _check_signature(read, keys)
    except _BrokenError as found:
        broken = found
    except (AttributeError, KeyError, TypeError, ValueError):
        # A forger may put anything anywhere; what cannot be read proves nothing.
        broken = _BrokenError(path.name, "it is not built like a case file")
    return _proof(read, signed, broken)


def _proof(read: _Read, signed: Signed, broken: _BrokenError | None) -> Proof:
    manifest, lost = read.manifest, read.manifest.get("lost")
    return Proof(
        number=str(manifest.get("number")),
        entries=len(read.entries),
        head_hash=str(manifest.get("head_hash")),
        exported_at=str(manifest.get("exported_at")),
        exported_by=str(manifest.get("exported_by")),
        files=len(read.hashes),
        lost=tuple(lost) if isinstance(lost, list) else (),
        key=signed.key,
        doubt=signed.doubt,
        place=None if broken is None else broken.place,
        reason=None if broken is None else broken.reason,
    )


def _check(read: _Read, head: str | None) -> list[CaseEvent]:
    entries = _check_chain(read)
    _check_head(read, entries, head)
    _check_files(read)
    _check_attachments(read)
    for digest, files in read.definitions.items():
        if digest_of(files) != digest:
            place = f"{_DEFINITIONS}{digest}"
            raise _BrokenError(place, "these are not the files of this digest")
    _check_state(read, entries)
    return entries


def _check_signature(read: _Read, keys: Sequence[Key]) -> Signed:
    signed = check(read.manifest, keys)
    if signed.is_broken:
        raise _BrokenError(MANIFEST, str(signed.doubt))
    return signed


def _check_heads(read: _Read, entries: list[CaseEvent], path: Path, keys: Sequence[Key]) -> None:
    try:
        kept = kept_heads.read(path, keys=keys)
    except HangjiError as refusal:
        raise _BrokenError(path.name, refusal.message) from refusal
    number = str(read.manifest.get("number"))
    head = kept.of.get(number)
    if head is None:
        raise _BrokenError(path.name, f"it does not name case {number}: compare with another list")
    if len(entries) < head.last_seq:
        raise _BrokenError(
            _row(len(entries) + 1),
            f"entries are missing at the end: the list of {kept.made_at} knows {head.last_seq}",
        )
    if entries[head.last_seq - 1].hash != head.head_hash:
        reason = f"it is not the entry that the list of {kept.made_at} knows"
        raise _BrokenError(_row(head.last_seq), reason)


def _check_chain(read: _Read) -> list[CaseEvent]:
    entries = []
    for line, entry in enumerate(read.entries, start=1):
        try:
            at = datetime.fromisoformat(entry["at"]).astimezone(UTC)
            personal = tuple(
                Salt(tuple(one["path"]), one["salt"]) for one in entry.get("personal", ())
            )
            entries.append(CaseEvent(**{**entry, "at": at, "personal": personal}))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise _BrokenError(_row(line), "this is no entry") from None
    if not entries:
        raise _BrokenError(_row(1), "a case begins with an entry, and there is none")
    fault = events.verify(str(read.manifest.get("number")), entries)
    if fault is not None:
        raise _BrokenError(_row(fault.seq), fault.reason)
    return entries


def _check_head(read: _Read, entries: list[CaseEvent], head: str | None) -> None:
    last = entries[-1] if entries else None
    seq, hash_ = (0, None) if last is None else (last.seq, last.hash)
    if seq != read.manifest.get("last_seq") or hash_ != read.manifest.get("head_hash"):
        raise _BrokenError(_row(seq + 1), "entries are missing at the end")
    if head is not None and head != hash_:
        raise _BrokenError(_row(seq), "the head is not the one known from elsewhere")


def _check_files(read: _Read) -> None:
    listed = read.manifest.get("files", {})
    for name in sorted(listed.keys() | read.hashes.keys()):
        if name not in read.hashes:
            raise _BrokenError(name, "the file is missing")
        if name not in listed:
            raise _BrokenError(name, "the file is not in the manifest")
        if listed[name].get("sha256") != read.hashes[name]:
            raise _BrokenError(name, "the file is not the one that was exported")


def _check_attachments(read: _Read) -> None:
    if not read.hashes:
        return  # the JSON form carries none
    lost = read.manifest.get("lost", ())
    for upload in read.document.get("attachments", ()):
        name = str(upload.get("file"))
        if upload.get("id") not in lost and read.hashes.get(name) != upload.get("sha256"):
            raise _BrokenError(name, "the attachment is not the one that was uploaded")


def _check_state(read: _Read, entries: Iterable[CaseEvent]) -> None:
    claimed = read.document.get("case", {})
    for name, value in sorted(replay(entries).columns.items()):
        if name in claimed and claimed[name] != value:
            reason = f"{name} is {claimed[name]!r}, the entries add up to {value!r}"
            raise _BrokenError(CASE, reason)


# ── reading ────────────────────────────────────────────────────────────────────────────────────


def _read_json(path: Path) -> _Read:
    try:
        whole = orjson.loads(path.read_bytes())
        entries = list(whole["events"])
    except (OSError, ValueError, KeyError, TypeError):
        raise _BrokenError(path.name, "this is no case file") from None
    _check_format(whole, path.name)
    return _Read(whole, whole, entries)


def _read_zip(path: Path) -> _Read:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if len(set(names)) != len(names):
                raise _BrokenError(path.name, "a name stands in it twice")
            manifest = _document(archive, MANIFEST)
            _check_format(manifest, MANIFEST)
            return _Read(
                manifest,
                _document(archive, CASE),
                _lines(_text(archive, EVENTS)),
                {name: _hash(archive, name) for name in names if name != MANIFEST},
                _definitions(archive, names),
            )
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError):
        raise _BrokenError(path.name, "the zip cannot be read") from None


def _check_format(manifest: Mapping[str, Any], place: str) -> None:
    if manifest.get("format") != FORMAT or manifest.get("version") not in _KNOWN:
        raise _BrokenError(place, "this is no case file of a known version")


def _lines(content: bytes) -> list[Mapping[str, Any]]:
    entries = []
    for line, text in enumerate(content.splitlines(), start=1):
        try:
            entries.append(orjson.loads(text))
        except ValueError:
            raise _BrokenError(_row(line), "this is no entry") from None
    return entries


def _definitions(archive: zipfile.ZipFile, names: Iterable[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name in names:
        if name.startswith(_DEFINITIONS):
            digest, _, file = name.removeprefix(_DEFINITIONS).partition("/")
            found.setdefault(digest, {})[file] = _text(archive, name).decode(errors="replace")
    return found


def _document(archive: zipfile.ZipFile, name: str) -> Mapping[str, Any]:
    try:
        document = orjson.loads(_text(archive, name))
    except ValueError:
        raise _BrokenError(name, "this is no JSON document") from None
    if not isinstance(document, dict):
        raise _BrokenError(name, "this is no JSON document")
    return document


def _text(archive: zipfile.ZipFile, name: str) -> bytes:
    with _opened(archive, name, LARGEST_TEXT) as file:
        return file.read()


def _hash(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with _opened(archive, name, LARGEST_FILE) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _opened(archive: zipfile.ZipFile, name: str, largest: int) -> IO[bytes]:
    """A file of the zip; its declared size bounds what is read, so a bomb stays small."""
    try:
        entry = archive.getinfo(name)
    except KeyError:
        raise _BrokenError(name, "the file is missing") from None
    if entry.file_size > largest:
        raise _BrokenError(name, "the file is too large to be one of ours")
    # Others name for themselves how much memory unpacking takes.
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise _BrokenError(name, "the file is not compressed as ours are")
    return archive.open(entry)


def _row(line: int) -> str:
    return f"{EVENTS} row {line}"
