"""Tiles and places over HTTP: what the caller may see, and the village a position lies in."""

from typing import Any

import mapbox_vector_tile
import pytest
import shapely

from handlers.map.boundaries import BoundarySource, import_boundaries
from handlers.map.boundary_files import Outline
from storage.map import points
from storage.moments import in_china
from storage.places.areas import list_areas
from storage.places.levels import AreaLevel
from storage.places.positions import Position, to_gcj02
from storage.places.tile_keys import Tile, projected
from storage.registry import businesses
from storage.registry.businesses import NewBusiness
from tests.api.conftest import FOREIGN_TOWN, NOW, VILLAGE, Api
from tests.api.test_map import listed, summary

LAT, LON = 25.2407, 118.8609
"""The first shop of the sample."""

TOWN = "350322100"


def tile_at(zoom: int, lat: float = LAT, lon: float = LON) -> Tile:
    x, y = projected(lat, lon)
    return Tile(zoom, int(x * 2**zoom), int(y * 2**zoom))


def address(zoom: int, lat: float = LAT, lon: float = LON) -> str:
    tile = tile_at(zoom, lat, lon)
    return f"/map/tiles/{zoom}/{tile.x}/{tile.y}.mvt"


def layers(api: Api, who: str, path: str) -> dict[str, list[dict[str, Any]]]:
    answer = api.get(path, who)
    assert (answer.status_code, answer.content_type) == (
        200,
        "application/vnd.mapbox-vector-tile",
    )
    read = mapbox_vector_tile.decode(answer.data, default_options={"y_coord_down": True})
    return {name: layer["features"] for name, layer in read.items()}


def outline_villages(api: Api) -> list[str]:
    """Squares side by side for every village of the town, the first around the sample's shops."""
    with api.database.transaction() as session:
        day = in_china(NOW).date()
        found = list_areas(session, on=day, under=TOWN, level=AreaLevel.VILLAGE)
        codes = sorted((area.code for area in found), key=lambda code: code != VILLAGE)
        west = 118.85
        made = [
            Outline(
                code, shapely.box(west + 0.03 * number, 25.23, west + 0.03 * (number + 1), 25.26)
            )
            for number, code in enumerate(codes)
        ]
        import_boundaries(session, made, BoundarySource("示例测绘", day))
    return codes


def test_a_deep_tile_holds_the_businesses_of_its_list_and_no_person(api: Api) -> None:
    """R08, R10: point by point what the list of the same box shows to the same caller."""
    api.report("grid_member", business=1)
    with api.database.transaction() as session:
        new = NewBusiness(
            name="外地示例店", category="catering", area_code=f"{FOREIGN_TOWN}201", lat=LAT, lon=LON
        )
        foreign = businesses.add_business(session, new, at=NOW)
    path = address(14)
    for who in ("station_officer", "registry_keeper", "foreign_station", "business"):
        found = layers(api, who, path).get("points", [])
        box = ",".join(map(str, tile_at(14).box))
        there = {each["id"]: each for each in listed(api, who, "businesses", bbox=box)}
        assert {each["id"] for each in found} == there.keys()
        assert (foreign in there) == (who in {"registry_keeper", "foreign_station"})
        for each in found:
            told = each["properties"]
            assert told.keys() == {"category", "status", "bright", "open_cases"}
            shown = there[each["id"]]
            assert (told["category"], told["status"]) == (shown["category"], shown["status"])
            sees = who == "station_officer" and each["id"] == 1
            assert who == "registry_keeper" or told["open_cases"] == sees
    bright = layers(api, "station_officer", f"{path}?bright=true")["points"]
    assert {each["properties"]["bright"] for each in bright} == {True}


def test_a_wide_tile_counts_by_area_as_the_summary_does(api: Api) -> None:
    """R09: numbers belong to areas, never to squares of the screen."""
    outline_villages(api)
    api.report()
    wide = address(13, 25.245, 118.865)
    found = layers(api, "station_officer", f"{wide}?layers=areas,boundaries")
    numbers = {each["properties"]["code"]: each["properties"] for each in found["areas"]}
    children = summary(api, "station_officer", area=TOWN)["children"]

    assert numbers
    for child in children:
        if child["code"] in numbers:
            shown = numbers[child["code"]]
            names = ("count", "ceased", "bright", "open_cases", "name", "level")
            assert [shown[name] for name in names] == [child[name] for name in names]
    assert VILLAGE in {each["properties"]["code"] for each in found["boundaries"]}
    abroad = layers(api, "foreign_station", f"{wide}?layers=areas")["areas"]
    assert {each["properties"]["count"] for each in abroad} == {0}


