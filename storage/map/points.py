"""Businesses with a position, tile by tile: each tile is one range of an index."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import func, literal_column, select

from storage.database.session import Session
from storage.people.actors import Actor
from storage.people.scope import visible_case
from storage.places.tile_keys import ZOOM, Tile
from storage.registry.businesses import BRIGHT, BusinessFilter, conditions
from storage.tables import business, case_

FIRST_ZOOM: Final = 14
"""From here on tiles hold businesses one by one, unless too many."""

MOST: Final = 5_000
"""A zoom with a fuller tile shows counts instead, in all of its tiles."""


class MapPoint(NamedTuple):
    """A business where it stands."""

    id: int
    category: str
    status: str
    bright: bool
    lat: float
    lon: float


class PlacedShop(NamedTuple):
    """Where a business stands, and the area it is registered in."""

    area_code: str
    lat: float
    lon: float


def list_placed(session: Session, areas: Sequence[str], *, limit: int) -> list[PlacedShop]:
    """List businesses with a position in some areas of one level."""
    if not areas:
        return []
    within = func.substr(business.c.area_code, 1, len(areas[0])).in_(areas)
    question = select(business.c.area_code, business.c.lat, business.c.lon).where(
        business.c.lat.is_not(None), within
    )
    rows = session.execute(question.order_by(business.c.id).limit(limit))
    return [PlacedShop(*row) for row in rows]


def list_points(session: Session, tile: Tile, having: BusinessFilter) -> list[MapPoint]:
    """List the businesses of a tile that a filter holds for."""
    first, after = tile.keys
    question = select(
        business.c.id,
        business.c.category,
        business.c.status,
        business.c.flags,
        business.c.lat,
        business.c.lon,
    ).where(business.c.tile_key >= first, business.c.tile_key < after, *conditions(having))
    return [
        MapPoint(row.id, row.category, row.status, BRIGHT in row.flags, row.lat, row.lon)
        for row in session.execute(question.order_by(business.c.id))
    ]


def count_open_cases(session: Session, tile: Tile, *, actor: Actor) -> dict[int, int]:
    """Count the open cases an actor may see of each business in a tile."""
    first, after = tile.keys
    there = select(business.c.id).where(business.c.tile_key >= first, business.c.tile_key < after)
    question = (
        select(case_.c.business_id, func.count())
        .where(case_.c.business_id.in_(there), case_.c.status == "open", visible_case(actor))
        .group_by(case_.c.business_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(question)}


def first_zoom_of_points(session: Session) -> int:
    """Return the first zoom of which no tile holds too many businesses to show each."""
    zooms = range(FIRST_ZOOM, ZOOM)
    return next((zoom for zoom in zooms if _fullest(session, zoom) <= MOST), ZOOM)


def _fullest(session: Session, zoom: int) -> int:
    # Whole numbers on both databases: `//` would go through floating point on one of them.
    tile = business.c.tile_key.op("/")(literal_column(str(4 ** (ZOOM - zoom))))
    number = func.count()
    question = select(number).where(business.c.tile_key.is_not(None)).group_by(tile)
    return int(session.execute(question.order_by(number.desc()).limit(1)).scalar() or 0)
