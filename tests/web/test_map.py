"""The map without a script: every number opens the list it counts, level by level, in words."""

import re
from html import unescape

import pytest
from mapbox_vector_tile import decode

from handlers.map.invented import CITY, LEADER, invent_city
from storage.places.tile_keys import projected
from tests.web.town import GRID, NOW, PASSWORD, QUICKLY, UNIT, Town, Visitor, words

COUNTY, TOWN_CODE, VILLAGE = UNIT[:6], UNIT[:9], UNIT[:12]
MAPS = (
    ("supervisor", "/map"),
    ("supervisor", f"/map?area={COUNTY}&category=catering"),
    ("county_officer", f"/map?area={TOWN_CODE}&status=ceased"),
    ("station_officer", f"/map?area={VILLAGE}&bright=yes"),
    ("grid_leader", "/map?open_cases=yes"),
    (None, "/public/map"),
    (None, f"/public/map?area={TOWN_CODE}&category=catering"),
)
NUMBER = re.compile(r'<a href="([^"]+)">([\d,]+)</a>')


def live(town: Town) -> None:
    """Open cases at several places, one of them late, a shop with one, and one that has ceased."""
    shops = town.ask("GET", "/businesses", "grid_member")["items"]
    late, about = town.file(), town.file(business=shops[0]["id"], area=UNIT)
    town.accept(about, "grid_member")
    town.wait_until(NOW.replace(day=16))
    town.file(area=GRID)
    assert late
    body = {"business": shops[1]["id"], "seen_on": "2026-03-16", "reason": "关门多日"}
    town.ask("POST", "/processes/business_ceased/cases", "grid_member", json=body)


def length_of(visitor: Visitor, address: str) -> int:
    """How long the list behind a number is."""
    page = visitor.page(address)
    told = re.search(r"共 (\d+) 家", page)
    if told:
        return int(told[1])
    return len(
        re.findall(r"<li class=[^>]*>(?:<label.*?</label>)?<a href|<tr><th scope=\"row\"><a", page)
    )


@pytest.mark.parametrize(("who", "path"), MAPS)
def test_every_number_opens_a_list_of_that_length(town: Town, who: str | None, path: str) -> None:
    live(town)
    visitor = town.visitor(who)

    page = visitor.page(path)

    counted = {(unescape(href), int(n.replace(",", ""))) for href, n in NUMBER.findall(page)}
    assert counted
    wrong = {(href, n) for href, n in counted if length_of(visitor, href) != n}
    assert wrong == set()


def test_five_steps_lead_from_the_city_to_a_unit_and_names_lead_back(town: Town) -> None:
    """R09: six levels."""
    visitor = town.visitor("supervisor")
    path, titles = "/map", []
    for code in (COUNTY, TOWN_CODE, VILLAGE, GRID, UNIT):
        page = visitor.page(path)
        titles.append(words(page[page.index("<h1>") : page.index("</h1>")]))
        downs = re.findall(r'<th scope="row"><a href="([^"]+)">', page)
        path = next(unescape(down) for down in downs if f"area={code}" in down)
    page = visitor.page(path)

    assert len(set(titles)) == 5
    back = re.findall(r'<a href="(/map\?area=\d+)"', page[page.index("<h1>") : page.index("</h1>")])
    assert back == [f"/map?area={UNIT[:length]}" for length in (4, 6, 9, 12, 15)]
    assert 'data-map="points"' in page or "没有" in page


def test_the_table_has_the_most_first_of_what_the_map_is_shaded_by(town: Town) -> None:
    live(town)
    visitor = town.visitor("supervisor")

    for layer, path in {
        "open": "/map?area=350322",
        "bright": "/map?area=350322&layer=bright",
    }.items():
        shown = re.findall(rf'<tr data-code="(\d+)"[^>]* data-{layer}="(\d+)"', visitor.page(path))
        assert len(shown) == 18
        assert int(shown[0][1]) > 0
        assert shown == sorted(shown, key=lambda row: (-int(row[1]), row[0]))


