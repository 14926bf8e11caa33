"""What starts a piece of work on a batch: each moves it to its next state, or refuses to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.background.operations import NewOperation
from engine.tracing import current
from storage.database.session import Session
from storage.errors import Refused
from storage.imports import batches
from storage.imports.batches import Batch, NewBatch
from storage.operations import operations

CHECK: Final = "check_import"
APPLY: Final = "apply_import"
UNDO: Final = "undo_import"

TITLES: Final[Mapping[str, dict[str, str]]] = {
    CHECK: {"zh": "检查导入文件", "en": "Checking an import"},
    APPLY: {"zh": "写入导入数据", "en": "Applying an import"},
    UNDO: {"zh": "撤销导入", "en": "Undoing an import"},
}

SOURCES: Final = ("licence", "filing", "survey")
"""Where a list of businesses may come from."""

SOURCES_OF: Final[Mapping[str, tuple[str, ...]]] = {"people": ("some", "full")}
"""What a list of another kind may say of itself: of people, whether it names everybody."""


@dataclass(frozen=True, slots=True)
class Order:
    """Who orders work on a batch, and when."""

    by: int | None
    now: datetime
    open_to: Collection[str] = ()


def add(session: Session, new: NewBatch, order: Order, *, then_apply: bool = False) -> Batch:
    """Add a batch; it is checked first, and applied at once when nothing of it is refused."""
    batch_id = batches.add_batch(session, new, at=order.now)
    _start(session, batches.get_batch(session, batch_id), CHECK, order, then_apply=then_apply)
    return batches.get_batch(session, batch_id)


def order_check(session: Session, batch_id: int, mapping: Mapping[str, str], order: Order) -> Batch:
    """Check a batch again with another mapping."""
    batch = batches.get_batch(session, batch_id, is_locked=True)
    _require_state(session, batch, ("draft", "checked"))
    batches.update_batch(session, batch_id, state="draft", mapping=dict(mapping))
    _start(session, batch, CHECK, order)
    return batches.get_batch(session, batch_id)


def order_apply(session: Session, batch_id: int, order: Order, *, leaves_out: bool) -> Batch:
    """Apply a checked batch; refused rows are left out only when the caller says so."""
    batch = batches.get_batch(session, batch_id, is_locked=True)
    _require_state(session, batch, ("checked", "applying"))
    refused = batch.counts.get("refused", 0)
    if refused and not leaves_out:
        message = f"有 {refused} 行被拒绝：请改正文件后重新导入，或选择不导入这些行。"
        raise Refused(message, code="rows_refused")
    start_apply(session, batch, order)
    return batches.get_batch(session, batch_id)


def start_apply(session: Session, batch: Batch, order: Order) -> None:
    """Start writing a batch whose rows were checked."""
    batches.update_batch(session, batch.id, state="applying")
    _start(session, batch, APPLY, order)


def order_undo(session: Session, batch_id: int, order: Order) -> Batch:
    """Undo an applied batch: rows changed since stay and are listed."""
    batch = batches.get_batch(session, batch_id, is_locked=True)
    _require_state(session, batch, ("applying", "applied", "undoing"))
    batches.update_batch(session, batch_id, state="undoing")
    _start(session, batch, UNDO, order)
    return batches.get_batch(session, batch_id)


def _start(
    session: Session, batch: Batch, kind: str, order: Order, *, then_apply: bool = False
) -> None:
    arguments = {"batch": batch.id, "then_apply": then_apply}
    new = NewOperation(kind, TITLES[kind], arguments, order.open_to, order.by, trace_id=current())
    made = operations.add_operation(session, new, at=order.now)
    batches.update_batch(session, batch.id, operation_id=made)


def _require_state(session: Session, batch: Batch, states: tuple[str, ...]) -> None:
    if batch.operation_id is not None and operations.is_unfinished(session, batch.operation_id):
        message = "这次导入还在处理，请等它结束。"
        raise Refused(message, code="import_busy")
    if batch.state not in states:
        message = "这次导入现在不能这样处理，请刷新后再看它的状态。"
        raise Refused(message, code="import_state", state=batch.state)


def source_of(kind: str, source: str) -> str | None:
    """Return what a batch of a kind keeps of its source."""
    if kind == "businesses":
        return source
    return source if source in SOURCES_OF.get(kind, ()) else None
