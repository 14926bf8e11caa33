"""Adapters read what other platforms send, in their encodings, zones and styles of pages."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import pytest

from handlers.sync.file_drop import FileDrop
from handlers.sync.mapping import SourceMapping, read_mappings
from handlers.sync.protocol import (
    PulledRecord,
    Push,
    SchemaChanged,
    SourceFailed,
    UnreadRecord,
)
from handlers.sync.rest_json import RestJson
from tests.city import CITY
from tests.supervision import an_inspection

HEADS = [
    "检查编号",
    "版本",
    "更新时间",
    "类型",
    "检查时间",
    "检查单位",
    "单位名称",
    "统一社会信用代码",
    "区划代码",
    "发现问题",
    "已处置",
    "情况",
]


@pytest.fixture
def mapping() -> SourceMapping:
    return read_mappings(CITY)["smart_supervision"]


class Recording:
    """The other side as a list of answers; keeps what it was asked."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str]] = []

    def __call__(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[int, bytes]:
        del headers, body
        if path == "/token":
            return 200, orjson.dumps({"access_token": f"t{len(self.asked)}"})
        self.asked.append((method, path))
        status, answer = self.answers.pop(0)
        return status, answer if isinstance(answer, bytes) else orjson.dumps(answer)


def listed(*bodies: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"data": {"list": list(bodies), **more}}


def spoken_to(mapping: SourceMapping, *answers: tuple[int, Any]) -> tuple[RestJson, Recording]:
    other = Recording(*answers)
    return RestJson(mapping, other, "hangji", "secret"), other


def test_a_time_without_a_zone_is_in_theirs_and_one_with_a_zone_in_its_own(
    mapping: SourceMapping,
) -> None:
    adapter, _ = spoken_to(
        mapping,
        (200, listed(an_inspection("A"), an_inspection("B", jcsj="2026-03-02T00:30:00+00:00"))),
    )

    first, second = adapter.pull(None, 100).records

    assert isinstance(first, PulledRecord)
    assert isinstance(second, PulledRecord)
    assert first.visit is not None
    assert second.visit is not None
    assert first.visit.visited_at == datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
    assert second.visit.visited_at == datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    assert first.day == date(2026, 3, 2)


def test_a_run_goes_on_behind_the_last_change_and_a_new_one_ten_minutes_before(
    mapping: SourceMapping,
) -> None:
    ties = [an_inspection(name, gxsj="2026-03-02 08:30:00") for name in "ABCD"]
    adapter, other = spoken_to(
        mapping, (200, listed(*ties[:2])), (200, listed(*ties[:2])), (200, listed(*ties[2:3]))
    )

    first = adapter.pull(None, 2)
    second = adapter.pull(first.next_cursor, 2)
    third = adapter.pull(second.next_cursor, 2)

    assert (first.next_cursor, first.has_more) == ("2026-03-02 08:30:00#1/2", True)
    assert (second.next_cursor, second.has_more) == ("2026-03-02 08:30:00#2/2", True)
    assert (third.next_cursor, third.has_more) == ("2026-03-02 08:30:00", False)
    assert "page=2" in other.asked[2][1]
    assert adapter.overlapped(third.next_cursor) == "2026-03-02 08:20:00#1"
    assert adapter.overlapped(second.next_cursor) == second.next_cursor


def test_a_run_that_goes_on_by_pages_of_another_size_leaves_nothing_out(
    mapping: SourceMapping,
) -> None:
    adapter, other = spoken_to(mapping, (200, listed()), (200, listed()))

    adapter.pull("2026-03-02 08:30:00#4/5", 100)
    adapter.pull("2026-03-02 08:30:00#4/5", 2)

    assert "page=1" in other.asked[0][1]
    assert "page=8" in other.asked[1][1]


def test_pages_by_their_cursor_and_by_number_are_followed_to_the_end(
    mapping: SourceMapping,
) -> None:
    by_cursor, _ = spoken_to(
        replace(mapping, page_style="cursor"),
        (200, listed(an_inspection("A"), next="n1")),
        (200, listed(next=None)),
    )
    first = by_cursor.pull(None, 1)
    second = by_cursor.pull(first.next_cursor, 1)
    by_number, other = spoken_to(
        replace(mapping, page_style="offset"),
        (200, listed(an_inspection("A"))),
        (200, listed()),
    )
    numbered = by_number.pull(by_number.pull(None, 1).next_cursor, 1)

    assert (first.next_cursor, first.has_more) == ("n1", True)
    assert (second.next_cursor, second.has_more) == ("n1", False)
    assert other.asked[1][1] == "/inspections?limit=1&page=2"
    assert not numbered.has_more


def test_a_field_missing_from_one_record_is_a_dead_letter_from_all_a_changed_schema(
    mapping: SourceMapping,
) -> None:
    without = {name: value for name, value in an_inspection("A").items() if name != "jcdw"}
    one, _ = spoken_to(mapping, (200, listed(without, an_inspection("B"))))
    every, _ = spoken_to(mapping, (200, listed(without, without)))

    first, second = one.pull(None, 100).records

    assert isinstance(first, UnreadRecord)
    assert (first.external_id, first.error) == ("A", "field_missing")
    assert isinstance(second, PulledRecord)
    with pytest.raises(SchemaChanged, match="unit"):
        every.pull(None, 100)


def test_a_sign_in_page_instead_of_an_answer_is_a_failure_and_no_record(
    mapping: SourceMapping,
) -> None:
    adapter, _ = spoken_to(mapping, (200, b"<html>please sign in</html>"))

    with pytest.raises(SourceFailed, match="no JSON"):
        adapter.pull(None, 100)


def test_what_is_sent_comes_back_with_their_id_or_with_their_words(mapping: SourceMapping) -> None:
    adapter, other = spoken_to(
        mapping,
        (200, {"data": {"jcbh": "JC9", "bbh": 1}}),
        (401, b""),
        (422, {"message": "单位名称不能为空"}),
        (503, b""),
    )
    new = Push(key="k1", kind="case_opened", external_id=None, body={"dwmc": "店"})
    known = Push(key="k2", kind="case_closed", external_id="JC9", body={})

    accepted, refused, again = adapter.push([new, known, known])

    assert (accepted.verdict, accepted.external_id, accepted.version) == ("accepted", "JC9", 1)
    assert (refused.verdict, refused.message) == ("refused", "单位名称不能为空")
    assert again.verdict == "retry"
    assert other.asked[1:3] == [("PUT", "/problems/JC9")] * 2


def test_files_in_a_folder_are_read_in_order_from_csv_gbk_and_xlsx(tmp_path: Path) -> None:
    rows = [row(f"F{n}", n) for n in range(5)]
    write_csv(tmp_path / "2026-03-01.csv", rows[:2], "utf-8-sig")
    write_csv(tmp_path / "2026-03-02.csv", rows[2:4], "gbk")
    book = openpyxl.Workbook()
    for cells in (HEADS, rows[4]):
        book.active.append(cells)
    book.save(tmp_path / "2026-03-03.xlsx")
    adapter = FileDrop(read_mappings(CITY)["inspection_files"], tmp_path)

    seen, cursor, more = [], None, True
    while more:
        page = adapter.pull(cursor, 1)
        seen += [record.external_id for record in page.records]
        cursor, more = page.next_cursor, page.has_more
    write_csv(tmp_path / "2026-03-04.csv", [row("F9", 9)], "gbk")

    assert seen == ["F0", "F1", "F2", "F3", "F4"]
    assert [record.external_id for record in adapter.pull(cursor, 9).records] == ["F9"]
    assert adapter.versions(date(2026, 3, 2)) == dict.fromkeys([*seen, "F9"], 1)
    found = adapter.fetch("F2")
    assert isinstance(found, PulledRecord)
    assert found.visit is not None
    assert (found.visit.unit, found.visit.found_problem) == ("station", True)


def row(ident: str, number: int) -> list[str]:
    at = f"2026-03-02 08:{number:02d}:00"
    shop = ["监管所", "示例小吃店（演示）", "92350322MADEM00113", "350322100001"]
    return [ident, "1", at, "检查", at, *shop, "是", "是", "厨师未戴口罩"]


def write_csv(path: Path, rows: list[list[str]], encoding: str) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([HEADS, *rows])
    path.write_bytes(text.getvalue().encode(encoding))