def test_a_zoom_with_a_fuller_tile_than_can_be_shown_counts_instead(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "points" in layers(api, "station_officer", address(14))
    monkeypatch.setattr(points, "MOST", 2)
    with api.database.reading() as session:
        first = points.first_zoom_of_points(session)
        assert 14 < first <= 22
        assert max(points._fullest(session, zoom) for zoom in range(first, 22)) <= 2  # noqa: SLF001 - the number itself


def test_a_tile_is_sent_once_and_again_when_something_in_it_changed(api: Api) -> None:
    path = address(15)
    first = api.get(path, "station_officer")
    tag = {"If-None-Match": first.headers["ETag"]}
    again = api.get(path, "station_officer", headers=tag)
    assert (again.status_code, again.data) == (304, b"")
    assert first.headers["Cache-Control"] == "private, no-cache"

    with api.database.transaction() as session:
        businesses.update_business(session, 1, {"status": "ceased"}, at=NOW)
    changed = api.get(path, "station_officer", headers=tag)
    assert changed.status_code == 200
    other = api.get(path, "business", headers={"If-None-Match": changed.headers["ETag"]})
    assert other.status_code == 200


def test_no_tile_is_smaller_than_the_smallest_or_beyond_the_edge(api: Api) -> None:
    deep = api.get("/map/tiles/23/0/0.mvt", "station_officer")
    beyond = api.get("/map/tiles/3/8/0.mvt", "station_officer")
    unknown = api.get(f"{address(14)}?layers=persons", "station_officer")

    assert (deep.status_code, deep.get_json()["errors"][0]["pointer"]) == (422, "/z")
    assert "22" in deep.get_json()["detail"]
    assert (beyond.status_code, beyond.get_json()["code"]) == (404, "unknown_tile")
    assert unknown.status_code == 422
    assert api.get(address(14)).status_code == 401


def test_a_telephones_position_is_located_in_its_village(api: Api) -> None:
    codes = outline_villages(api)
    shifted = to_gcj02(Position(LAT, LON))
    told = {"lat": shifted.lat, "lon": shifted.lon, "crs": "gcj02"}
    found = api.post("/places/locate", told, "grid_member").get_json()

    assert (found["area"], found["villages"][0]["metres"]) == (VILLAGE, 0)
    assert (found["lat"], found["lon"]) == (pytest.approx(LAT), pytest.approx(LON))
    border = api.post("/places/locate", {"lat": LAT, "lon": 118.88}, "grid_member").get_json()
    assert border["area"] is None
    assert [village["code"] for village in border["villages"]] == codes[:2]
    swapped = api.post("/places/locate", {"lat": LON, "lon": LAT}, "grid_member")
    assert (swapped.status_code, swapped.get_json()["code"]) == (422, "position_swapped")


def test_a_citizens_report_goes_to_the_village_of_its_position_and_else_to_triage(
    api: Api,
) -> None:
    """R49: GCJ-02 of a telephone finds the assistant of the village; a border is triaged."""
    outline_villages(api)
    shifted = to_gcj02(Position(LAT, LON))
    usual = {"kind": "tip", "description": "餐馆后厨有老鼠", "channel": "web"}
    places = {
        "village_assistant": {"lat": shifted.lat, "lon": shifted.lon, "crs": "gcj02"},
        "triage": {"lat": LAT, "lon": 118.88, "crs": "wgs84"},
    }
    for role, location in places.items():
        made = api.post("/public/reports", {**usual, "location": location})
        assert made.status_code == 201, made.get_json()
        number = made.get_json()["number"]
        case = api.get(f"/cases/{number}", "supervisor").get_json()
        waiting = api.get("/tasks?limit=200", role).get_json()["items"]
        assert number in {task["case"]["number"] for task in waiting}
        assert case["area"] == (VILLAGE if role == "village_assistant" else VILLAGE[:4])
