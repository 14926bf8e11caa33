"""JSON documents stored compressed; whoever reads or writes a column sees the plain document.

The entries of a case file are short and alike, so their keys and usual values stand in a dictionary
that compressor and reader share: an entry shrinks to a quarter. A stored value that begins with
`z` is a raw deflate stream; anything else is the document itself, as older releases stored it
(JSON never begins with a `z`). The dictionary is part of the format: one that differs in a single
byte cannot read what is stored, so a better one needs a first byte of its own.
"""

import zlib
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Dialect, LargeBinary, TypeDecorator

__all__ = ["Hash", "PackedBytes", "PackedText", "pack", "pack_text", "unpack"]

_PACKED: Final = b"z"
_WINDOW: Final = 13
_MEMORY: Final = 5
"""Eight kilobytes of each document are searched; the default window costs seven times the time."""
_LEVEL: Final = 6

# What occurs most stands at the end: the shorter the way back, the fewer bits it takes.
_DICTIONARY: Final = (
    b'["return","withdrawable","beside"]"original":null,"photos":[],"photos_after":[],"measures":"",'
    b'"note":null,"rectified":null,"outcome":"resolved","reason_code":null,"reason":null},"level":"'
    b'","post":"","owner":"","previous":"","result":"passed","why":"collected","matter":""}'
    b'{"area_code":"","business_id":null,"channel":null,"closed_at":null,"collector_officer":,'
    b'"collector_post":"","deadline_profile":"standard","description":"","floor_rank":null,"id":,'
    b'"is_listed":true,"kind":"","location":null,"matter":"","number":"","opened_at":"","outcome":'
    b'null,"owner_area":"","owner_officer":null,"owner_post":"","owner_rank":1,"phase":"handle",'
    b'"priority":"normal","public_code_hash":null,"public_result":null,"source":"","status":"open",'
    b'"supervised":false,"title":"","visible_from_rank":null},"is_repeat":false,"can_collect_here":'
    b'null,"finished":false,"found_problem":null,"is_filled":true,"passed_up_by":"","start_level":"'
    b'","verify_result":"passed","was_returned":false}+08:00","handled_by":null,"handled_level":"",'
    b'"handled_post":"","long_running_at":"9999-12-30T00:00:00+08:00","enter_at":"","answer":"",'
    b'"returnable":"no","accepting_party":"","accepting_level":"","status":"closed","closed_at":"'
    b',"event_value":1}],[8,17,1,0,0,1]]],[0,8,32],[1,15,4,0,0,1],[2,26,2,0,0,1],[3,20,1,0,0,1],'
    b"[[-1,28,64],[0,26,16],[1,27,4,0,0,1],[1,19,4,0,0,1],[[-1,18,64],[3,21,2,0,0,1],[4,25,2,0,0,1]"
    b'{"personal":"","attachments":[],"digest":"{"cancelled":[],"case":{"owner_area":"",'
    b'"owner_officer":null,"owner_post":"","owner_rank":2,"phase":"handle"},"closed":[],"decisions":'
    b'[{"decision":"deadlines","inputs":{"deadline_profile":"standard","level":"","priority":"low",'
    b'"step":"accept"},"outputs":{"extension_approver":"one_level_up","extensions":1,"limit":1,'
    b'"on_overdue":"pass_up","unit":"working_day"},"rule":"standard_"}],"element":"","ended":false,'
    b'"form":{"answer":"accept","reason":null},"opened":[{"due_at":"2026-12-01T15:59:59.000000+00:0'
    b'0","element":"","officer":null,"post":"","process":"","task":"","token":"","why":{"rule":"'
    b'owner"}}],"passed":["","running":,"task":"","token":'
)
_EMPTY: Final = zlib.compressobj(
    _LEVEL, zlib.DEFLATED, -_WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, _DICTIONARY
)
"""Never written to itself: a copy that knows the dictionary costs less than a new compressor."""


def pack(document: bytes) -> bytes:
    """Compress a JSON document for storage."""
    packer = _EMPTY.copy()
    return _PACKED + packer.compress(document) + packer.flush()


def pack_text(document: str) -> bytes:
    """Compress a JSON document that is given as text."""
    return pack(document.encode())


def unpack(stored: bytes) -> bytes:
    """Return the document that `pack` was given, or one stored by an older release.

    Raises:
        zlib.error: the stored bytes are damaged.
    """
    if stored[:1] != _PACKED:
        return stored
    reader = zlib.decompressobj(-_WINDOW, _DICTIONARY)
    document = reader.decompress(stored[1:])
    if not reader.eof:
        message = "a stored document ends before its end"
        raise zlib.error(message)
    return document


def _unpack_text(stored: bytes) -> str:
    return unpack(stored).decode()


class _Stored(TypeDecorator[Any]):
    """Bytes in the database, something else outside; both directions are plain functions."""

    impl = LargeBinary
    cache_ok = True
    write: Callable[[Any], bytes]
    read: Callable[[bytes], Any]

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Return what makes stored bytes of a value."""
        del dialect
        write = type(self).write
        return lambda value: None if value is None else write(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Return what makes a value of stored bytes."""
        del dialect, coltype
        read = type(self).read
        return lambda stored: None if stored is None else read(bytes(stored))


class PackedText(_Stored):
    """A JSON document as text."""

    cache_ok = True
    write = staticmethod(pack_text)
    read = staticmethod(_unpack_text)


class PackedBytes(_Stored):
    """A JSON document as bytes."""

    cache_ok = True
    write = staticmethod(pack)
    read = staticmethod(unpack)


class Hash(_Stored):
    """A SHA-256 as 32 bytes, in hex outside."""

    cache_ok = True
    write = staticmethod(bytes.fromhex)
    read = staticmethod(bytes.hex)
