"""Old cases as files of a folder: each is proved before it counts, and can be read again.

The folder holds a zip for each case, by the year it was closed in, and `cases.csv` with a line for
each. It needs neither database nor program: the zips are the exports that `hangji verify` checks.
"""

import csv
import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import orjson

from engine.casefile.export import EVENTS, CaseFile, write_zip
from engine.casefile.proof import Proof, verify
from engine.casefile.signing import Key
from storage.moments import CHINA, from_text, to_text

__all__ = [
    "INDEX",
    "Archived",
    "KeptEntry",
    "find",
    "keep",
    "lines_of",
    "read_index",
    "write_index",
]

INDEX: Final = "cases.csv"
_PART: Final = ".part"


@dataclass(frozen=True, slots=True)
class Archived:
    """One case of an archive, as its line of `cases.csv` has it."""

    number: str
    closed_at: str
    entries: str
    head_hash: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """One entry of an archived case file."""

    seq: int
    at: datetime
    actor: str
    kind: str
    data: Mapping[str, Any]


class NotWholeError(Exception):
    """A case whose file does not verify; nothing of it was kept."""


def keep(file: CaseFile, folder: Path, *, blob: Callable[[str], Path], key: Key) -> Archived:
    """Write one case file and prove it from the disk; only then it takes its name.

    Raises:
        NotWholeError: it does not verify, or a photo of it is lost.
    """
    case = file.case
    closed_at = case.closed_at or case.opened_at
    name = f"{closed_at.astimezone(CHINA).year}/{case.number}.zip"
    path = folder / name
    part = path.with_suffix(_PART)
    path.parent.mkdir(parents=True, exist_ok=True)
    with part.open("wb") as out:
        write_zip(file, out, blob=blob, key=key)
        out.flush()
        os.fsync(out.fileno())
    proof = verify(part, keys=[key], head=case.head_hash)
    fault = _fault_of(proof)
    if fault is not None:
        part.unlink()
        message = f"{case.number}: {fault}"
        raise NotWholeError(message)
    sha256 = hashlib.sha256(part.read_bytes()).hexdigest()
    part.replace(path)
    entries = str(proof.entries)
    return Archived(case.number, to_text(closed_at), entries, case.head_hash, name, sha256)


def _fault_of(proof: Proof) -> str | None:
    if not proof.is_authenticated:
        return f"{proof.place}: {proof.reason}" if proof.place else str(proof.doubt)
    return f"lost attachments: {', '.join(proof.lost)}" if proof.lost else None


def read_index(folder: Path) -> dict[str, Archived]:
    """Read which cases a folder holds, by number; an empty or new folder holds none."""
    index = folder / INDEX
    if not index.is_file():
        return {}
    with index.open(encoding="utf-8-sig", newline="") as text:
        rows = [Archived(**row) for row in csv.DictReader(text)]
    return {row.number: row for row in rows}


def write_index(folder: Path, archived: Mapping[str, Archived]) -> None:
    """Write the list of a folder, whole or not at all; spreadsheets open it."""
    part = folder / f"{INDEX}{_PART}"
    with part.open("w", encoding="utf-8-sig", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(field.name for field in fields(Archived))
        writer.writerows(astuple(archived[number]) for number in sorted(archived))
        text.flush()
        os.fsync(text.fileno())
    part.replace(folder / INDEX)


def find(folder: Path, number: str) -> Path | None:
    """Find the file of a case; None when the archive has none of that number."""
    archived = read_index(folder).get(number)
    return None if archived is None else folder / archived.file


def lines_of(path: Path, *, keys: Sequence[Key]) -> Iterator[KeptEntry]:
    """Read the entries of an archived case file.

    Raises:
        NotWholeError: the file does not verify.
    """
    fault = _fault_of(verify(path, keys=keys))
    if fault is not None:
        raise NotWholeError(fault)
    with zipfile.ZipFile(path) as archive:
        entries = [orjson.loads(line) for line in archive.read(EVENTS).splitlines()]
    for entry in entries:
        at = from_text(entry["at"])
        yield KeptEntry(entry["seq"], at, entry["actor"], entry["kind"], entry["data"])
