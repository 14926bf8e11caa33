"""The base map comes through this server alone: an allowed host, the city's tiles, a hidden key."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from api.cli.operating.looks import look_at_base_map
from storage.city.rules import install, read_rules
from tests.api.conftest import UNIT, Api
from tests.city import CITY

KEY = "secret-key-of-the-map-service"
NAMED = {"attribution": "示例地图", "review_number": "GS(2026)0000号"}
INSIDE, OUTSIDE = "12/3402/1749", "12/100/100"
"""A tile of the city's rectangle, and one far away."""


class TileServer(BaseHTTPRequestHandler):
    """A map service; remembers what it was asked."""

    asked: ClassVar[list[str]] = []
    kind: ClassVar[str] = "image/png"

    def do_GET(self) -> None:
        """Answer with a picture, or what this class says it is."""
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", self.kind)
        self.end_headers()
        self.wfile.write(b"\x89PNG tile")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[int]:
    """The port of a map service on this machine."""
    server = HTTPServer(("127.0.0.1", 0), TileServer)
    TileServer.asked, TileServer.kind = [], "image/png"
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@contextmanager
def based(folder: Path, entries: dict[str, Any]) -> Iterator[None]:
    """The city with a base map."""
    pack = folder / "pack"
    shutil.copytree(CITY, pack)
    (pack / "basemap.json").write_text(json.dumps(entries), encoding="utf-8")
    install(read_rules(pack))
    yield
    install(read_rules(CITY))


def raster(port: int) -> dict[str, Any]:
    """A base map of tiles from a service on this machine."""
    return {
        "kind": "raster",
        "url": f"http://127.0.0.1:{port}/{{z}}/{{x}}/{{y}}?tk={{key}}",
        **NAMED,
    }


def allow(api: Api, **told: Any) -> None:
    """Write down where tiles may be read."""
    given = {"hosts": ["127.0.0.1"], "inner_networks": ["127.0.0.0/8"], "plain_http": True}
    path = api.composition.settings.var_folder / "outgoing.json"
    path.write_text(json.dumps({"base_map": {**given, "key": KEY, **told}}), encoding="utf-8")


def test_a_tile_of_the_city_is_passed_on_once_and_the_key_stays_here(
    api: Api, tmp_path: Path, service: int
) -> None:
    allow(api)
    with based(tmp_path, raster(service)):
        style = api.client.get("/api/v1/map/style.json")
        tiles = [api.client.get(f"/map/base/{INSIDE}") for _ in range(2)]
        outside = api.client.get(f"/map/base/{OUTSIDE}")

    assert [tile.status_code for tile in tiles] == [200, 200]
    assert tiles[0].content_type == "image/png"
    assert tiles[0].data == b"\x89PNG tile"
    assert TileServer.asked == [f"/{INSIDE}?tk={KEY}"]
    assert outside.status_code == 404
    assert KEY not in style.get_data(as_text=True)
    assert "GS(2026)0000号" in style.get_json()["sources"]["base"]["attribution"]
    assert style.get_json()["sources"]["base"]["tiles"] == ["/map/base/{z}/{x}/{y}"]


def test_no_tile_comes_from_a_host_nobody_allowed_or_that_is_no_picture(
    api: Api, tmp_path: Path, service: int
) -> None:
    with based(tmp_path, raster(service)):
        unnamed = api.client.get(f"/map/base/{INSIDE}")
        allow(api, hosts=["tiles.example"])
        other = api.client.get(f"/map/base/{INSIDE}")
        assert TileServer.asked == []
        allow(api)
        TileServer.kind = "text/html"
        page = api.client.get(f"/map/base/{INSIDE}")

    assert [unnamed.status_code, other.status_code, page.status_code] == [502, 502, 502]


def test_without_a_base_map_there_is_paper_and_no_tile(api: Api) -> None:
    style = api.client.get("/api/v1/map/style.json").get_json()

    assert style["sources"] == {}
    assert [layer["id"] for layer in style["layers"]] == ["paper"]
    assert "glyphs" not in style
    assert api.client.get(f"/map/base/{INSIDE}").status_code == 404
    assert api.client.get("/map/base/archive.pmtiles").status_code == 404


def test_one_file_of_tiles_is_read_by_ranges(api: Api, tmp_path: Path) -> None:
    file = tmp_path / "city.pmtiles"
    file.write_bytes(b"PMTiles" + bytes(range(200)))
    with based(tmp_path, {"kind": "pmtiles", "file": str(file), **NAMED}):
        part = api.client.get("/map/base/archive.pmtiles", headers={"Range": "bytes=0-6"})
        read = (part.status_code, part.data)
        part.close()

    assert read == (206, b"PMTiles")


def test_the_areas_below_one_are_drawn_for_anybody(api: Api) -> None:
    """R09: six levels; the picture is made of codes and names alone."""
    city = api.client.get("/api/v1/map/schematic").get_json()["features"]
    towns = api.client.get("/api/v1/map/schematic?area=350322").get_json()["features"]
    unit = api.client.get(f"/api/v1/map/schematic?area={UNIT}").get_json()["features"]

    assert [each["properties"]["level"] for each in city] == ["county"] * 5
    assert len(towns) == 18
    assert unit == []


@pytest.mark.parametrize(
    ("entries", "told", "level", "word"),
    [
        ({"kind": "none"}, None, "ok", "without one"),
        ({"kind": "pmtiles", "file": "/nowhere.pmtiles", **NAMED}, None, "error", "no file"),
        (raster(1), None, "error", "127.0.0.1 is not among"),
        (raster(1), {"hosts": ["127.0.0.1"]}, "warning", "wants a key"),
        (raster(1), {"hosts": ["127.0.0.1"], "key": KEY}, "ok", "GS(2026)0000号"),
        (raster(1), {"hosts": 3}, "error", "cannot be read"),
    ],
)
def test_the_doctor_says_what_lies_below_the_map(
    api: Api, tmp_path: Path, entries: dict[str, Any], told: Any, level: str, word: str
) -> None:
    if told is not None:
        path = api.composition.settings.var_folder / "outgoing.json"
        path.write_text(json.dumps({"base_map": told}), encoding="utf-8")

    with based(tmp_path, entries), api.database.reading() as session:
        (found,) = look_at_base_map(session, api.composition, api.clock.now())

    assert (found.what, found.level) == ("base map", level)
    assert word in found.says
