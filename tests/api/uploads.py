"""Uploading lists over HTTP and running the work on them; holds no test."""

import io
from collections.abc import Callable, Sequence
from typing import Any

from openpyxl import Workbook

from api.operating import kinds
from engine.background.operations import run_operation
from storage.operations import operations
from tests.api.conftest import Api
from tests.long_work import run_waiting

UNIT = "350322100001001001"
HEADS = ("名称", "类别", "区域代码", "统一社会信用代码", "许可证号", "联系电话")
CSV = "text/csv"


def lines_of(*rows: Sequence[str]) -> bytes:
    """A CSV file of businesses."""
    return "\n".join(",".join(row) for row in (HEADS, *rows)).encode()


def shop(name: str, code: str = "", phone: str = "") -> tuple[str, ...]:
    """A row of one restaurant."""
    return (name, "catering.restaurant", UNIT, code, "", phone)


def workbook(*rows: Sequence[Any]) -> bytes:
    """An XLSX file of these rows."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def upload(api: Api, content: bytes, who: str = "registry_keeper", **form: str) -> Any:
    """Send a list."""
    data = {"kind": "businesses", **form, "file": (io.BytesIO(content), "list.csv", CSV)}
    return api.send("POST", "/imports", who, data=data, content_type="multipart/form-data")


def run(api: Api) -> None:
    """Do what waits."""
    run_waiting(api.database, kinds(api.composition), api.clock)


def checked(api: Api, content: bytes, who: str = "registry_keeper", **form: str) -> dict[str, Any]:
    """Upload and check a list; return the import."""
    accepted = upload(api, content, who, **form)
    assert accepted.status_code == 202, accepted.get_json()
    run(api)
    return shown(api, accepted.headers["Content-Location"], who)


def applied(api: Api, content: bytes, who: str = "registry_keeper", **form: str) -> dict[str, Any]:
    """Upload, check and apply a list."""
    return checked(api, content, who, dry_run="false", **form)


def shown(api: Api, place: str, who: str = "registry_keeper") -> dict[str, Any]:
    """An import as it is now."""
    return dict(api.get(place, who).get_json())


def step(api: Api, batch: dict[str, Any], name: str, body: Any = None) -> dict[str, Any]:
    """Apply or undo an import; return it afterwards."""
    place = f"/imports/{batch['id']}"
    answer = api.post(f"{place}/{name}", body or {}, "registry_keeper")
    assert answer.status_code == 202, answer.get_json()
    run(api)
    return shown(api, place)


def rows(api: Api, batch: dict[str, Any], outcome: str) -> list[dict[str, Any]]:
    """Rows with an outcome."""
    place = f"/imports/{batch['id']}/rows?outcome={outcome}"
    return list(api.get(place, "registry_keeper").get_json()["items"])


def run_watched(api: Api, watch: Callable[[int, int | None], None]) -> None:
    """Run the next piece of work, and something else whenever it reports."""
    with api.database.reading() as session:
        (waiting,) = operations.list_runnable(session, now=api.clock.now(), limit=1)
    run_operation(api.database, kinds(api.composition), api.clock, waiting, watch=watch)
