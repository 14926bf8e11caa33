"""The page that imports outlines: what a file may mean, what does not fit, what is in force."""

import io
import re
from typing import Any

import orjson
import shapely

from storage.places.positions import Position, to_gcj02
from tests.web.town import Town, Visitor, words

CITY = "3503"


def outline(code: str, west: float, south: float, *, wide: float = 0.004) -> bytes:
    shape = shapely.box(west, south, west + wide, south + wide)
    feature = {
        "type": "Feature",
        "properties": {"代码": code},
        "geometry": shapely.geometry.mapping(shape),
    }
    return orjson.dumps({"type": "FeatureCollection", "features": [feature]})


def send(visitor: Visitor, content: bytes, **typed: str) -> Any:
    page = visitor.page("/map/outlines")
    hidden = {
        name: found[1]
        for name in ("csrf", "key")
        if (found := re.search(f'name="{name}" value="([^"]+)"', page))
    }
    file = (io.BytesIO(content), "city.geojson", "application/geo+json")
    return visitor.client.post("/map/outlines", data={**hidden, **typed, "file": file})


def test_a_file_that_names_no_system_is_shown_in_each_with_the_businesses_inside(
    town: Town,
) -> None:
    """R09: outlines drawn in GCJ-02 hold the shop only when they are read so."""
    shops = town.ask("GET", "/businesses", "grid_leader")["items"]
    shop = town.ask("GET", f"/businesses/{shops[0]['id']}", "grid_leader")
    shifted = to_gcj02(Position(shop["lat"], shop["lon"]))
    content = outline(CITY, shifted.lon - 0.002, shifted.lat - 0.002)
    visitor = town.visitor("admin_system")

    asked = send(visitor, content, source="示例测绘")
    looked = send(visitor, content, look="yes")
    done = send(visitor, content, source="示例测绘", review_number="闽S(2026)0号", crs="gcj02")

    assert (asked.status_code, looked.status_code, done.status_code) == (422, 200, 303)
    for answer in (asked, looked):
        text = words(answer.get_data(as_text=True))
        best = re.search(
            r"GCJ-02（高德、腾讯） 最合 (\d+) 家主体中 (\d+) 家", text.replace("\n", " ")
        )
        assert best is not None, text
        assert int(best[2]) > 0
        assert answer.get_data(as_text=True).count('class="reading-area"') == 3
    listed = words(visitor.page(done.headers["Location"]))
    assert "已导入 1 个区域的边界" in listed
    assert "闽S(2026)0号" in listed


def test_an_outline_that_does_not_fit_is_refused_with_its_area_named(town: Town) -> None:
    visitor = town.visitor("admin_system")

    far = send(visitor, outline(CITY, 100, 25), source="示例测绘", crs="wgs84")
    unknown = send(visitor, outline("350322100999", 118.8, 25.2), source="示例", crs="wgs84")
    nameless = send(visitor, outline(CITY, 118.8, 25.2), source=" ", crs="wgs84")
    no_map = send(visitor, b"{}", look="yes")

    for answer, said in (
        (far, "3503 莆田市 超出本市范围"),
        (unknown, "350322100999 不在区域名册里"),
        (nameless, "请写明边界的来源"),
        (no_map, "不是面的 GeoJSON"),
    ):
        assert answer.status_code == 422
        assert said in words(answer.get_data(as_text=True))
    assert "还没有边界" in words(visitor.page("/map/outlines"))
    assert town.visitor("registry_keeper").get("/map/outlines").status_code == 403
