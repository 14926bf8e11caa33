"""Export a case as one JSON or zip file; `proof` verifies such a file.

The zip holds `manifest.json` (size and SHA-256 of every other file, the head of the chain, who
exported it when, the names of the people in it, and the signature over all of that), `case.json`,
`events.jsonl` (one entry of the case file a line), the attachments and the diagrams the case ran
on. The JSON form holds the same without attachments and diagrams. Of values that an entry lists
under `personal` the chain covers a salted digest; once they are deleted, it takes their place.
The reporter's identity is in neither form: it is stored only in the vault.
"""

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from engine.casefile.signing import Key
from storage.cases import attachments, cases, events
from storage.cases.attachments import Attachment
from storage.cases.cases import Case
from storage.cases.events import CaseEvent
from storage.database.session import Session
from storage.errors import NotFound
from storage.moments import canonical, to_text
from storage.people.actors import list_names
from storage.processes import definitions
from storage.tables import case_

__all__ = ["CaseFile", "gather", "to_json", "write_zip"]

FORMAT = "hangji-case-file"
VERSION = 3
MANIFEST, CASE, EVENTS, README = "manifest.json", "case.json", "events.jsonl", "README.txt"

_KEPT_BACK = frozenset(
    column.name for column in case_.c if column.info["label"] in {"sensitive", "reporter_secret"}
)
_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
# Zip keeps a time with each file; the moment of the export is in the manifest, and a fixed one
# here makes two exports of the same state the same bytes.
_SAME_TIME = (1980, 1, 1, 0, 0, 0)

_ABOUT = """\
夯基案件档案 / hangji case file

events.jsonl 是档案本身：每行一条，按哈希链相接；case.json 是案件当前状态；
attachments/ 是附件，definitions/ 是案件所依据的流程图、决策表和表单。
manifest.json 列出其余各文件的散列值，并由导出单位签名（Ed25519，覆盖除 signature 外的规范 JSON）。
核验（无需联网）：hangji verify <本文件> --key <导出单位公布的公钥>

events.jsonl is the file itself, one entry a line, chained by hash; case.json is where the case
stands; attachments/ and definitions/ are what it holds and what it ran on.
manifest.json lists the hash of every other file and is signed by the exporting office (Ed25519,
over the canonical JSON of everything in it but `signature`).
To verify it, offline: hangji verify <this file> --key <public key the office has published>
"""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """All stored data of one case, ready for export."""

    case: Case
    document: dict[str, Any]
    events: tuple[CaseEvent, ...]
    attachments: tuple[Attachment, ...]
    definitions: Mapping[str, Mapping[str, str]]
    exported: dict[str, Any]


def gather(session: Session, case: Case, *, now: datetime, exported_by: str) -> CaseFile:
    """Read everything on file of a case, in one picture; who may have it, the caller has checked.

    `exported_by` is the reference of an actor, such as `officer:7`.
    """
    entries = tuple(events.list_events(session, case.id))
    processes = cases.list_processes(session, case.id)
    uploads = tuple(attachments.list_attachments(session, case.id))
    digests = sorted({process.digest for process in processes})
    document = {
        "case": _columns(case),
        "processes": [
            {
                "running": process.id,
                "process": process.process_id,
                "digest": process.digest,
                "state": process.state,
                "started_at": to_text(process.started_at),
                "ended_at": None if process.ended_at is None else to_text(process.ended_at),
            }
            for process in processes
        ],
        "attachments": [_upload(upload) for upload in uploads],
    }
    exported = {
        "format": FORMAT,
        "version": VERSION,
        "number": case.number,
        "exported_at": to_text(now),
        "exported_by": exported_by,
        "people": _people(session, [exported_by, *(entry.actor for entry in entries)]),
        "last_seq": case.last_seq,
        "head_hash": case.head_hash,
    }
    files = {digest: definitions.get_files(session, digest)[1] for digest in digests}
    return CaseFile(case, document, entries, uploads, files, exported)


def to_json(file: CaseFile, *, key: Key | None) -> bytes:
    """The file as one canonical JSON document (sorted keys, no spaces); a key signs it."""
    entries = [_entry(event) for event in file.events]
    return canonical(_signed({**file.exported, **file.document, "events": entries}, key)).encode()


def write_zip(
    file: CaseFile, out: BinaryIO, *, blob: Callable[[str], Path], key: Key | None
) -> None:
    """Write the file as a zip; `blob` finds the bytes of an attachment by their digest.

    An attachment whose bytes are gone is named in the manifest under `lost`. The manifest is
    signed if there is a key, and with it everything whose hash it lists.
    """
    listed: dict[str, dict[str, Any]] = {}
    lost: list[str] = []
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _texts(file).items():
            listed[name] = _put(archive, name, content)
        for upload in file.attachments:
            try:
                content = blob(upload.sha256).read_bytes()
            except (NotFound, OSError):
                lost.append(upload.id)
                continue
            name = name_of(upload)
            listed[name] = _put(archive, name, content)
        manifest = {**file.exported, "files": listed, "lost": sorted(lost)}
        _put(archive, MANIFEST, orjson.dumps(_signed(manifest, key), option=_READABLE))


def name_of(upload: Attachment) -> str:
    """The name of an attachment inside the zip; never the name its sender gave it."""
    return f"attachments/{upload.id}{_ENDINGS.get(upload.content_type, '.bin')}"


def _texts(file: CaseFile) -> dict[str, bytes]:
    lines = "".join(f"{canonical(_entry(event))}\n" for event in file.events)
    texts = {
        README: _ABOUT.encode(),
        CASE: orjson.dumps(file.document, option=_READABLE),
        EVENTS: lines.encode(),
    }
    for digest, files in file.definitions.items():
        for name, text in files.items():
            texts[f"definitions/{digest}/{name}"] = text.encode()
    return texts


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> dict[str, Any]:
    entry = zipfile.ZipInfo(name, _SAME_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def _columns(case: Case) -> dict[str, Any]:
    return {
        name: to_text(value) if isinstance(value, datetime) else value
        for name, value in case._asdict().items()
        if name not in _KEPT_BACK
    }


def _upload(upload: Attachment) -> dict[str, Any]:
    return {
        "id": upload.id,
        "file": name_of(upload),
        "sha256": upload.sha256,
        "content_type": upload.content_type,
        "size": upload.size,
        "created_at": to_text(upload.created_at),
        "taken_at": None if upload.taken_at is None else to_text(upload.taken_at),
    }


def _entry(event: CaseEvent) -> dict[str, Any]:
    entry = {**asdict(event), "at": to_text(event.at)}
    personal = [{"path": list(path), "salt": salt} for path, salt in entry.pop("personal")]
    return {**entry, "personal": personal} if personal else entry


def _signed(document: dict[str, Any], key: Key | None) -> dict[str, Any]:
    return document if key is None else key.signed(document)


def _people(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """Names of the officers who acted and of who exports, by the reference the entries carry."""
    prefix = "officer:"
    ids = {int(actor.removeprefix(prefix)) for actor in actors if actor.startswith(prefix)}
    return {f"{prefix}{key}": name for key, name in list_names(session, ids).items()}


_READABLE = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
