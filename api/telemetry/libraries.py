"""What libraries say, as lines of our own log: JSON, and without a word of what they were given.

A message of theirs may repeat the values of a statement or the text of an error, so a line has
their text before values are put in, and the kind and place of the error.
"""

import logging
from typing import Final

import structlog

from engine.background.incidents import place_of

__all__ = ["LibraryLines", "listen"]

_log = structlog.get_logger("hangji.libraries")
_LONGEST: Final = 200


def listen() -> None:
    """Write what libraries warn of into our log; done once by whoever starts a process."""
    root = logging.root
    if not any(isinstance(one, LibraryLines) for one in root.handlers):
        root.addHandler(LibraryLines(logging.WARNING))


class LibraryLines(logging.Handler):
    """Hands records of the standard library's logging on."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        error = _error_of(record)
        _log.log(
            record.levelno,
            "library",
            logger=record.name,
            told=" ".join(str(record.msg).split())[:_LONGEST],
            place=f"{record.filename}:{record.lineno}" if error is None else place_of(error),
        )


def _error_of(record: logging.LogRecord) -> Exception | None:
    filled = record.args if isinstance(record.args, tuple) else ()
    found = [record.exc_info[1] if record.exc_info else None, *filled]
    return next((one for one in found if isinstance(one, Exception)), None)
