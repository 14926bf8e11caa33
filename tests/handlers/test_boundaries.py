"""Outlines of areas: files of every kind, what does not fit, and the village of a position."""

import io
import zipfile
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import orjson
import pyproj
import pytest
import shapefile
import shapely

from handlers.map.boundaries import BoundarySource, import_boundaries
from handlers.map.boundary_files import MOST_BYTES, Outline, read_outlines
from handlers.map.invented import CITY, invent_city
from handlers.map.locating import load_villages, locate, village_of
from storage.database.session import Database, Session
from storage.errors import FormInvalid
from storage.map.boundaries import list_boundaries
from storage.places.levels import AreaLevel
from storage.places.positions import Position, to_gcj02
from storage.registry.businesses import BusinessFilter, search_businesses
from tests.build import MORNING, NO_PASSWORD, TOWN, an_area

TODAY = MORNING.date()
WEST, SOUTH, SIDE = 118.8, 25.2, 0.02
VILLAGES = [f"{TOWN}{number:03d}" for number in (1, 2, 3)]
SOURCE = BoundarySource("示例测绘", TODAY, "闽S(2026)0号")


def square(number: float, *, wide: float = 1.0) -> Any:
    """The outline of a village: a square beside the one before."""
    west = WEST + SIDE * number
    return shapely.box(west, SOUTH, west + SIDE * wide, SOUTH + SIDE)


def outlines(**other: Any) -> list[Outline]:
    """Three villages in a row, some of them otherwise."""
    usual = {code: square(number) for number, code in enumerate(VILLAGES)}
    changed = {code.removeprefix("v"): shape for code, shape in other.items()}
    return [Outline(code, shape) for code, shape in {**usual, **changed}.items() if shape]


def three_villages(session: Session) -> None:
    for number, code in enumerate(VILLAGES, start=1):
        an_area(session, code, name=f"示例村{number}")


def geojson(shapes: Mapping[str, Any], **more: Any) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"代码": code},
            "geometry": shapely.geometry.mapping(shape),
        }
        for code, shape in shapes.items()
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features, **more})


def zipped_shapefile(shapes: Mapping[str, Any], *, prj: str | None, encoding: str = "gbk") -> bytes:
    parts = {end: io.BytesIO() for end in ("shp", "shx", "dbf")}
    with shapefile.Writer(**parts, encoding=encoding) as writer:
        writer.field("区划代码", "C", 18)
        writer.field("名称", "C", 40)
        for code, shape in shapes.items():
            writer.shape(shapely.geometry.mapping(shape))
            writer.record(code, "示例村")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for end, part in parts.items():
            archive.writestr(f"villages.{end}", part.getvalue())
        if prj is not None:
            archive.writestr("villages.prj", prj)
    return out.getvalue()


def test_outlines_are_in_force_from_a_day_on_and_the_former_ones_until_then(
    database: Database,
) -> None:
    later = TODAY + timedelta(days=30)
    with database.transaction() as session:
        three_villages(session)
        done = import_boundaries(session, outlines(), SOURCE)
        moved = outlines(**{f"v{VILLAGES[0]}": square(0.1, wide=0.9)})
        again = import_boundaries(session, moved, BoundarySource("示例测绘二", later))

        assert (done, again["ended"]) == ({"level": "village", "areas": 3, "ended": 0}, 3)
        for on, source, west in (
            (TODAY, "示例测绘", WEST),
            (later, "示例测绘二", WEST + SIDE / 10),
        ):
            listed = list_boundaries(session, level=AreaLevel.VILLAGE, on=on)
            assert [one.area_code for one in listed] == VILLAGES
            assert listed[0].source == source
            assert listed[0].west == pytest.approx(west)
            label = shapely.Point(listed[0].label_lon, listed[0].label_lat)
            assert shapely.from_wkb(listed[0].geometry).contains(label)


