"""Places on pages: where a case and a shop are, what is open near by, the map of a first page."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import shapely

from handlers.map.boundaries import BoundarySource, import_boundaries
from handlers.map.boundary_files import Outline
from handlers.map.invented import LEADER, invent_city
from storage.places import areas
from storage.places.positions import Position, to_gcj02
from storage.registry.businesses import list_of_areas, update_business
from tests.web.town import NOW, PASSWORD, QUICKLY, UNIT, VILLAGE, Town, Visitor, words

PLACE = {"lat": 25.2407, "lon": 118.8609, "crs": "wgs84"}
TWO_KM = 0.02


def near(visitor: Visitor, **told: Any) -> str:
    page = visitor.page("/report")
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None
    answer = visitor.client.post("/places/near", data={"csrf": csrf[1], **told})
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def two_villages(town: Town) -> list[str]:
    """Outlines of the villages of the town, side by side, the place on the border of two."""
    on = NOW.date()
    with town.composition.database.transaction() as session:
        listed = areas.list_children(session, VILLAGE[:9], on=on)
        codes = [VILLAGE, *(area.code for area in listed if area.code != VILLAGE)]
        south, west = PLACE["lat"] - TWO_KM / 2, PLACE["lon"] - TWO_KM
        outlines = [
            Outline(code, shapely.box(west + n, south, west + n + TWO_KM, south + TWO_KM))
            for n, code in ((place * TWO_KM, code) for place, code in enumerate(codes))
        ]
        import_boundaries(session, outlines, BoundarySource("示例测绘", on))
    return codes


def test_a_position_names_its_village_in_each_system_and_two_on_a_border(town: Town) -> None:
    """R49: the form offers what the position says."""
    codes = two_villages(town)
    visitor = town.visitor("grid_member")
    inside = Position(PLACE["lat"], PLACE["lon"] - TWO_KM / 2)
    shifted = to_gcj02(inside)

    one = near(visitor, lat=shifted.lat, lon=shifted.lon, crs="gcj02", accuracy=20)
    border = near(visitor, **PLACE)
    swapped = near(visitor, lat=PLACE["lon"], lon=PLACE["lat"])

    with town.composition.database.reading() as session:
        named = areas.get_area(session, codes[0], on=NOW.date()).name
    shop = to_gcj02(Position(PLACE["lat"], PLACE["lon"] - 0.001))
    doubted = near(visitor, lat=shop.lat, lon=shop.lon, accuracy=5, address=named)
    assert re.findall(r'data-village="(\d+)"', doubted) == codes[1:2]
    assert "按 GCJ-02 读则在" in doubted

    assert re.findall(r'data-village="(\d+)"', one) == codes[:1]
    assert re.findall(r'data-village="(\d+)"', border) == codes[:2]
    assert "两村交界" in border
    assert "写反" in swapped


def test_open_cases_near_a_place_are_offered_to_those_who_may_see_them(town: Town) -> None:
    """R49: within 300 metres and seven days, on the form and beside the other case."""
    number = town.file(location=PLACE)
    close = {**PLACE, "lat": PLACE["lat"] + 0.002}
    other = town.file(location=close, description="另一件", area=UNIT)
    with town.composition.database.transaction() as session:
        invent_city(session, password_hash=QUICKLY.hash(PASSWORD), on=NOW.date(), at=NOW)
    own = town.visitor("grid_member")

    offered = near(own, **PLACE)
    assert f"/cases/{number}" in offered
    assert f"/cases/{other}" in offered
    assert number not in near(own, lat=PLACE["lat"] + 0.004, lon=PLACE["lon"])
    page = own.page(f"/cases/{number}")
    assert "25.24070, 118.86090" in words(page)
    assert f'hx-get="/cases/{number}/around"' in page
    assert f'href="/cases/{other}"' in own.page(f"/cases/{number}/around")
    assert town.visitor(LEADER).get(f"/cases/{number}/around").status_code == 404
    assert "/cases/" not in near(town.visitor(LEADER), **PLACE)
    town.wait_until(NOW + timedelta(days=8))
    assert f"/cases/{number}" not in near(town.visitor("grid_member"), **PLACE)


def test_a_place_far_from_its_shop_is_told_to_who_handles_it(town: Town) -> None:
    """The form has where its shops are, to ask before it goes; nothing is refused."""
    with town.composition.database.transaction() as session:
        shop = next(iter(list_of_areas(session, [VILLAGE], q=None, limit=1)))
        place = {"lat": PLACE["lat"], "lon": PLACE["lon"]}
        update_business(session, shop.id, place, at=NOW)
    visitor = town.visitor("grid_member")
    beside = {**PLACE, "lat": PLACE["lat"] + TWO_KM / 10}
    far = {**PLACE, "lat": PLACE["lat"] + TWO_KM}

    pages = {}
    for name, place in (("near", beside), ("far", far), ("unknown", None)):
        more = {} if place is None else {"location": place}
        number = town.file(business=str(shop.id), **more)
        paths = (f"/cases/{number}", f"/tasks/{town.task(number)}")
        pages[name] = [visitor.page(path) for path in paths]

    told = "离主体登记的位置约 2.2 公里，请核对主体和位置"
    assert [told in words(page) for page in pages["far"]] == [True, True]
    assert not any("离主体登记的位置" in page for page in (*pages["near"], *pages["unknown"]))
    form, there = (visitor.page(path) for path in ("/report", f"/businesses-there?area={VILLAGE}"))
    placed = rf'value="{shop.id}"\s+data-at="25.24070,118.86090"'
    assert [bool(re.search(placed, page)) for page in (form, there)] == [True, True]
    assert 'data-far="500"' in form


def test_the_page_of_a_shop_shows_where_it_stands_inside_its_village(town: Town) -> None:
    with town.composition.database.transaction() as session:
        invent_city(session, password_hash=QUICKLY.hash(PASSWORD), on=NOW.date(), at=NOW)
    visitor = town.visitor(LEADER)
    listed = visitor.page("/businesses")
    shop = re.search(r'<th scope="row"><a href="(/businesses/\d+)"', listed)
    assert shop is not None

    page = visitor.page(shop[1])

    assert re.search(r'class="around".*<path d="M', page)
    link = re.search(r'href="(/map\?area=\d+&amp;view=points)"', page)
    assert link is not None
    assert "共 3 家" in words(visitor.page(unescape(link[1])))


def test_each_number_of_the_small_map_opens_a_list_of_that_length(town: Town) -> None:
    """R08, R12: leaders, grid staff and the catering section have one on their first page."""
    town.file()
    for who in ("supervisor", "county_officer", "grid_leader", "catering_section"):
        visitor = town.visitor(who)
        home = visitor.page("/home")
        assert 'hx-get="/map/small"' in home, who
        small = visitor.page("/map/small")
        numbers = re.findall(r'</span> <a href="([^"]+)">(\d+)</a>', small)
        assert numbers, who
        for href, number in numbers:
            page = visitor.page(unescape(href))
            rows = re.findall(
                r'<li class=[^>]*>(?:<label.*?</label>)?<a href|<tr><th scope="row"><a', page
            )
            assert len(rows) == int(number), (who, href)
    assert 'hx-get="/map/small"' not in town.visitor("analyst").page("/home")
