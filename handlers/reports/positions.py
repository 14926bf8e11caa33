"""Check reported positions: one outside the city is an error, or at least doubtful."""

from collections.abc import Mapping
from typing import Any

from storage.city.rules import installed
from storage.places.positions import position_of


def is_outside(location: Mapping[str, Any] | None) -> bool:
    """Whether a position that was given lies outside the rectangle of the city."""
    position = position_of(location)
    return position is not None and not installed().bounds.hold(position.lat, position.lon)
