"""The map of a city: `map.json` (zoom bands, shades), `map_positions.csv`, `basemap.json`.

A city without `map.json` has bands of two zoom steps each and shades of 1, 5, 20 and 80.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args
from urllib.parse import urlsplit

from storage.city.files import PackFile, pack_rows, read_pack
from storage.places.levels import AreaLevel

BaseKind = Literal["none", "raster", "pmtiles"]
Figure = Literal["open", "shops", "ceased", "bright"]
FIGURES: Final = get_args(Figure)
"""What areas of the map are shaded by."""

DEEPEST: Final = 22
_LIMITS: Final = 4
_USUAL_BANDS: Final = dict(zip(AreaLevel, (0.0, 9.0, 11.0, 13.0, 15.0, 17.0), strict=True))
_USUAL_SHADES: Final = (1, 5, 20, 80)
_POSITION_COLUMNS: Final = ("above", "code", "row", "column")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseMap:
    """The picture below our own: none, tiles of a server, or one PMTiles file of this machine."""

    kind: BaseKind
    url: str = ""
    """Of a tile, with {z}, {x}, {y} and, where the server wants one, {key}."""
    file: str = ""
    """The path of the PMTiles file."""
    max_zoom: int = 18
    attribution: str = ""
    review_number: str = ""
    """审图号: a map that is shown to the public carries it."""


@dataclass(frozen=True, slots=True)
class MapRules:
    """The zoom bands of the six levels, the limits of the five shades, the base map."""

    bands: dict[AreaLevel, float]
    """From which zoom areas of a level are the ones looked at."""
    shades: dict[str, dict[AreaLevel, tuple[int, ...]]]
    """By figure and level of the areas: from which number the second to fifth shade begin."""
    base: BaseMap
    positions: dict[str, tuple[int, int]]
    """By code of an area: the row and the column its hexagon stands in among its neighbours."""

    def limits(self, figure: str, level: AreaLevel) -> tuple[int, ...]:
        """From which numbers the second to fifth shade begin."""
        return self.shades.get(figure, {}).get(level, _USUAL_SHADES)


def read_map(folder: Path) -> MapRules:
    """Read the three files of a pack; each may be left out.

    Raises:
        Refused: an entry is wrong; the message names the file and the entry.
    """
    drawn = _read(folder / "map.json")
    base = _base(_read(folder / "basemap.json"))
    return MapRules(_bands(drawn), _shades(drawn), base, _positions(folder / "map_positions.csv"))


def _positions(path: Path) -> dict[str, tuple[int, int]]:
    """Read where hexagons stand: rows from the north, every second one half a cell further."""
    positions: dict[str, tuple[int, int]] = {}
    taken: dict[tuple[str, int, int], str] = {}
    for row in pack_rows(path, _POSITION_COLUMNS) if path.exists() else ():
        above, code = row.required("above"), row.required("code")
        place = (row.number_of("row"), row.number_of("column"))
        if code in positions or not code.startswith(above) or code == above:
            row.refuse("code", f"“{code}” 写了两次，或不在 {above} 内 (twice, or not in {above})")
        if (above, *place) in taken:
            other = taken[above, *place]
            row.refuse("column", f"这个位置已给了 {other} (the place is that of {other})")
        positions[code] = place
        taken[above, *place] = code
    return positions


def _read(path: Path) -> PackFile:
    if not path.exists():
        return PackFile(path, {})
    pack = read_pack(path)
    if not pack.entries:
        pack.refuse("{", "不是 JSON 对象 (not a JSON object)")
    return pack


def _bands(pack: PackFile) -> dict[AreaLevel, float]:
    given = pack.entries.get("bands")
    if given is None:
        return dict(_USUAL_BANDS)
    try:
        bands = {level: float(given[level.word]) for level in AreaLevel}
    except (KeyError, TypeError, ValueError):
        pack.refuse("bands", "请为六级各写一个起始缩放级 (write a first zoom for each level)")
    edges = list(bands.values())
    if edges != sorted(set(edges)) or not 0 <= edges[0] <= edges[-1] < DEEPEST:
        pack.refuse("bands", "缩放级须从大到小的区域逐级增大 (zooms must grow from city to unit)")
    return bands


def _shades(pack: PackFile) -> dict[str, dict[AreaLevel, tuple[int, ...]]]:
    given = pack.entries.get("shades") or {}
    if not isinstance(given, dict) or not set(given) <= set(FIGURES):
        pack.refuse("shades", f"请写 (write some of): {', '.join(FIGURES)}")
    return {figure: _by_level(pack, figure, levels) for figure, levels in given.items()}


def _by_level(pack: PackFile, figure: str, levels: object) -> dict[AreaLevel, tuple[int, ...]]:
    problem = f"{figure}：每级请写 4 个递增的整数 (four growing whole numbers for each level)"
    if not isinstance(levels, dict):
        pack.refuse("shades", problem)
    words = {level.word: level for level in AreaLevel}
    found = {}
    for word, limits in levels.items():
        if word not in words or not _grow(limits):
            pack.refuse("shades", problem)
        found[words[word]] = tuple(limits)
    return found


def _grow(limits: object) -> bool:
    if not isinstance(limits, list) or len(limits) != _LIMITS:
        return False
    return all(type(each) is int for each in limits) and limits == sorted(set(limits))


def _base(pack: PackFile) -> BaseMap:
    kinds = get_args(BaseKind)
    kind = pack.entries.get("kind", "none")
    if kind not in kinds:
        pack.refuse("kind", f"请写 (write one of): {', '.join(kinds)}")
    if kind == "none":
        return BaseMap(kind="none")
    for name in ("attribution", "review_number"):
        if not str(pack.entries.get(name) or "").strip():
            pack.refuse(name, "有底图须写明来源和审图号 (a base map needs both)")
    made = BaseMap(
        kind=kind,
        url=str(pack.entries.get("url") or ""),
        file=str(pack.entries.get("file") or ""),
        max_zoom=_max_zoom(pack),
        attribution=str(pack.entries["attribution"]),
        review_number=str(pack.entries["review_number"]),
    )
    _require_source(pack, made)
    return made


def _max_zoom(pack: PackFile) -> int:
    zoom = pack.entries.get("max_zoom", 18)
    if type(zoom) is not int or not 0 < zoom <= DEEPEST:
        pack.refuse("max_zoom", f"请写 1 到 {DEEPEST} 的整数 (a whole number up to {DEEPEST})")
    return zoom


def _require_source(pack: PackFile, base: BaseMap) -> None:
    if base.kind == "pmtiles":
        if not base.file:
            pack.refuse("file", "请写 PMTiles 文件的路径 (write the path of the file)")
        return
    has_places = all(f"{{{name}}}" in base.url for name in "xyz")
    parts = urlsplit(base.url)
    if not (has_places and parts.scheme in {"https", "http"} and parts.hostname):
        pack.refuse("url", "请写带 {z} {x} {y} 的 https 地址 (an https address with {z} {x} {y})")
