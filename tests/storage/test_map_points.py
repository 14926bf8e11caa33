"""Businesses of a tile and labels of areas, asked of both databases."""

from storage.database.session import Database
from storage.map.boundaries import list_label_points
from storage.map.points import FIRST_ZOOM, count_open_cases, first_zoom_of_points, list_points
from storage.places import areas
from storage.places.areas import Area
from storage.places.levels import AreaLevel
from storage.places.tile_keys import GeoBox, Tile, projected
from storage.registry import businesses
from storage.registry.businesses import BusinessFilter, search_businesses
from tests.build import EVER_SINCE, MORNING, TOWN, UNIT, VILLAGE, a_business, a_case, an_officer

LAT, LON = 25.24, 118.86


def test_a_tile_its_box_and_its_open_cases_name_the_same_businesses(database: Database) -> None:
    x, y = projected(LAT, LON)
    tile = Tile(14, int(x * 2**14), int(y * 2**14))
    with database.transaction() as session:
        near, far, nowhere = (a_business(session, name=name) for name in "近远无")
        businesses.update_business(session, near, {"lat": LAT, "lon": LON}, at=MORNING)
        businesses.update_business(session, far, {"lat": LAT, "lon": LON + 1}, at=MORNING)
        case = a_case(session, area_code=UNIT, business_id=near)
        leader = an_officer(session, f"grid_leader:{UNIT[:15]}")
        other = an_officer(session, "grid_leader:350302001201001")

        assert [one.id for one in list_points(session, tile, BusinessFilter())] == [near]
        for having, expected in (
            (BusinessFilter(box=tile.box), [near]),
            (BusinessFilter(open_for=leader), [near]),
            (BusinessFilter(open_for=other), []),
            (BusinessFilter(bright=False), [near, far, nowhere]),
            (BusinessFilter(areas=[TOWN], is_here=True), []),
        ):
            assert [one.id for one in search_businesses(session, having).items] == expected
        assert count_open_cases(session, tile, actor=leader) == {near: 1}
        assert count_open_cases(session, tile, actor=other) == {}
        assert first_zoom_of_points(session) == FIRST_ZOOM
        assert case.case.business_id == near


def test_an_area_without_an_outline_is_labelled_where_its_own_position_is(
    database: Database,
) -> None:
    with database.transaction() as session:
        village = Area(
            VILLAGE, "示例村", AreaLevel.VILLAGE, TOWN, None, EVER_SINCE, None, lat=LAT, lon=LON
        )
        areas.add_areas(session, [village])
        box = GeoBox(LON - 0.1, LAT - 0.1, LON + 0.1, LAT + 0.1)
        level = int(AreaLevel.VILLAGE)
        (label,) = list_label_points(session, level=level, on=MORNING.date(), box=box)
        away = GeoBox(LON + 0.1, LAT, LON + 0.2, LAT + 0.1)

        assert (label.code, label.lat, label.lon) == (VILLAGE, LAT, LON)
        assert list_label_points(session, level=level, on=MORNING.date(), box=away) == []
