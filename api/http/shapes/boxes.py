"""A field for a rectangle of degrees in the query of an address."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma

from storage.places.tile_keys import GeoBox

_EDGES = 4


class BoxField(ma.fields.String):
    """West, south, east and north in degrees of WGS-84, with commas between."""

    def __init__(self, **more: Any) -> None:
        metadata = {"example": "118.9,25.3,119.2,25.6", **more.pop("metadata", {})}
        super().__init__(validate=None, metadata=metadata, **more)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any
    ) -> Any:
        text = super()._deserialize(value, attr, data, **more)
        try:
            edges = [float(part) for part in text.split(",")]
        except ValueError:
            edges = []
        if len(edges) != _EDGES or not _is_box(box := GeoBox(*edges)):
            message = (
                "要写成 西,南,东,北 四个以度为单位的数，西小于东，南小于北 "
                "(west,south,east,north in degrees, west below east and south below north)。"
            )
            raise ma.ValidationError(message)
        return box


def _is_box(box: GeoBox) -> bool:
    # Not a number is never smaller than another.
    return -180 <= box.west < box.east <= 180 and -90 <= box.south < box.north <= 90  # noqa: PLR2004 - degrees of the earth
