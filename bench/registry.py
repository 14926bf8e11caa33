"""Does the registry grow dear: rows a second of an import, the same file again, list and card."""

import csv
import hashlib
import io
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from api import importing
from api.importing.ordering import Order
from api.operating import kinds
from bench.report import ReportTable
from bench.town import Town, found
from storage.database.session import Session
from storage.imports.batches import Batch, NewBatch
from storage.moments import in_china
from storage.numbers import credit_check_sign
from storage.places import areas
from storage.places.levels import AreaLevel
from storage.registry.businesses import (
    BusinessFilter,
    count_by_category,
    get_business,
    list_by_mark,
    search_businesses,
)
from storage.registry.credentials import list_credentials
from storage.registry.evidence import list_changes, list_sources
from tests.long_work import run_waiting

SIZES = (1_000, 5_000, 20_000)
"""200,000 rows want a machine with time to spare: `run(sizes=(1_000, 20_000, 200_000))`."""
_MOST_VILLAGES = 2_000
_HEADS = ("名称", "类别", "区域代码", "统一社会信用代码", "地址", "电话")


def run(*, sizes: tuple[int, ...] = SIZES) -> list[ReportTable]:
    """Import lists of growing length, each into a city of its own, and read the registry."""
    table = ReportTable(
        "The registry as it grows",
        (
            *("rows", "rows/s", "ratio to smaller", "again / first"),
            *("list, statements", "list, ms", "card, statements", "card, ms"),
        ),
    )
    smaller = 0.0
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            town = found(f"sqlite:///{folder}/city.db", Path(folder))
            content = a_list(size, _villages(town))
            other_bytes = content + b"\r\n"
            taken = _timed(lambda: _imported(town, content))  # noqa: B023 - used at once
            again = _timed(lambda: _imported(town, other_bytes))  # noqa: B023 - used at once
            rate = size / taken
            ratio = rate / (smaller or rate)
            table.add(size, rate, ratio, again / taken, *_list(town), *_card(town))
            smaller = rate
            town.database.close()
    return [table]


def a_list(size: int, villages: list[str]) -> bytes:
    """A list of so many generated shops with valid codes, in no order of their villages."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEADS)
    for number in range(size):
        code = credit_code_of(number)
        village = villages[number % len(villages)]
        name = f"第{number:06d}示例商行"
        writer.writerow((name, "餐馆", village, code, f"示例路{number}号", f"0594{number:07d}"))
    return out.getvalue().encode()


def credit_code_of(number: int) -> str:
    """A valid code of a generated shop."""
    body = f"92350322MA{number:07d}"
    return body + credit_check_sign(body)


def _villages(town: Town) -> list[str]:
    with town.database.reading() as session:
        today = in_china(datetime.now(UTC)).date()
        found = areas.list_areas(session, on=today, level=AreaLevel.VILLAGE, limit=_MOST_VILLAGES)
    return [village.code for village in found]


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

    def look(session: Session) -> None:
        search_businesses(session, BusinessFilter(areas=["3503"]))
        count_by_category(session, BusinessFilter(areas=["3503"]))

    return _cost(town, look)


def _card(town: Town) -> tuple[int, float]:
    """Statements and time of what the card of a business shows of the registry."""
    with town.database.reading() as session:
        ident = list_by_mark(session, credit_code_of(0))[0].id

    def look(session: Session) -> None:
        get_business(session, ident)
        list_sources(session, ident)
        list_changes(session, ident)
        list_credentials(session, ident)

    return _cost(town, look)


def _cost(town: Town, look: Callable[[Session], None]) -> tuple[int, float]:
    def read() -> None:
        with town.database.reading() as session:
            look(session)

    with town.database.counting() as count:
        read()
    asked = len([text for text in count.statements if text != "begin"])
    return asked, _timed(read) * 1000


def _timed(work: Callable[[], None]) -> float:
    # Processor time: what else runs on the machine must not count.
    began = time.process_time()
    work()
    return time.process_time() - began
