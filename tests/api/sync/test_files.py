"""A platform that gives files alone: what lies in its folder arrives like any record (R29)."""

import csv
from pathlib import Path

import orjson
import pytest

from api.syncing.platforms import platforms
from tests.api.conftest import Api
from tests.supervision import cases, kept

FILES = "inspection_files"
VISIT = {
    "版本": "1",
    "更新时间": "2026-03-02 08:30:00",
    "类型": "检查",
    "检查时间": "2026-03-02 08:00:00",
    "检查单位": "监管所",
    "单位名称": "示例小吃店（演示）",
    "统一社会信用代码": "92350322MADEM00113",
    "区划代码": "350322100001",
    "事项": "未戴口罩",
    "发现问题": "是",
    "已处置": "是",
    "情况": "厨师未戴口罩",
}


@pytest.fixture
def platform(tmp_path: Path) -> Path:
    """Their folder, and how it is reached from here."""
    folder = tmp_path / "files"
    folder.mkdir()
    way = {"sync": {FILES: {"folder": str(folder)}}}
    (tmp_path / "outgoing.json").write_bytes(orjson.dumps(way))
    return folder


def test_files_of_a_folder_become_cases_once_in_either_encoding(api: Api, platform: Path) -> None:
    """A GBK file, a UTF-8 file with the same visit in a later version, and a visit of nobody."""
    put(platform / "1.csv", "gbk", {"检查编号": "F1"}, {"检查编号": "F2", "检查单位": "别的单位"})
    put(platform / "2.csv", "utf-8-sig", {"检查编号": "F1", "版本": "2", "情况": "还有两人没戴"})
    pulling = platforms(api.composition).pulling

    first, again = dict(pulling(FILES).run()), dict(pulling(FILES).run())

    assert (first["created"], first["updated"], first["dead"]) == (1, 1, 1)
    assert "created" not in again
    (case,) = cases(api)
    assert (case.matter, case.collector_post.split(":")[0]) == ("P03", "station")
    assert kept(api)["F1"].version == 2
    (letter,) = api.get(f"/sync/{FILES}/dead", "admin_system").get_json()["items"]
    assert (letter["external_id"], letter["error"]) == ("F2", "unknown_unit")


def put(path: Path, encoding: str, *rows: dict[str, str]) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, ["检查编号", *VISIT])
        writer.writeheader()
        writer.writerows([{**VISIT, **row} for row in rows])
