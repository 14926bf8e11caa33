"""Imports of lists as long work: a file is checked, applied in chunks, and may be undone.

The reading and the rules of each kind are in `storage/imports/`; here is what moves a batch from
one state to the next. Each chunk is one transaction, so that a kill leaves no row half done and an
officer's step waits for one chunk at most.
"""

from api.importing.ordering import (
    APPLY,
    CHECK,
    SOURCES,
    SOURCES_OF,
    UNDO,
    add,
    order_apply,
    order_check,
    order_undo,
    source_of,
)
from api.importing.work import operation_kinds

__all__ = [
    "APPLY",
    "CHECK",
    "SOURCES",
    "SOURCES_OF",
    "UNDO",
    "add",
    "operation_kinds",
    "order_apply",
    "order_check",
    "order_undo",
    "source_of",
]
