"""What a city says of its map is read with its refusals: bands, shades, the base map."""

import json
from pathlib import Path
from typing import Any

import pytest

from storage.city.maps import read_map
from storage.city.rules import install, read_rules
from storage.errors import Refused
from storage.places.levels import AreaLevel
from tests.city import CITY

RASTER = {
    "kind": "raster",
    "url": "https://tiles.example/{z}/{x}/{y}?tk={key}",
    "attribution": "示例地图",
    "review_number": "GS(2026)0000号",
}


def written(folder: Path, name: str, entries: Any) -> Path:
    """A pack with one of the two files."""
    (folder / name).write_text(json.dumps(entries), encoding="utf-8")
    return folder


def test_a_city_without_the_files_has_bands_shades_and_no_base_map(tmp_path: Path) -> None:
    install(read_rules(CITY))

    rules = read_map(tmp_path)

    assert list(rules.bands) == list(AreaLevel)
    assert len(rules.limits("open", AreaLevel.TOWN)) == 4
    assert rules.base.kind == "none"


def test_the_shades_of_a_level_are_those_of_the_pack(tmp_path: Path) -> None:
    rules = read_map(written(tmp_path, "map.json", {"shades": {"open": {"town": [8, 20, 36, 70]}}}))

    assert rules.limits("open", AreaLevel.TOWN) == (8, 20, 36, 70)


@pytest.mark.parametrize(
    ("name", "entries", "place"),
    [
        ("map.json", [], "{"),
        ("map.json", {"bands": {"city": 0}}, "bands"),
        ("map.json", {"bands": dict.fromkeys([level.word for level in AreaLevel], 9)}, "bands"),
        ("map.json", {"shades": {"rain": {}}}, "shades"),
        ("map.json", {"shades": {"open": {"town": [8, 8, 36, 70]}}}, "shades"),
        ("map.json", {"shades": {"open": {"hamlet": [1, 2, 3, 4]}}}, "shades"),
        ("basemap.json", {"kind": "wms"}, "kind"),
        ("basemap.json", {**RASTER, "attribution": ""}, "attribution"),
        ("basemap.json", {**RASTER, "review_number": " "}, "review_number"),
        ("basemap.json", {**RASTER, "url": "file:///tiles/{z}/{x}/{y}"}, "url"),
        ("basemap.json", {**RASTER, "url": "https://tiles.example/{z}/{x}"}, "url"),
        ("basemap.json", {**RASTER, "max_zoom": 40}, "max_zoom"),
        ("basemap.json", {**RASTER, "kind": "pmtiles"}, "file"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_name(
    tmp_path: Path, name: str, entries: Any, place: str
) -> None:
    with pytest.raises(Refused) as refused:
        read_map(written(tmp_path, name, entries))

    assert f"{name}: 第 1 行 (row) {place}" in refused.value.message


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("3503,350322,0,0\n3503,350303,0,0", "第 3 行 .row. column: 这个位置已给了 350322"),
        ("3503,350322,0,0\n3503,350322,0,1", "第 3 行 .row. code: “350322” 写了两次"),
        ("3504,350322,0,0", "第 2 行 .row. code: “350322”"),
        ("3503,350322,north,0", "第 2 行 .row. row: “north” 不是数"),
    ],
)
def test_a_wrong_position_is_refused_by_row_and_column(
    tmp_path: Path, rows: str, told: str
) -> None:
    (tmp_path / "map_positions.csv").write_text(f"above,code,row,column\n{rows}\n", "utf-8")

    with pytest.raises(Refused, match=told):
        read_map(tmp_path)
