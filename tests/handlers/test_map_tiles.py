"""Vector tiles: what a foreign decoder reads of them is what was written."""

import mapbox_vector_tile
from hypothesis import given
from hypothesis import strategies as st

from handlers.map.mvt import EXTENT, Feature, encode
from storage.places.tile_keys import GeoBox, Tile, projected, tile_key, tiles_around

numbers = st.integers(0, 2**53)
values = st.one_of(st.booleans(), numbers, st.text(max_size=8))
places = st.integers(-64, EXTENT + 64)
points = st.builds(
    lambda x, y, ident, properties: Feature(properties, point=(x, y), id=ident),
    places,
    places,
    st.one_of(st.none(), numbers),
    st.dictionaries(st.sampled_from(["a", "类别", "bright"]), values),
)


def decoded(tile: bytes) -> dict[str, list[tuple[object, ...]]]:
    """Read a tile as another library does, y growing southwards."""
    read = mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})
    return {
        name: [
            (feature.get("id") or None, feature["properties"], feature["geometry"])
            for feature in layer["features"]
        ]
        for name, layer in read.items()
    }


@given(st.lists(points, max_size=20))
def test_a_foreign_decoder_reads_points_ids_and_properties_as_they_were(
    features: list[Feature],
) -> None:
    """True stays apart from 1, in the table of values too."""
    written = [
        (one.id or None, one.properties, {"type": "Point", "coordinates": list(one.point or ())})
        for one in features
    ]
    read = decoded(encode({"points": features}))

    assert read == ({"points": written} if features else {})
    types = [[type(value) for value in one[1].values()] for one in read.get("points", [])]  # type: ignore[attr-defined]  # a document
    assert types == [[type(value) for value in one.properties.values()] for one in features]


def test_a_foreign_decoder_reads_an_outline_with_its_hole() -> None:
    outer = [(0, 0), (100, 0), (100, 100), (0, 100)]
    hole = [(20, 20), (20, 40), (40, 40), (40, 20)]
    ((ident, properties, geometry),) = decoded(
        encode({"boundaries": [Feature({"code": "350322"}, rings=[outer, hole])]})
    )["boundaries"]

    assert (ident, properties) == (None, {"code": "350322"})
    assert geometry == {
        "type": "Polygon",
        "coordinates": [[list(corner) for corner in (*ring, ring[0])] for ring in (outer, hole)],
    }


@given(st.floats(-85, 85), st.floats(-180, 179.9), st.integers(0, 22))
def test_a_tile_is_the_range_of_the_keys_of_all_that_lies_in_it(
    lat: float, lon: float, zoom: int
) -> None:
    x, y = projected(lat, lon)
    tile = Tile(zoom, int(x * 2**zoom), int(y * 2**zoom))
    first, after = tile.keys

    assert first <= (tile_key(lat, lon) or 0) < after
    east = Tile(zoom, tile.x + 1, tile.y).keys
    assert not east[0] <= (tile_key(lat, lon) or 0) < east[1]


@given(
    st.floats(-84, 84), st.floats(-179, 178), st.floats(1e-6, 1), st.floats(1e-6, 1),
    st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_four_tiles_around_a_box_hold_every_place_in_it(
    south: float, west: float, high: float, wide: float, up: float, right: float
) -> None:
    tiles = tiles_around(GeoBox(west, south, west + wide, south + high))
    key = tile_key(south + up * high, west + right * wide) or 0

    assert len(tiles) <= 4
    assert any(tile.keys[0] <= key < tile.keys[1] for tile in tiles)
