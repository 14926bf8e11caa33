"""The folder of uploads, each under its digest; `storage` records the case of each."""

import errno
import os
import tempfile
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Final

from storage.errors import NotFound, Overloaded

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_RETRY_AFTER_SECONDS: Final = 60

SMALL: Final = "small"
"""The folder of small copies, under the digest of the picture they were made of."""

Known = Callable[[Collection[str]], Collection[str]]
"""Tells of some digests which of them a row speaks of."""


def put(folder: Path, sha256: str, content: bytes) -> Path:
    """Store bytes durably before any row names them; the same bytes are stored once."""
    path = path_of(folder, sha256)
    if path.is_file():
        # Renew its age, so that no sweep removes it before its new row is written.
        path.touch()
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        part = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            # Whole or absent: a reader never sees half a picture.
            part.replace(path)
        except OSError as error:
            # What is left of it would only keep the disk full.
            part.unlink(missing_ok=True)
            if error.errno in _FULL:
                message = "存储空间不足，暂时不能上传；请稍后再试。"
                raise Overloaded(message, retry_after=_RETRY_AFTER_SECONDS) from error
            raise
    return path


def get(folder: Path, sha256: str) -> Path:
    """Find the bytes of a digest; NotFound when they are gone."""
    path = path_of(folder, sha256)
    if not path.is_file():
        message = "附件的内容已不在存储中。"
        raise NotFound(message, code="attachment_lost")
    return path


def put_small(folder: Path, sha256: str, content: bytes) -> None:
    """Store the small copy of a picture; it may be lost, for it can be made again."""
    put(folder / SMALL, sha256, content)


def find_small(folder: Path, sha256: str) -> Path | None:
    """Find the small copy of a picture; None when there is none."""
    path = path_of(folder / SMALL, sha256)
    return path if path.is_file() else None


def remove(folder: Path, sha256: str) -> None:
    """Remove the bytes of a digest and the small copy of them."""
    for drawers in (folder, folder / SMALL):
        path_of(drawers, sha256).unlink(missing_ok=True)


def sweep(folder: Path, known: Known, *, before: datetime) -> int:
    """Remove files older than a moment that no row names; return how many.

    Bytes are kept before their row is written, so a row that never came leaves them behind.
    """
    removed = 0
    for drawer in sorted([*folder.glob("??"), *folder.glob(f"{SMALL}/??")]):
        old = [file for file in drawer.iterdir() if file.stat().st_mtime < before.timestamp()]
        spoken_of = known([file.name for file in old])
        for file in old:
            if file.name not in spoken_of:
                file.unlink(missing_ok=True)
                removed += 1
    return removed


def path_of(folder: Path, sha256: str) -> Path:
    """Return the place of a digest, whether anything lies there or not."""
    return folder / sha256[:2] / sha256
