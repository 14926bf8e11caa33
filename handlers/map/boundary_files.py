"""Read outlines of areas from GeoJSON and Shapefiles into shapes in WGS-84.

A file that names no reference system is refused until one is chosen; the refusal says where its
outlines would lie in each.
"""

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

import orjson
import pyproj
import shapefile
import shapely
from shapely.geometry import shape as shape_of

from storage.city.rules import installed
from storage.errors import FormInvalid
from storage.places.positions import WGS84, position_of

MOST_BYTES: Final = 80 << 20
CODE_FIELDS: Final = (
    "code",
    "area_code",
    "代码",
    "区域代码",
    "区划代码",
    "XZQDM",
    "ADCODE",
    "adcode",
)
"""Attributes that hold the code of an area, the first one a file has."""

SHIFTED: Final = ("gcj02", "bd09")
_GEOGRAPHIC: Final = (WGS84, "cgcs2000")
_ZONES: Final = range(4513, 4555)
"""EPSG: CGCS2000 in Gauss-Krueger zones of three degrees, with and without their number."""

Place = Callable[[float, float], tuple[float, float]]
"""From the coordinates of a file to longitude and latitude in WGS-84."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One area of a file, in WGS-84."""

    code: str
    shape: Any


@dataclass(frozen=True, slots=True)
class _Contents:
    """What a file holds, in its own coordinates."""

    features: list[tuple[Mapping[str, Any], Any]]
    crs: str | None


def read_outlines(content: bytes, *, name: str, crs: str | None) -> list[Outline]:
    """Read the outlines of a file; `crs` is needed when the file names none.

    Raises:
        FormInvalid: it is too large or cannot be read, lacks codes, or its system is unknown.
    """
    if len(content) > MOST_BYTES:
        size, most = len(content) >> 20, MOST_BYTES >> 20
        message = f"文件有 {size} MB，最多 {most} MB；请按县区分开 (at most {most} MB: divide it)。"
        raise FormInvalid.at("file", message)
    read = _contents(content, name)
    system = crs or read.crs
    if system is None:
        raise FormInvalid.at("crs", _choices(read), code="crs_unknown")
    return _in(system, read)


def read_in_each_system(content: bytes, *, name: str) -> dict[str, list[Outline]]:
    """Read the outlines of a file in its own system, or in each it may be in when it names none.

    Raises:
        FormInvalid: it cannot be read, or lacks codes.
    """
    read = _contents(content, name)
    west, _, east, _ = shapely.total_bounds([shape for _, shape in read.features])
    systems = [read.crs] if read.crs else list(_candidates((west + east) / 2))
    return {system: _in(system, read) for system in systems}


def _contents(content: bytes, name: str) -> _Contents:
    read = _zipped(content) if name.lower().endswith(".zip") else _geojson(content)
    if not read.features:
        raise FormInvalid.at("file", "文件里没有面。")
    return read


def _in(system: str, read: _Contents) -> list[Outline]:
    place = _place(system)
    return [
        Outline(_code(properties, number), shapely.transform(shape, _all(place), interleaved=False))
        for number, (properties, shape) in enumerate(read.features, start=1)
    ]


def _geojson(content: bytes) -> _Contents:
    try:
        document = orjson.loads(content)
        features = [
            (feature.get("properties") or {}, _polygon(shape_of(feature["geometry"])))
            for feature in document["features"]
        ]
        named = (document.get("crs") or {}).get("properties", {}).get("name")
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError) as error:
        message = "不是面的 GeoJSON FeatureCollection。"
        raise FormInvalid.at("file", message) from error
    return _Contents(features, _epsg(named) if named else None)


def _zipped(content: bytes) -> _Contents:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = _parts(archive)
            read = {end: archive.read(name) for end, name in parts.items()}
        prj = read.get(".prj")
        crs = None if prj is None else _epsg(prj.decode("utf-8", "replace"))
        return _Contents(list(_shapes(read)), crs)
    except (zipfile.BadZipFile, KeyError, ValueError, shapefile.ShapefileException) as error:
        message = "不是含 .shp、.shx、.dbf 的 zip。"
        raise FormInvalid.at("file", message) from error


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    if sum(entry.file_size for entry in archive.infolist()) > 4 * MOST_BYTES:
        raise FormInvalid.at("file", "解压后太大。")
    return {PurePosixPath(name).suffix.lower(): name for name in archive.namelist()}


