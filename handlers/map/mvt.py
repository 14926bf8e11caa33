"""Vector tiles (Mapbox Vector Tile 2.1) written in plain Python; nothing is known of areas here.

Coordinates are those of the tile, 4096 a side, y growing southwards.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

EXTENT: Final = 4096

Value = str | int | bool
Ring = Sequence[tuple[int, int]]

_POINT, _POLYGON = 1, 3
_MOVE, _LINE, _CLOSE = 1, 2, 7


class Feature(NamedTuple):
    """One thing of a layer: a point, or the rings of polygons, outer ones clockwise on screen."""

    properties: Mapping[str, Value]
    point: tuple[int, int] | None = None
    rings: Sequence[Ring] = ()
    id: int | None = None


def encode(layers: Mapping[str, Iterable[Feature]]) -> bytes:
    """Write the layers that hold anything as one tile."""
    tile = bytearray()
    for name, features in layers.items():
        listed = list(features)
        if listed:
            _message(tile, 3, _layer(name, listed))
    return bytes(tile)


def _layer(name: str, features: Iterable[Feature]) -> bytearray:
    layer = bytearray()
    _message(layer, 1, name.encode())
    keys: dict[str, int] = {}
    # A value is known by its type, too: True is not 1.
    values: dict[tuple[type, Value], int] = {}
    for feature in features:
        _message(layer, 2, _feature(feature, keys, values))
    for key in keys:
        _message(layer, 3, key.encode())
    for _, value in values:
        _message(layer, 4, _value(value))
    _number(layer, 5, EXTENT)
    _number(layer, 15, 2)
    return layer


def _feature(
    feature: Feature, keys: dict[str, int], values: dict[tuple[type, Value], int]
) -> bytearray:
    written = bytearray()
    if feature.id is not None:
        _number(written, 1, feature.id)
    tags = bytearray()
    for key, value in feature.properties.items():
        _varint(tags, keys.setdefault(key, len(keys)))
        _varint(tags, values.setdefault((type(value), value), len(values)))
    _message(written, 2, tags)
    geometry = bytearray()
    if feature.point is None:
        _number(written, 3, _POLYGON)
        _rings(geometry, feature.rings)
    else:
        _number(written, 3, _POINT)
        _varint(geometry, _MOVE | 1 << 3)
        _step(geometry, (0, 0), feature.point)
    _message(written, 4, geometry)
    return written


def _rings(out: bytearray, rings: Iterable[Ring]) -> None:
    at = (0, 0)
    for ring in rings:
        first, *rest = ring
        _varint(out, _MOVE | 1 << 3)
        at = _step(out, at, first)
        _varint(out, _LINE | len(rest) << 3)
        for corner in rest:
            at = _step(out, at, corner)
        _varint(out, _CLOSE | 1 << 3)


def _step(out: bytearray, at: tuple[int, int], to: tuple[int, int]) -> tuple[int, int]:
    for before, after in zip(at, to, strict=True):
        moved = after - before
        _varint(out, moved << 1 if moved >= 0 else (-moved << 1) - 1)
    return to


def _value(value: Value) -> bytearray:
    out = bytearray()
    if isinstance(value, bool):
        _number(out, 7, int(value))
    elif isinstance(value, int):
        _number(out, 5, value)
    else:
        _message(out, 1, value.encode())
    return out


def _number(out: bytearray, field: int, number: int) -> None:
    _varint(out, field << 3)
    _varint(out, number)


def _message(out: bytearray, field: int, content: bytes | bytearray) -> None:
    _varint(out, field << 3 | 2)
    _varint(out, len(content))
    out += content


def _varint(out: bytearray, number: int) -> None:
    while number > 0x7F:  # noqa: PLR2004 - seven bits a byte
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
