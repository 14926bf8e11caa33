"""A town of any size, generated: areas below the villages, people in their posts, businesses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from bench.town import Town
from storage.city.rules import installed
from storage.database.session import Session
from storage.moments import in_china
from storage.numbers import credit_check_sign
from storage.people import staffing
from storage.people.posts import list_posts
from storage.places import areas
from storage.places.areas import Area
from storage.places.levels import AreaLevel
from storage.places.units import list_jurisdictions
from storage.registry import many
from storage.registry.businesses import NewBusiness
from storage.registry.names import NameKeys
from storage.staffing.gaps import check_places
from storage.staffing.holdings import NewHolding, add_holding
from storage.staffing.supervisions import put_supervisors

AREAS, PEOPLE, BUSINESSES = 150_000, 20_000, 200_000
_CHUNK = 1_000
_UNITS_OF_GRID = 9
_OFFICERS, _SUPERVISED = 10, 5
"""One of ten people is an officer; an officer and the next supervise five villages."""
_OF_LEADERS = 6
"""Units a unit leader leads."""
_NO_PASSWORD = "-"  # noqa: S105 - no password at all
_MOST = 2_000
_CATEGORIES = ("small.eatery", "catering.restaurant", "retailer.convenience", "canteen.school")


@dataclass(frozen=True, slots=True)
class Filled:
    """What was generated."""

    grids: list[str]
    units: list[str]
    people: list[int]
    businesses: list[int]


def fill(town: Town, share: float, *, at: datetime) -> Filled:
    """Fill a town with a share of a whole one, then look over its staff as the night does."""
    grids, units = _add_areas(town, round(AREAS * share), at)
    people = _add_people(town, round(PEOPLE * share), grids, units, at)
    made = _add_businesses(town, round(BUSINESSES * share), units, at)
    with town.database.transaction() as session:
        for rule in installed().staffing.values():
            check_places(session, rule, at=at)
    return Filled(grids, units, people, made)


def generate_businesses(count: int, units: Sequence[str]) -> Iterator[NewBusiness]:
    """Generate so many businesses with valid credit codes, spread over units."""
    for number in range(count):
        body = f"92350300MA{number:07d}"
        yield NewBusiness(
            name=f"第{number:06d}示例商行",
            category=_CATEGORIES[number % len(_CATEGORIES)],
            area_code=units[number % len(units)],
            credit_code=body + credit_check_sign(body),
            address=f"示例路{number}号",
            phone=f"0594{number:07d}",
        )


def _add_areas(town: Town, count: int, at: datetime) -> tuple[list[str], list[str]]:
    day = in_china(at).date()
    with town.database.reading() as session:
        villages = areas.list_areas(session, on=day, level=AreaLevel.VILLAGE, limit=_MOST)
    grids: list[str] = []
    units: list[str] = []
    for number in range(max(1, count // (1 + _UNITS_OF_GRID))):
        village = villages[number % len(villages)].code
        # From 500 on: the grids of the sample stay what they are.
        grid = f"{village}{500 + number // len(villages):03d}"
        grids.append(grid)
        units += [f"{grid}{unit:03d}" for unit in range(1, 1 + _UNITS_OF_GRID)]
    rows = [Area(code, "示例网格", AreaLevel.GRID, code[:-3], None, day, None) for code in grids]
    rows += [Area(code, "示例单元", AreaLevel.UNIT, code[:-3], None, day, None) for code in units]
    with town.database.transaction() as session:
        areas.put_areas(session, rows, on=day)
    return grids, units


def _add_people(
    town: Town, count: int, grids: Sequence[str], units: Sequence[str], at: datetime
) -> list[int]:
    """Officers of stations in turn, then grid leaders, grid members and unit leaders alike."""
    posts = _posts_below(grids, units)
    people: list[int] = []
    for start in range(0, count, _CHUNK):
        with town.database.transaction() as session:
            stations = [post.id for post in list_posts(session, role="station")]
            for number in range(start, min(count, start + _CHUNK)):
                made = staffing.add_officer(
                    session,
                    username=f"bench{number:06d}",
                    name=f"演示人员{number:06d}",
                    password_hash=_NO_PASSWORD,
                    at=at,
                )
                people.append(made)
                is_officer = number % _OFFICERS == 0
                place = number // _OFFICERS % len(stations)
                held = [stations[place]] if is_officer else next(posts, [])
                _hold(session, made, held, at)
    _supervise(town, people[::_OFFICERS], at)
    return people


def _posts_below(grids: Sequence[str], units: Sequence[str]) -> Iterator[list[str]]:
    """The posts of one person after the other, until none is left."""
    led = iter(units)
    for grid in grids:
        yield [f"grid_leader:{grid}"]
        yield [f"grid_member:{grid}"]
        yield [f"unit_leader:{unit}" for unit in islice(led, _OF_LEADERS)]


def _hold(session: Session, officer: int, posts: Sequence[str], at: datetime) -> None:
    for key in posts:
        role, _, place = key.partition(":")
        staffing.add_post(session, role, place, title=key)
        add_holding(session, NewHolding(post_id=key, officer_id=officer, since=at))


def _supervise(town: Town, officers: Sequence[int], at: datetime) -> None:
    """Two officers of its station for each village, as far as they go; the rest are gaps."""
    day = in_china(at).date()
    with town.database.transaction() as session:
        stations = [post.place for post in list_posts(session, role="station")]
        towns = {each.town_code: each.station_code for each in list_jurisdictions(session)}
        left = {place: officers[number :: len(stations)] for number, place in enumerate(stations)}
        villages = areas.list_areas(session, on=day, level=AreaLevel.VILLAGE, limit=_MOST)
        for number, village in enumerate(villages):
            here = left.get(towns.get(village.code[:9], ""), ())
            if number % (_SUPERVISED + 1) and len(here) > 1:
                pair = [here[number % len(here)], here[(number + 1) % len(here)]]
                put_supervisors(session, village.code, pair, by=pair[0], reason=None, at=at)


def _add_businesses(town: Town, count: int, units: Sequence[str], at: datetime) -> list[int]:
    keys = NameKeys([], installed().suffixes)
    new, made = generate_businesses(count, units), list[int]()
    while chunk := list(islice(new, _CHUNK)):
        with town.database.transaction() as session:
            made += many.add_businesses(session, chunk, keys=keys, origin="licence", at=at)
    return made
