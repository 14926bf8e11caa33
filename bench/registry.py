"""Does the registry grow dear: rows a second of an import, the same file again, list and card."""

import csv
import hashlib
import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from api import importing
from api.importing.ordering import Order
from api.operating import kinds
from bench.report import ReportTable
from bench.town import Town, found
from storage.imports.batches import Batch, NewBatch
from storage.numbers import credit_check_sign
from storage.registry.businesses import BusinessFilter, count_by_category, search_businesses
from tests.long_work import run_waiting

SIZES = (5_000, 20_000)
"""200,000 rows want a machine with time to spare: `run(sizes=(20_000, 200_000))`."""
_VILLAGES = tuple(f"350322100{number:03d}" for number in (1, 2))
_HEADS = ("名称", "类别", "区域代码", "统一社会信用代码", "地址", "电话")


def run(*, sizes: tuple[int, ...] = SIZES) -> list[ReportTable]:
    """Import lists of growing length, each into a city of its own, and read the registry."""
    table = ReportTable(
        "The registry as it grows",
        ("rows", "rows/s", "ratio to first", "again / first", "list, statements", "list, ms"),
    )
    first = 0.0
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            town = found(f"sqlite:///{folder}/city.db", Path(folder))
            content = a_list(size)
            taken = _timed(lambda: _imported(town, content))  # noqa: B023 - used at once
            again = _timed(lambda: _imported(town, content + b"\n"))  # noqa: B023 - used at once
            statements, milliseconds = _list(town)
            rate = size / taken
            first = first or rate
            table.add(size, rate, rate / first, again / taken, statements, milliseconds)
            town.database.close()
    return [table]


def a_list(size: int) -> bytes:
    """A list of so many generated shops with valid codes, spread over villages of the sample."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEADS)
    for number in range(size):
        body = f"92350322MA{number:07d}"
        code = body + credit_check_sign(body)
        village = _VILLAGES[number % len(_VILLAGES)]
        name = f"第{number:06d}示例商行"
        writer.writerow((name, "餐馆", village, code, f"示例路{number}号", f"0594{number:07d}"))
    return out.getvalue().encode()


def _imported(town: Town, content: bytes) -> None:
    database, clock = town.database, town.composition.clock
    digest = hashlib.sha256(content).hexdigest()
    new = NewBatch("businesses", "list.csv", "licence", digest, content, {}, None)
    with database.transaction() as session:
        batch: Batch = importing.add(session, new, Order(None, clock.now()))
    run_waiting(database, kinds(town.composition), clock)
    with database.transaction() as session:
        order = Order(None, clock.now())
        importing.order_apply(session, batch.id, order, leaves_out=False)
    run_waiting(database, kinds(town.composition), clock)


def _list(town: Town) -> tuple[int, float]:
    """Statements and time of the first page of the list with its counts."""
    with town.database.counting() as count, town.database.reading() as session:
        search_businesses(session, BusinessFilter(areas=["3503"]))
        count_by_category(session, BusinessFilter(areas=["3503"]))
    asked = len([text for text in count.statements if text != "begin"])

    def look() -> None:
        with town.database.reading() as session:
            search_businesses(session, BusinessFilter(areas=["3503"]))
            count_by_category(session, BusinessFilter(areas=["3503"]))

    return asked, _timed(look) * 1000


def _timed(work: Callable[[], None]) -> float:
    # Processor time: what else runs on the machine must not count.
    began = time.process_time()
    work()
    return time.process_time() - began
