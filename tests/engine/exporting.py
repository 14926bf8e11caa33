"""Case files as they leave the house, and what a careful forger does to them. Holds no test."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from engine.background.scheduler import run_until
from engine.casefile.export import gather, to_json, write_zip
from engine.casefile.signing import Key
from storage.cases.attachments import Attachment, add_attachment, take_attachments
from storage.cases.events import entry_hash, first_hash
from tests.engine.vigil import START, Vigil, china

Blobs: TypeAlias = Callable[[str], Path]

PICTURE = b"a picture, as far as this test knows"
DIGEST = hashlib.sha256(PICTURE).hexdigest()


def a_picture_in(folder: Path) -> Blobs:
    """A folder that holds the photo of the case."""
    (folder / DIGEST).write_bytes(PICTURE)
    return lambda digest: folder / digest


def a_case(world: Vigil) -> str:
    """A case with a photo that was chased, told somebody and was closed."""
    number = world.start()
    picture = Attachment("p-1", DIGEST, "image/jpeg", len(PICTURE), START)
    case = world.case(number)
    with world.database.transaction() as session:
        add_attachment(session, picture)
        take_attachments(session, ["p-1"], case_id=case.id)
    run_until(world.database, world.runner, world.clock, china("2026-11-05 12:00"))
    world.complete(number)
    return number


def export(world: Vigil, number: str, blobs: Blobs, *, key: Key | None = None) -> bytes:
    """The case as a zip."""
    case, out = world.case(number), io.BytesIO()
    with world.database.reading() as session:
        file = gather(session, case, now=START, exported_by="officer:1")
    write_zip(file, out, blob=blobs, key=key)
    return out.getvalue()


def export_json(world: Vigil, number: str, *, key: Key | None = None) -> bytes:
    """The case as one JSON document."""
    case = world.case(number)
    with world.database.reading() as session:
        return to_json(gather(session, case, now=START, exported_by="officer:1"), key=key)


def unpacked(content: bytes) -> dict[str, bytes]:
    """The files of a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: dict[str, bytes]) -> bytes:
    """A zip of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def rows(files: dict[str, bytes]) -> list[bytes]:
    """The entries of an unpacked file."""
    return files["events.jsonl"].splitlines(keepends=True)


def relink(whole: dict[str, Any]) -> None:
    """Compute every hash again, as a careful forger would."""
    head = first_hash(whole["number"])
    for entry in whole["events"]:
        content = {name: entry[name] for name in ("seq", "at", "actor", "capacity", "kind", "data")}
        entry["previous"], head = head, entry_hash(head, content)
        entry["hash"] = head
    whole["head_hash"] = head
