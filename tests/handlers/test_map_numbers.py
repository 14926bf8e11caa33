"""Number equals list: whatever area, filter and person, the map counts what the list holds."""

from collections.abc import Callable
from random import Random
from typing import Any

from sqlalchemy import select

from handlers.map.invented import CITY, invent_city
from handlers.map.summary import area_counts, read_summary
from handlers.registry.exporting import every_business
from handlers.registry.searching import filter_of
from storage.cases.cases import CaseFilter, list_cases
from storage.database.session import Database, Session
from storage.map import counts
from storage.pages import Page
from storage.people.actors import Actor
from storage.registry import businesses
from storage.registry.businesses import count_by_category, search_businesses
from storage.tables import area, business
from tests.build import MORNING, NO_PASSWORD, a_case, an_officer

TRIPLES = 500
FILTERS: dict[str, tuple[Any, ...]] = {
    "category": (None, None, "catering", "catering.hotel", "retailer"),
    "status": (None, None, "operating", "ceased"),
    "bright": (None, None, True, False),
    "open_cases": (None, None, None, True),
}


def length(page_of: Callable[[str | None], Page[Any]]) -> int:
    """Walk through every page of a list."""
    cursor, found = None, 0
    while True:
        page = page_of(cursor)
        found += len(page.items)
        cursor = page.next
        if cursor is None:
            return found


def some_people(session: Session) -> list[Actor]:
    village, grid, unit = f"{CITY}01001001", f"{CITY}01001001001", f"{CITY}02002002001001"
    posts = (
        f"city:{CITY}",
        f"registry_keeper:{CITY}",
        f"village_assistant:{village}",
        f"grid_leader:{grid}",
        f"unit_leader:{unit}",
    )
    people = [an_officer(session, post) for post in posts]
    # One who holds two posts, the areas of which lie in each other.
    both = an_officer(session, f"village_center:{village}", f"grid_member:{grid}")
    return [*people, both]


def some_work(session: Session, random: Random) -> None:
    """Open cases of shops, shops that move up to their village, folded now and then."""
    shops = session.execute(select(business.c.id, business.c.area_code)).all()
    for shop in random.sample(shops, 60):
        a_case(session, area_code=shop.area_code, business_id=shop.id, at=MORNING)
    for shop in random.sample(shops, 60):
        businesses.update_business(session, shop.id, {"area_code": shop.area_code[:12]}, at=MORNING)
        if random.random() < 0.1:
            counts.fold(session)


def test_five_hundred_numbers_of_the_map_are_the_lengths_of_their_lists(sqlite: Database) -> None:
    """R09: random area, filter and person; each number by the summary, its parent, and tiles."""
    random = Random(500)  # noqa: S311 - the same areas each time
    with sqlite.transaction() as session:
        invent_city(session, password_hash=NO_PASSWORD, on=MORNING.date(), at=MORNING)
        people = some_people(session)
        some_work(session, random)
        rows = select(area.c.code, area.c.parent).where(area.c.code.startswith(CITY))
        places = session.execute(rows.order_by(area.c.code)).all()
        wide = [place for place in places if len(place.code) <= 9]
        seen = 0
        for _ in range(TRIPLES):
            place = random.choice(random.choice((places, wide)))
            actor = random.choice(people)
            asked = {name: random.choice(values) for name, values in FILTERS.items()}
            having = filter_of(actor, {**asked, "area": place.code}, now=MORNING)
            listed = length(lambda at: search_businesses(session, having, cursor=at, limit=200))  # noqa: B023 - called at once
            exported = sum(len(shops) for shops in every_business(session, having))
            opened = CaseFilter(status="open", area=place.code)
            cases = length(
                lambda at: list_cases(session, actor=actor, having=opened, cursor=at, limit=200)  # noqa: B023 - called at once
            )
            own = read_summary(session, actor, {**asked, "area": place.code}, now=MORNING).area
            tile = area_counts(session, actor, [place.code], asked, now=MORNING)[place.code]

            triple = (place.code, asked, actor.post_ids)
            assert own.count == tile.count == listed == exported, triple
            assert sum(count_by_category(session, having).values()) == listed, triple
            assert own.open_cases == cases, triple
            if place.parent is not None:
                above = {**asked, "area": place.parent}
                children = read_summary(session, actor, above, now=MORNING).children
                (child,) = [one for one in children if one.code == place.code]
                assert (child.count, child.open_cases) == (listed, cases), triple
            seen += bool(listed) + bool(cases)
    assert seen > TRIPLES / 4, "too few triples had anything to count"
