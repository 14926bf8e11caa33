"""A list of people: checked, applied and undone, in time that grows with the list alone."""

import hashlib
import time
from collections.abc import Sequence

from api import importing
from api.importing.ordering import Order
from api.operating import kinds
from bench.report import ReportTable
from bench.town import Town
from engine.background.operations import run_operation
from storage.imports.batches import Batch, NewBatch
from storage.operations import operations

_HEADS = "用户名,姓名,岗位"


def run(town: Town, units: Sequence[str], *, rows: int) -> ReportTable:
    """Import a tenth of a list and a list of so many leaders of units; undo both."""
    table = ReportTable(
        "A list of people (unit leaders)",
        ("rows", "check ms", "apply ms", "undo ms", "rows to first", "time to first"),
    )
    first = 0.0
    for count in (rows // 10, rows):
        took = _import(town, units[-count:], count)
        first = first or sum(took)
        table.add(count, *(1000 * part for part in took), count / (rows // 10), sum(took) / first)
    return table


def _import(town: Town, units: Sequence[str], count: int) -> list[float]:
    """Seconds of processor time of checking, applying and undoing."""
    lines = [f"list{count}n{at},名单人员{at},unit_leader:{unit}" for at, unit in enumerate(units)]
    content = "\n".join([_HEADS, *lines]).encode()
    digest, now = hashlib.sha256(content).hexdigest(), town.composition.clock.now()
    order = Order(None, now)
    with town.database.transaction() as session:
        new = NewBatch("people", "people.csv", "some", digest, content, {}, None)
        batch = importing.add(session, new, order)
    took = [_worked(town, batch)]
    with town.database.transaction() as session:
        batch = importing.order_apply(session, batch.id, order, leaves_out=False)
    took.append(_worked(town, batch))
    with town.database.transaction() as session:
        batch = importing.order_undo(session, batch.id, order)
    return [*took, _worked(town, batch)]


def _worked(town: Town, batch: Batch) -> float:
    composition, began = town.composition, time.process_time()
    number = int(batch.operation_id or 0)
    run_operation(composition.database, kinds(composition), composition.clock, number)
    took = time.process_time() - began
    with town.database.reading() as session:
        operation = operations.get_operation(session, number)
    if operation.state != "done":
        raise RuntimeError(operation.message)
    return took
