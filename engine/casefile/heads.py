"""The heads of all case files, signed, to be kept elsewhere: what is cut off later is noticed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from engine.casefile.signing import Key, check
from storage.cases.events import Head
from storage.errors import HangjiError
from storage.moments import canonical, optional_text, to_text

__all__ = ["Heads", "read", "write"]

FORMAT = "hangji-heads"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Heads:
    """A list that was kept elsewhere and is what was signed."""

    made_at: str
    of: Mapping[str, Head]


def write(heads: Iterable[Head], *, key: Key, at: datetime, since: datetime | None = None) -> bytes:
    """Write the list as one signed JSON document."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": to_text(at),
        "since": optional_text(since),
        "heads": [head._asdict() for head in heads],
    }
    return canonical(key.signed(document)).encode()


def read(path: Path, *, keys: Iterable[Key]) -> Heads:
    """Read a list that a known key has signed.

    Raises:
        HangjiError: it is no list of heads, or nothing proves that it is ours.
    """
    try:
        document: Any = orjson.loads(path.read_bytes())
        is_list = (document["format"], document["version"]) == (FORMAT, VERSION)
        heads = {entry["number"]: Head(**entry) for entry in document["heads"]}
    except (OSError, ValueError, KeyError, TypeError):
        is_list, heads = False, {}
    if not is_list:
        message = "it is no list that `hangji heads` wrote"
        raise HangjiError(message, code="heads")
    doubt = check(document, keys).doubt
    if doubt is not None:
        raise HangjiError(doubt, code="heads")
    return Heads(str(document["made_at"]), heads)
