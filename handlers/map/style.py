"""The style of the map as MapLibre reads it: our own layers come on top, below lies the base map.

Without a base map there is paper. Its tiles come from this server alone: a browser asks nobody
else, and the key of a map service stays here.
"""

from typing import Any, Final

from storage.city.maps import BaseMap

TILES: Final = "/map/base/{z}/{x}/{y}"
ARCHIVE: Final = "/map/base/archive.pmtiles"
_PAPER: Final = {"id": "paper", "type": "background", "paint": {"background-color": "#ffffff"}}


def style_of(base: BaseMap) -> dict[str, Any]:
    """Make the style document; it names no glyphs, so that text is drawn with local fonts."""
    sources: dict[str, Any] = {}
    layers: list[dict[str, Any]] = [_PAPER]
    if base.kind != "none":
        sources["base"] = {"type": "raster", "tileSize": 256, "maxzoom": base.max_zoom}
        sources["base"] |= {"attribution": credit_of(base)} | _where(base)
        layers.append({"id": "base", "type": "raster", "source": "base"})
    return {"version": 8, "name": "hangji", "sources": sources, "layers": layers}


def credit_of(base: BaseMap) -> str:
    """Return what stands at the foot of the map: its source and its 审图号; "" without a map."""
    if base.kind == "none":
        return ""
    return f"{base.attribution} {base.review_number}"


def _where(base: BaseMap) -> dict[str, Any]:
    return {"url": f"pmtiles://{ARCHIVE}"} if base.kind == "pmtiles" else {"tiles": [TILES]}
