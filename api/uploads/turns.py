"""Limits concurrent decoding of photos: one takes as much memory as a hundred requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from storage.errors import Overloaded

PATIENCE_SECONDS: Final = 20.0


class Turns:
    """So many at once in this process; the others wait a while."""

    def __init__(self, at_once: int, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._free = BoundedSemaphore(max(1, at_once))
        self._patience_seconds = patience_seconds

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a turn and keep it for the block.

        Raises:
            Overloaded: none came in time, or memory ran out; nothing is kept.
        """
        if not self._free.acquire(timeout=self._patience_seconds):
            raise _too_many()
        try:
            yield
        except MemoryError:
            raise _too_many() from None
        finally:
            self._free.release()


def _too_many() -> Overloaded:
    message = "同时上传的照片太多，请稍后重试；照片没有保存。"
    return Overloaded(message, code="overloaded", retry_after=5)