def _shapes(read: Mapping[str, bytes]) -> Iterator[tuple[Mapping[str, Any], Any]]:
    last: Exception | None = None
    for encoding in _encodings(read.get(".cpg")):
        try:
            reader = shapefile.Reader(
                shp=io.BytesIO(read[".shp"]),
                shx=io.BytesIO(read[".shx"]),
                dbf=io.BytesIO(read[".dbf"]),
                encoding=encoding,
            )
            rows = [(one.record.as_dict(), one.shape) for one in reader.iterShapeRecords()]
        except (UnicodeDecodeError, shapefile.dbfFileException) as error:
            last = error
        else:
            yield from ((row, _polygon(shape_of(shape))) for row, shape in rows)
            return
    raise ValueError from last


def _encodings(cpg: bytes | None) -> list[str]:
    named = (cpg or b"").decode("ascii", "ignore").strip().lower()
    if not named:
        return ["utf-8", "gb18030"]
    return ["gb18030"] if named in {"936", "cp936", "gbk", "gb2312", "gb18030"} else ["utf-8"]


def _polygon(shape: Any) -> Any:
    if shape.geom_type not in {"Polygon", "MultiPolygon"}:
        message = "只能导入面。"
        raise FormInvalid.at("file", message)
    return shapely.force_2d(shape)


def _code(properties: Mapping[str, Any], number: int) -> str:
    found = next((str(properties[name]) for name in CODE_FIELDS if properties.get(name)), "")
    code = found.removesuffix(".0").strip()
    if not code:
        named = "、".join(CODE_FIELDS[:4])
        message = f"第 {number} 个面没有区域代码（属性 {named}）(polygon {number} has no code)。"
        raise FormInvalid.at("file", message)
    return code


def _epsg(text: str) -> str:
    try:
        system = pyproj.CRS.from_user_input(text)
        number = system.to_epsg(min_confidence=25)
    except pyproj.exceptions.CRSError as error:
        raise FormInvalid.at("crs", f"不认识的坐标系：{text[:80]} (unknown system)。") from error
    if number is None:
        raise FormInvalid.at("crs", f"不认识的坐标系：{text[:80]} (unknown system)。")
    return f"EPSG:{number}"


def _place(system: str) -> Place:
    if system in _GEOGRAPHIC:
        return lambda x, y: (x, y)
    if system in SHIFTED:
        return lambda x, y: _unshifted(x, y, system)
    try:
        turned = pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True)
    except pyproj.exceptions.CRSError as error:
        raise FormInvalid.at("crs", f"不认识的坐标系 {system} (unknown system)。") from error
    return turned.transform


def _all(place: Place) -> Callable[[Any, Any], tuple[list[float], list[float]]]:
    def placed(xs: Any, ys: Any) -> tuple[list[float], list[float]]:
        pairs = [place(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
        return [lon for lon, _ in pairs], [lat for _, lat in pairs]

    return placed


def _unshifted(lon: float, lat: float, crs: str) -> tuple[float, float]:
    position = position_of({"lat": lat, "lon": lon, "crs": crs})
    return (lon, lat) if position is None else (position.lon, position.lat)


def _choices(read: _Contents) -> str:
    """Say where the middle of the outlines would lie, system by system."""
    west, south, east, north = shapely.total_bounds([shape for _, shape in read.features])
    x, y = (west + east) / 2, (south + north) / 2
    found = "；".join(_reading(system, x, y) for system in _candidates(x))
    return (
        f"文件没有写坐标系，请选择 crs (the file names no reference system, choose one)："
        f"{found or '没有合适的 (none fits)'}"
    )


def _candidates(x: float) -> Iterator[str]:
    if abs(x) <= 180:  # noqa: PLR2004 - degrees of the earth
        yield from (WGS84, *SHIFTED)
        return
    middle = (installed().bounds.west + installed().bounds.east) / 2
    zone = round(middle / 3)
    # With its number the zone stands before the metres: 39500000 is zone 39.
    has_number = x > 10_000_000  # noqa: PLR2004
    first = _ZONES[0] if has_number else _ZONES[21]
    for each in (zone, zone - 1, zone + 1):
        if 25 <= each <= 45:  # noqa: PLR2004 - the zones of China
            yield f"EPSG:{first + each - 25}"


def _reading(system: str, x: float, y: float) -> str:
    lon, lat = _place(system)(x, y)
    is_inside = installed().bounds.hold(lat, lon)
    where = "在本市 (in the city)" if is_inside else "不在本市 (outside the city)"
    return f"{system} → {lat:.4f}, {lon:.4f} {where}"
