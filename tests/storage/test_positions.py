"""Positions: reference systems and distances."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.places.positions import Position, from_gcj02, metres_between, position_of, to_gcj02

PUTIAN = st.builds(Position, lat=st.floats(24.9, 25.9), lon=st.floats(118.4, 120.0))


@given(PUTIAN)
def test_gcj02_and_back_is_within_a_tenth_of_a_metre(position: Position) -> None:
    assert metres_between(from_gcj02(to_gcj02(position)), position) < 0.1


@pytest.mark.parametrize("position", [Position(25.43, 119.01), Position(25.37, 118.69)])
def test_gcj02_stands_more_than_half_a_kilometre_off_in_putian(position: Position) -> None:
    assert 560 < metres_between(to_gcj02(position), position) < 572


def test_a_known_pair_of_points_is_shifted_as_published() -> None:
    # Tiananmen, the pair most converters are checked with.
    shifted = to_gcj02(Position(39.907375, 116.391349))
    assert shifted.lat == pytest.approx(39.908777, abs=2e-5)
    assert shifted.lon == pytest.approx(116.397592, abs=2e-5)


def test_a_degree_of_latitude_is_about_111_kilometres() -> None:
    assert metres_between(Position(25, 119), Position(26, 119)) == pytest.approx(111_195, abs=10)


@pytest.mark.parametrize(("crs", "offset"), [("wgs84", 0), ("cgcs2000", 0), ("gcj02", 565)])
def test_a_location_is_read_in_the_system_it_names(crs: str, offset: float) -> None:
    read = position_of({"lat": 25.4, "lon": 119.0, "crs": crs})
    assert read is not None
    assert metres_between(read, Position(25.4, 119.0)) == pytest.approx(offset, abs=25)


def test_baidu_is_shifted_once_more_on_top_of_gcj02() -> None:
    baidu = position_of({"lat": 25.4, "lon": 119.0, "crs": "bd09"})
    mars = position_of({"lat": 25.4, "lon": 119.0, "crs": "gcj02"})
    assert baidu is not None
    assert mars is not None
    assert 800 < metres_between(baidu, mars) < 1000


def test_nowhere_has_no_position() -> None:
    assert position_of(None) is None
