"""Counts of businesses by area: right after every way of writing one, folded or not."""

from random import Random

from sqlalchemy import delete, func, insert, select, update

from storage.database.session import Database, Session
from storage.map import counts
from storage.map.counts import Group, read_counts, version_of
from storage.registry import businesses
from storage.registry.businesses import NewBusiness
from storage.tables import area_count, area_count_change, business
from tests.build import GRID, MORNING, TOWN, UNIT, a_business

CITY, COUNTY, FAR = "3503", "350322", "350302001201001001"
STATUSES = ("operating", "ceased", "dormant")


def total(session: Session, code: str) -> int:
    return sum(read_counts(session, [code]).values())


def test_a_business_counts_at_once_in_its_area_and_all_above(database: Database) -> None:
    with database.transaction() as session:
        shop = a_business(session)
        assert [total(session, code) for code in (UNIT, GRID, TOWN, COUNTY, CITY)] == [1] * 5

        counts.fold(session)
        businesses.update_business(session, shop, {"area_code": FAR}, at=MORNING)
        businesses.update_business(session, shop, {"flags": ["bright_kitchen"]}, at=MORNING)
        businesses.update_business(session, shop, {"status": "ceased"}, at=MORNING)

        for _ in range(2):
            assert [total(session, code) for code in (UNIT, TOWN, FAR, CITY)] == [0, 0, 1, 1]
            (group,) = read_counts(session, [CITY])
            assert group == Group(CITY, "catering.restaurant", "ceased", bright=True)
            counts.fold(session)


def test_what_is_merged_into_another_or_removed_counts_no_more(database: Database) -> None:
    with database.transaction() as session:
        kept, merged, removed = (a_business(session, name=name) for name in "甲乙丙")
        businesses.update_business(session, merged, {"merged_into": kept}, at=MORNING)
        session.execute(delete(business).where(business.c.id == removed))
        assert total(session, CITY) == 1

        businesses.update_business(session, merged, {"merged_into": None}, at=MORNING)
        assert total(session, CITY) == 2


def test_the_version_grows_with_every_change_that_a_map_shows_and_with_no_other(
    database: Database,
) -> None:
    with database.transaction() as session:
        shop = a_business(session)
        before = version_of(session, [TOWN])
        businesses.update_business(session, shop, {"phone": "13800000000"}, at=MORNING)
        assert version_of(session, [TOWN]) == before

        businesses.update_business(session, shop, {"lat": 25.4, "lon": 118.9}, at=MORNING)
        after = version_of(session, [TOWN])
        assert after > before
        assert version_of(session, [FAR]) == 0
        counts.fold(session)
        assert (version_of(session, [TOWN]), version_of(session, None)) == (after, after)
        counts.rebuild(session)
        assert version_of(session, None) > after


def test_after_many_changes_folded_now_and_then_the_counts_are_those_of_the_registry(
    database: Database,
) -> None:
    random = Random(16)  # noqa: S311 - no secret
    places = (UNIT, FAR, "350322100001001002", "350322100002", TOWN)
    with database.transaction() as session:
        for number in range(60):
            new = NewBusiness(
                name=f"示例店{number}",
                category=random.choice(("catering.restaurant", "retail.shop")),
                area_code=random.choice(places),
                flags=["bright_kitchen"] * random.randrange(2),
            )
            businesses.add_business(session, new, at=MORNING)
        ids = session.execute(select(business.c.id)).scalars().all()
        for _ in range(120):
            values = random.choice(
                (
                    {"area_code": random.choice(places)},
                    {"status": random.choice(STATUSES)},
                    {"category": "retail.shop"},
                    {"flags": ["bright_kitchen"] * random.randrange(2)},
                    {"merged_into": random.choice((None, ids[0]))},
                )
            )
            one = business.c.id == random.choice(ids[1:])
            session.execute(update(business).where(one).values(values))
            if random.random() < 0.1:
                counts.fold(session)

        assert counts.differences(session) == {}
        while counts.fold(session):
            pass
        assert counts.differences(session) == {}
        left = select(func.count()).select_from(area_count_change)
        assert session.execute(left).scalar() == 0


def test_a_wrong_count_is_found_and_counting_again_puts_it_right(database: Database) -> None:
    with database.transaction() as session:
        a_business(session)
        counts.fold(session)
        session.execute(update(area_count).where(area_count.c.area_code == TOWN).values(n=7))
        ghost = Group("350302", "catering", "ceased", bright=False)
        session.execute(insert(area_count), [{**ghost._asdict(), "n": 2, "version": 1}])

        wrong = counts.differences(session)
        assert {group.area_code: n for group, n in wrong.items()} == {TOWN: 6, "350302": 2}
        assert counts.rebuild(session) == 2
        assert counts.differences(session) == {}
        assert total(session, TOWN) == 1
