"""The schematic map is laid out by the city: neighbours are neighbours, none stands on another."""

import csv
from itertools import combinations, pairwise
from math import hypot

import pytest

from handlers.map.schematic import cells, draw_schematic, lay_out
from storage.city.entries import Bounds
from storage.city.rules import read_rules
from storage.places.levels import AreaLevel
from tests.city import CITY

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

    drawn, again = (
        draw_schematic(named, AreaLevel.TOWN, bounds=BOUNDS, band=11, positions={})
        for _ in range(2)
    )

    assert drawn == again
    for feature, (code, name) in zip(drawn["features"], named, strict=True):
        (ring,) = feature["geometry"]["coordinates"]
        lon, lat = feature["properties"]["label"]
        assert (feature["properties"]["code"], feature["properties"]["name"]) == (code, name)
        assert ring[0] == ring[-1]
        assert len(ring) == 7
        assert min(x for x, _ in ring) < lon < max(x for x, _ in ring)
        assert min(y for _, y in ring) < lat < max(y for _, y in ring)
        assert BOUNDS.hold(lat, lon)


def test_areas_stand_where_the_city_puts_them_and_the_others_below() -> None:
    codes = ["350322100", "350322101", "350322102", "350322103", "350322104"]
    positions = {"350322100": (2, 2), "350322101": (1, 1), "350322102": (1, 2)}

    placed = lay_out(codes, positions)

    assert placed[:3] == [(4, 1.5), (3, 0), (5, 0)]
    assert all(cell.y > 1.5 for cell in placed[3:])
    assert len(set(placed)) == len(codes)


def test_every_town_of_the_pack_has_a_place_of_its_own_beside_a_neighbour() -> None:
    positions = read_rules(CITY).map.positions
    with (CITY / "areas.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    below: dict[str, list[str]] = {}
    for row in rows:
        if row["level"] in {"county", "town"}:
            code = row["code"][: 6 if row["level"] == "county" else 9]
            below.setdefault(row["parent"], []).append(code)

    for codes in below.values():
        assert set(codes) <= set(positions)
        placed = [(cell.x * 3**0.5 / 2, cell.y) for cell in lay_out(codes, positions)]
        for x, y in placed:
            apart = sorted(hypot(x - ax, y - ay) for ax, ay in placed)
            assert apart[1] > 1.7
            assert apart[1] < 1.8
