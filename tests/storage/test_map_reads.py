"""What maps and forms read of outlines, placed businesses and cases near by, on both databases."""

import shapely

from handlers.map.boundaries import BoundarySource, import_boundaries
from handlers.map.boundary_files import Outline
from handlers.map.nearby import list_near
from storage.database.session import Database
from storage.map.boundaries import list_boundary_sets, list_drawn
from storage.map.points import list_placed
from storage.places.positions import Position
from storage.registry import businesses
from storage.registry.businesses import NewBusiness
from tests.build import MORNING, TOWN, a_case, an_area, an_officer

VILLAGE, OTHER = f"{TOWN}001", f"{TOWN}002"
LAT, LON = 25.21, 118.81


def test_outlines_shops_and_open_cases_of_a_place_are_read_alike(database: Database) -> None:
    on = MORNING.date()
    with database.transaction() as session:
        for number, code in enumerate((VILLAGE, OTHER)):
            an_area(session, code, name=f"示例村{number}")
        shapes = {VILLAGE: shapely.box(118.8, 25.2, 118.82, 25.22)}
        shapes[OTHER] = shapely.box(118.82, 25.2, 118.84, 25.22)
        outlines = [Outline(code, shape) for code, shape in shapes.items()]
        import_boundaries(session, outlines, BoundarySource("示例测绘", on, "闽S(2026)0号"))
        for name, area, lat in (("有位置", VILLAGE, LAT), ("没有位置", VILLAGE, None)):
            lon = None if lat is None else LON
            shop = NewBusiness(
                name=name, category="catering.restaurant", area_code=area, lat=lat, lon=lon
            )
            businesses.add_business(session, shop, at=MORNING)
        officer = an_officer(session, f"village_center:{VILLAGE}")
        foreign = an_officer(session, f"village_center:{OTHER}")
        place = {"lat": LAT, "lon": LON, "crs": "wgs84"}
        near = a_case(session, area_code=VILLAGE, location=place, at=MORNING).case.id
        a_case(session, area_code=VILLAGE, at=MORNING)
        a_case(session, area_code=VILLAGE, location={**place, "lat": LAT + 0.01}, at=MORNING)

        drawn = list_drawn(session, [OTHER, VILLAGE], on=on)
        assert [outline.code for outline in drawn] == [VILLAGE, OTHER]
        (one,) = list_boundary_sets(session, on=on)
        assert (one.count, one.source, one.review_number) == (2, "示例测绘", "闽S(2026)0号")
        assert list_placed(session, [VILLAGE, OTHER], limit=9) == [(VILLAGE, LAT, LON)]
        at = Position(LAT + 0.001, LON)
        (found,) = list_near(session, at, actor=officer, now=MORNING)
        assert (found.case.id, found.metres) == (near, 111)
        assert list_near(session, at, actor=foreign, now=MORNING) == []