CROSSED = shapely.Polygon([(118.8, 25.2), (118.82, 25.22), (118.82, 25.2), (118.8, 25.22)])


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({f"v{TOWN}009": square(5)}, f"{TOWN}009 不在区域名册里"),
        ({"v350322": square(5)}, "一个文件只能有一级区域"),
        ({f"v{VILLAGES[1]}": None}, f"缺少 {VILLAGES[1]} 示例村2"),
        (
            {f"v{VILLAGES[1]}": square(0.9)},
            f"{VILLAGES[0]} 示例村1 与 {VILLAGES[1]} 示例村2 重叠 10.0%",
        ),
        ({f"v{VILLAGES[2]}": square(100)}, f"{VILLAGES[2]} 示例村3 超出本市范围"),
        ({f"v{VILLAGES[0]}": CROSSED}, f"{VILLAGES[0]} 示例村1 的边界自相交"),
    ],
)
def test_one_outline_that_does_not_fit_is_named_and_nothing_is_written(
    sqlite: Database, other: dict[str, Any], said: str
) -> None:
    with sqlite.transaction() as session:
        three_villages(session)
        with pytest.raises(FormInvalid) as refused:
            import_boundaries(session, outlines(**other), SOURCE)

        assert said in str(refused.value)
        assert list_boundaries(session, level=AreaLevel.VILLAGE, on=TODAY) == []


def test_a_gap_in_a_town_is_refused_with_the_villages_beside_it(sqlite: Database) -> None:
    with sqlite.transaction() as session:
        three_villages(session)
        import_boundaries(session, [Outline(TOWN, square(0, wide=3))], SOURCE)
        with pytest.raises(FormInvalid) as refused:
            import_boundaries(session, outlines(**{f"v{VILLAGES[1]}": square(1, wide=0.9)}), SOURCE)
        said = str(refused.value)
        assert "留有空隙 (a gap) 3.3%" in said
        assert all(f"{code} 示例村" in said for code in VILLAGES[1:])
        assert VILLAGES[0] not in said

        assert import_boundaries(session, outlines(), SOURCE)["areas"] == 3


def corners(read: list[Outline]) -> list[list[float]]:
    return [list(one.shape.bounds) for one in read]


SHAPES = {code: square(number) for number, code in enumerate(VILLAGES)}
EXACT = [list(shape.bounds) for shape in SHAPES.values()]


def test_geojson_and_shapefiles_of_each_system_say_the_same() -> None:
    """Chinese attributes, degrees or metres of zone 40 with its number, or without."""
    named = {"crs": {"properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}}
    read = read_outlines(geojson(SHAPES, **named), name="villages.geojson", crs=None)
    assert [one.code for one in read] == VILLAGES
    assert corners(read) == EXACT

    for system in (4490, 4528, 4549):
        crs = pyproj.CRS.from_epsg(system)
        turned = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform
        shapes = {
            code: shapely.transform(shape, turned, interleaved=False)
            for code, shape in SHAPES.items()
        }
        packed = zipped_shapefile(shapes, prj=crs.to_wkt("WKT1_ESRI"))
        read = read_outlines(packed, name="villages.zip", crs=None)
        assert [one.code for one in read] == VILLAGES
        assert corners(read) == [pytest.approx(each, abs=1e-7) for each in EXACT]


def test_a_file_without_a_system_is_refused_with_each_way_to_read_it() -> None:
    with pytest.raises(FormInvalid) as refused:
        read_outlines(geojson(SHAPES), name="villages.geojson", crs=None)
    said = str(refused.value)
    assert "wgs84 → 25.2100, 118.8300 在本市" in said
    assert "gcj02 → 25.21" in said

    turned = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:4528", always_xy=True).transform
    metres = {
        code: shapely.transform(shape, turned, interleaved=False) for code, shape in SHAPES.items()
    }
    packed = zipped_shapefile(metres, prj=None)
    with pytest.raises(FormInvalid) as refused:
        read_outlines(packed, name="villages.zip", crs=None)
    assert "EPSG:4528 → 25.2100, 118.8300 在本市" in str(refused.value)
    chosen = read_outlines(packed, name="villages.zip", crs="EPSG:4528")
    assert corners(chosen) == [pytest.approx(each, abs=1e-7) for each in EXACT]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b" " * (MOST_BYTES + 1), "big.geojson"),
        (b"{}", "empty.geojson"),
        (b"no zip", "no.zip"),
        (geojson({"": square(0)}), "nameless.geojson"),
        (geojson({"1": shapely.Point(1, 1)}), "points.geojson"),
    ],
)
def test_a_file_that_is_no_list_of_outlines_is_refused(content: bytes, name: str) -> None:
    with pytest.raises(FormInvalid):
        read_outlines(content, name=name, crs="wgs84")