def test_the_map_opens_on_ones_own_area_and_no_other_is_opened(town: Town) -> None:
    visitor = town.visitor("grid_leader")

    own = visitor.page("/map")
    refused = visitor.get("/map?area=350302")

    assert f'data-code="{UNIT}"' in own
    assert refused.status_code == 422
    assert "不在您的辖区" in refused.get_data(as_text=True)


def test_a_post_without_an_area_is_led_to_the_public_map(town: Town) -> None:
    page = town.visitor("analyst").page("/map")

    assert "您的岗位没有辖区" in words(page)
    assert 'href="/public/map"' in page


def test_a_filter_that_is_none_is_refused_in_words(town: Town) -> None:
    visitor = town.visitor("supervisor", language="en")

    for query in ("status=asleep", "bright=no", "layer=rain", "view=globe", "category=" + "x" * 61):
        answer = visitor.get(f"/map?{query}")
        assert answer.status_code == 422, query
        assert "cannot be read" in answer.get_data(as_text=True)


def test_the_public_reads_names_and_counts_but_no_person_phone_or_open_case(town: Town) -> None:
    """R10."""
    live(town)
    visitor = town.visitor()

    pages = [visitor.page("/public/map"), visitor.page(f"/public/shops?area={COUNTY}")]

    shops = town.ask("GET", "/businesses", "supervisor")["items"]
    told = [town.ask("GET", f"/businesses/{shop['id']}", "supervisor") for shop in shops]
    assert all(shop["name"] in pages[1] for shop in told)
    for page in pages:
        assert "在办" not in page
        for shop in told:
            assert not shop["phone"] or shop["phone"] not in page
            assert not shop["person_in_charge"] or shop["person_in_charge"] not in page


def test_a_place_is_found_by_its_name(town: Town) -> None:
    page = town.visitor("county_officer").page("/map?q=枫亭")

    assert f'href="/map?area={TOWN_CODE}"' in page
    assert "在主体里找" in page


def test_outlines_stand_in_for_hexagons_where_every_area_below_has_one(town: Town) -> None:
    """R09: the invented city has outlines, the sample has none; both say what is drawn."""
    with town.composition.database.transaction() as session:
        invent_city(session, password_hash=QUICKLY.hash(PASSWORD), on=NOW.date(), at=NOW)
    visitor = town.visitor(LEADER)

    invented = visitor.page("/map")
    public = town.visitor().page(f"/public/map?area={CITY}")
    sketched = town.visitor("supervisor").page(f"/map?area={COUNTY}")

    for page in (invented, public):
        assert "边界：虚构边界" in words(page)
        assert 'class="map-watermark"' in page
        assert 'data-outlines="yes"' in page
    assert "示意图，不是行政区界线" in words(sketched)
    assert 'class="map-watermark"' not in sketched
    assert "data-tiles" in invented
    assert "data-tiles" not in public


def test_tiles_and_cards_of_a_page_are_those_of_the_person_signed_in(town: Town) -> None:
    with town.composition.database.transaction() as session:
        invent_city(session, password_hash=QUICKLY.hash(PASSWORD), on=NOW.date(), at=NOW)
    listed = town.ask("GET", "/businesses", "grid_leader")["items"]
    shop = town.ask("GET", f"/businesses/{listed[0]['id']}", "grid_leader")
    x, y = projected(shop["lat"], shop["lon"])
    tile = f"/map/tiles/20/{int(x * 2**20)}/{int(y * 2**20)}?layers=points"
    own, foreign = town.visitor("grid_leader"), town.visitor(LEADER)

    (point,) = decode(own.get(tile).data)["points"]["features"]
    assert point["id"] == shop["id"]
    assert "points" not in decode(foreign.get(tile).data)
    assert own.get("/map/tiles/23/1/1").status_code == 422
    assert shop["name"] in own.page(f"/map/card/{shop['id']}")
    assert foreign.get(f"/map/card/{shop['id']}").status_code == 404
    assert town.visitor().get(tile).status_code == 303
