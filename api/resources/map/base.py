"""The base map below ours: tiles of a server the city allows, or one file of this machine."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Response, abort, send_file

from api import outgoing
from api.http.auth import ANYONE
from api.http.request import composition
from api.http.routes import Resource
from engine.delivery.webhooks import fetch
from handlers.map.basemap import tile_address
from storage.city.rules import installed
from storage.errors import DeliveryFailed

routes = Resource("map_base", "The base map.", prefix="/map/base")

_MOST_BYTES: Final = 512 * 1024
_KEPT_TILES: Final = 512
_DAY: Final = 24 * 3600
_NOT_FOUND: Final = 404
_NO_TILE: Final = 502


def tile(z: int, x: int, y: int) -> Response:
    """Pass on one tile of the base map that touches the city; the key stays here."""
    way = outgoing.base_map(composition().settings)
    url = tile_address(installed().map.base, installed().bounds, (z, x, y), key=way.key)
    if url is None:
        abort(_NOT_FOUND)
    try:
        kind, content = _fetched(url, way)
    except DeliveryFailed:
        abort(_NO_TILE)
    answer = Response(content, content_type=kind)
    answer.headers["Cache-Control"] = f"public, max-age={_DAY}"
    return answer


def archive() -> Response:
    """Read parts of the PMTiles file of this machine, as its ranges are asked for."""
    base = installed().map.base
    path = Path(base.file)
    if base.kind != "pmtiles" or not path.is_file():
        abort(_NOT_FOUND)
    return send_file(path, mimetype="application/vnd.pmtiles", conditional=True, max_age=_DAY)


routes.plain("/<row:z>/<row:x>/<row:y>", tile, needs=ANYONE)
routes.plain("/archive.pmtiles", archive, needs=ANYONE)


@lru_cache(maxsize=_KEPT_TILES)
def _fetched(url: str, way: outgoing.BaseMapWay) -> tuple[str, bytes]:
    kind, content = fetch(url, fence=way.fence, most=_MOST_BYTES)
    if not kind.startswith("image/") or kind == "image/svg+xml":
        message = f"The map service answered {kind}, no picture."
        raise DeliveryFailed(message, code="receiver_refused")
    return kind, content