def test_a_position_finds_its_village_in_each_system_and_two_on_a_border(
    database: Database,
) -> None:
    """R49: GCJ-02 of a telephone; a border offers both; places swapped are said so."""
    with database.transaction() as session:
        three_villages(session)
        import_boundaries(session, outlines(), SOURCE)
        villages = load_villages(session, on=TODAY)
        before = load_villages(session, on=date(2020, 1, 1))

    inside = Position(SOUTH + SIDE / 2, WEST + SIDE / 2)
    shifted = to_gcj02(inside)
    assert village_of(villages, {"lat": inside.lat, "lon": inside.lon}) == VILLAGES[0]
    as_told = {"lat": shifted.lat, "lon": shifted.lon, "crs": "gcj02"}
    assert village_of(villages, as_told) == VILLAGES[0]
    assert village_of(before, as_told) is None
    assert village_of(villages, {"lat": "nowhere"}) is None

    border = locate(villages, {"lat": inside.lat, "lon": WEST + SIDE, "accuracy": 50})
    assert [village.code for village in border.villages] == VILLAGES[:2]
    assert border.area is None
    near = locate(villages, {"lat": inside.lat, "lon": WEST - 0.0002, "accuracy": 50})
    assert near.villages[0].metres == pytest.approx(20, abs=1)
    with pytest.raises(FormInvalid, match="写反"):
        locate(villages, {"lat": inside.lon, "lon": inside.lat})


def test_a_position_declared_in_the_wrong_system_is_doubted_by_its_address(
    sqlite: Database,
) -> None:
    """GCJ-02 told as WGS-84 lies some 560 m off, here in the neighbour's village."""
    with sqlite.transaction() as session:
        three_villages(session)
        import_boundaries(session, outlines(), SOURCE)
        villages = load_villages(session, on=TODAY)
    shop = Position(SOUTH + SIDE / 2, WEST + SIDE - 0.001)
    shifted = to_gcj02(shop)
    told = {"lat": shifted.lat, "lon": shifted.lon, "address": "示例村1 示例路1号"}

    found = locate(villages, told)
    assert found.area == VILLAGES[1]
    assert "GCJ-02" in (found.warning or "")
    assert locate(villages, {**told, "crs": "gcj02"}).warning is None
    assert locate(villages, {**told, "address": "示例村2"}).warning is None


def test_the_invented_city_has_outlines_of_every_level_that_hold_its_shops(
    sqlite: Database,
) -> None:
    with sqlite.transaction() as session:
        made = invent_city(session, password_hash=NO_PASSWORD, on=TODAY, at=MORNING)
        again = invent_city(session, password_hash=NO_PASSWORD, on=TODAY, at=MORNING)
        villages = load_villages(session, on=TODAY)
        shops = search_businesses(session, BusinessFilter(areas=[CITY]), limit=200).items
        sources = {
            one.source
            for level in AreaLevel
            for one in list_boundaries(session, level=level, on=TODAY)
        }

    assert (made.areas, made.outlines, again.areas) == (436, 436, 0)
    assert sources == {"虚构边界"}
    for shop in shops:
        exact = {"lat": shop.lat, "lon": shop.lon, "accuracy": 0.01}
        assert village_of(villages, exact) == shop.area_code[:12]
