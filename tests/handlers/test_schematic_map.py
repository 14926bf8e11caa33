"""The schematic map is laid out from codes alone: the same areas give the same picture."""

from itertools import combinations, pairwise
from math import hypot

import pytest

from handlers.map.schematic import cells, draw_schematic
from storage.city.entries import Bounds
from storage.places.levels import AreaLevel

BOUNDS = Bounds(24.9, 25.85, 118.4, 120.0)


@pytest.mark.parametrize("count", [1, 2, 5, 18, 39, 100])
def test_neighbours_by_code_are_neighbours_and_no_two_areas_overlap(count: int) -> None:
    placed = [(cell.x * 3**0.5 / 2, cell.y) for cell in cells(count)]

    apart = [hypot(ax - bx, ay - by) for (ax, ay), (bx, by) in combinations(placed, 2)]
    beside = [hypot(ax - bx, ay - by) for (ax, ay), (bx, by) in pairwise(placed)]

    assert len(placed) == count
    assert all(distance > 1.7 for distance in apart)
    assert all(distance < 1.8 for distance in beside)


def test_every_area_has_a_closed_outline_around_its_label_and_its_code() -> None:
    named = [(f"35032210{number}", f"第{number}镇") for number in range(7)]

    drawn = draw_schematic(named, AreaLevel.TOWN, bounds=BOUNDS, band=11)

    assert drawn == draw_schematic(named, AreaLevel.TOWN, bounds=BOUNDS, band=11)
    for feature, (code, name) in zip(drawn["features"], named, strict=True):
        (ring,) = feature["geometry"]["coordinates"]
        lon, lat = feature["properties"]["label"]
        assert (feature["properties"]["code"], feature["properties"]["name"]) == (code, name)
        assert ring[0] == ring[-1]
        assert len(ring) == 7
        assert min(x for x, _ in ring) < lon < max(x for x, _ in ring)
        assert min(y for _, y in ring) < lat < max(y for _, y in ring)
        assert BOUNDS.hold(lat, lon)
