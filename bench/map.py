"""Does the map grow dear: summary and tiles with more and more businesses, points in a tile."""

import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

from bench.report import ReportTable
from bench.town import Town, found
from handlers.map.summary import read_summary
from handlers.map.tiles import TileRules, draw_tile
from storage.city.rules import installed
from storage.database.session import Session
from storage.map import counts
from storage.places import areas
from storage.places.levels import AreaLevel
from storage.places.tile_keys import Tile, projected
from storage.registry.businesses import NewBusiness
from storage.registry.many import add_businesses
from storage.registry.names import NameKeys

SIZES: Final = (10_000, 200_000)
_POINTS: Final = (0, 250, 1_000, 4_000)
_CHUNK: Final = 5_000
_TIMES: Final = 20
_LAT, _LON, _APART = 25.4, 119.4, 0.05


def run(*, sizes: tuple[int, ...] = SIZES) -> list[ReportTable]:
    """Fill a city with businesses, then read the numbers and the tiles of its map."""
    growing = ReportTable(
        "The map as the registry grows",
        (
            "businesses",
            "summary, ms",
            "ratio",
            "tile of areas, ms",
            "ratio",
            "tile of 250, ms",
            "ratio",
        ),
    )
    deep = ReportTable("A tile at zoom 14", ("points", "ms", "ratio to empty"))
    first: list[float] = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            town = found(f"sqlite:///{folder}/city.db", Path(folder))
            _fill(town, size)
            taken = [_timed(town, look) for look in _looks(town)]
            first = first or taken
            ratios = [now / then for now, then in zip(taken, first, strict=True)]
            pairs = zip(taken, ratios, strict=True)
            growing.add(size, *(number for pair in pairs for number in pair))
            if size == sizes[-1]:
                _add_deep(town, deep)
            town.database.close()
    return [growing, deep]


def _fill(town: Town, size: int) -> None:
    """Shops far apart over the city, and exact numbers of them in tiles of their own."""
    with town.database.reading() as session:
        villages = areas.list_areas(session, on=_today(town), level=AreaLevel.VILLAGE, limit=2_000)
    codes = [village.code for village in villages]
    # A field of 997 x 991 places south of everything that is looked at from near.
    spread = [
        _shop(number, codes[number % len(codes)], _LAT - 0.2 - number % 997 / 5_000, _west(number))
        for number in range(size)
    ]
    crowded = [
        _shop(size + number, codes[0], _LAT + number % 50 / 10_000, _LON + _APART * place)
        for place, most in enumerate(_POINTS)
        for number in range(most)
    ]
    shops = [*spread, *crowded]
    for start in range(0, len(shops), _CHUNK):
        with town.database.transaction() as session:
            add_businesses(
                session,
                shops[start : start + _CHUNK],
                keys=NameKeys((), ()),
                origin="bench",
                at=town.composition.clock.now(),
            )
    while town.database.run(counts.fold):
        pass


def _shop(number: int, area: str, lat: float, lon: float) -> NewBusiness:
    return NewBusiness(
        name=f"第{number:06d}示例商行",
        category="catering.restaurant",
        area_code=area,
        lat=lat,
        lon=lon,
    )


def _west(number: int) -> float:
    return _LON - 0.5 + number % 991 / 2_000


def _looks(town: Town) -> list[Callable[[Session], object]]:
    actor, now = town.actor("registry_keeper"), town.composition.clock.now()
    rules = TileRules(installed().map.bands, 14)
    wide, deep = _tile(10, _LON), _tile(14, _LON + _APART)
    return [
        lambda session: read_summary(session, actor, {"area": "3503"}, now=now),
        lambda session: draw_tile(session, actor, wide, {}, rules=rules, now=now),
        lambda session: draw_tile(session, actor, deep, {}, rules=rules, now=now),
    ]


def _add_deep(town: Town, table: ReportTable) -> None:
    actor, now, empty = town.actor("registry_keeper"), town.composition.clock.now(), 0.0
    rules = TileRules(installed().map.bands, 14)
    for place, points in enumerate(_POINTS):
        tile = _tile(14, _LON + _APART * place)

        def look(session: Session, at: Tile = tile) -> object:
            return draw_tile(session, actor, at, {}, rules=rules, now=now)

        taken = _timed(town, look)
        empty = empty or taken
        table.add(points, taken, taken / empty)


def _tile(zoom: int, lon: float) -> Tile:
    x, y = projected(_LAT, lon)
    return Tile(zoom, int(x * 2**zoom), int(y * 2**zoom))


def _today(town: Town) -> date:
    return town.composition.clock.now().date()


def _timed(town: Town, look: Callable[[Session], object]) -> float:
    """The processor time of one look, the shortest of several."""
    taken = []
    for _ in range(_TIMES):
        began = time.process_time()
        with town.database.reading() as session:
            look(session)
        taken.append((time.process_time() - began) * 1000)
    return min(taken)
