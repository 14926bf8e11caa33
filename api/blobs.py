"""The folder uploads lie in, each under its digest; which case they belong to, storage knows."""

import os
import tempfile
from pathlib import Path

from storage.errors import NotFound


def put(folder: Path, sha256: str, content: bytes) -> Path:
    """Keep bytes durably before any row speaks of them; the same bytes are kept once."""
    path = path_of(folder, sha256)
    if path.is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    # Whole or absent: a reader never sees half a picture.
    Path(file.name).replace(path)
    return path


def get(folder: Path, sha256: str) -> Path:
    """Find the bytes of a digest; NotFound when they are gone."""
    path = path_of(folder, sha256)
    if not path.is_file():
        message = "附件的内容已不在存储中。"
        raise NotFound(message, code="attachment_lost")
    return path


def path_of(folder: Path, sha256: str) -> Path:
    """Give the place of a digest, whether anything lies there or not."""
    return folder / sha256[:2] / sha256
