"""Who holds which post, who is next when nobody does, and what an officer may see."""

from datetime import timedelta

import pytest

from storage.database.session import Database
from storage.errors import Conflict, NotFound
from storage.people import actors, staffing
from storage.people import posts as people
from storage.people.ladder import find_filled_post
from tests.build import (
    GRID,
    MORNING,
    TOWN,
    UNIT,
    VILLAGE,
    a_business,
    a_chain,
    a_jurisdiction,
    a_post,
    an_area,
    an_officer,
)

CHAIN = ["unit_leader", "grid_leader", "village_center", "station", "county", "city"]


@pytest.mark.parametrize("role", CHAIN)
def test_every_post_of_the_chain_is_found_from_a_unit(database: Database, role: str) -> None:
    """R40: each level of the chain resolves to its post; the county by jurisdiction."""
    with database.transaction() as session:
        chain = a_chain(session)

        found = people.find_staffing(session, role, UNIT, at=MORNING)

    assert found is not None
    assert [holder.id for holder in found.holders] == [chain[role].id]


def test_a_county_post_follows_the_jurisdiction_and_not_the_area_tree(database: Database) -> None:
    """Fact 1: Meizhou lies in one county and is run by another unit."""
    with database.transaction() as session:
        a_jurisdiction(session, "350305108", county="J-MEIZHOU")
        a_post(session, "county", "J-MEIZHOU")
        a_post(session, "county", "350305")

        post = people.find_post(session, "county", "350305108001", at=MORNING)

    assert post is not None
    assert post.place == "J-MEIZHOU"


@pytest.mark.parametrize(("town", "county", "rank"), [(TOWN, "J-350322", 5), ("350305108", "J", 6)])
def test_a_brigade_stands_beside_its_bureau(
    database: Database, town: str, county: str, rank: int
) -> None:
    """Requirements section 13: Xianyou's brigade counts as county, a city brigade as city."""
    with database.transaction() as session:
        units = a_jurisdiction(session, town, county=county)

        assert a_post(session, "enforcement", units.enforcement_code).rank == rank


@pytest.mark.parametrize("vacant", CHAIN[:-1])
def test_a_vacant_post_is_stepped_over_and_the_reason_is_known(
    database: Database, vacant: str
) -> None:
    """A13, R40: never a dead end."""
    above = CHAIN[CHAIN.index(vacant) + 1]
    with database.transaction() as session:
        chain = a_chain(session)
        staffing.leave(session, chain[vacant].post_ids[0], until=MORNING - timedelta(days=1))

        filled_post = find_filled_post(session, vacant, UNIT, at=MORNING)

    assert filled_post.staffing is not None
    assert filled_post.staffing.holders[0].id == chain[above].id
    assert [(one.role, one.reason) for one in filled_post.stepped_over] == [(vacant, "vacant")]


def test_a_business_in_a_post_is_stepped_over_when_the_case_is_about_itself(
    database: Database,
) -> None:
    """R54: it never owns a case about itself, but acts on every other."""
    with database.transaction() as session:
        chain = a_chain(session)
        shop = a_business(session)
        staffing.leave(session, f"grid_leader:{GRID}", until=MORNING - timedelta(days=1))
        owner = an_officer(session, f"grid_leader:{GRID}", business_id=shop)

        own = find_filled_post(session, "grid_leader", UNIT, at=MORNING, without_business=shop)
        other = find_filled_post(
            session, "grid_leader", UNIT, at=MORNING, without_business=shop + 1
        )

    assert own.staffing is not None
    assert own.staffing.holders[0].id == chain["village_center"].id
    assert own.stepped_over[0].reason == "conflict_of_interest"
    assert other.staffing is not None
    assert other.staffing.holders[0].id == owner.id


def test_nobody_up_to_the_top_is_an_answer_too(database: Database) -> None:
    with database.transaction() as session:
        filled_post = find_filled_post(session, "station", UNIT, at=MORNING)

    assert filled_post.staffing is None
    assert [one.role for one in filled_post.stepped_over] == ["station", "county", "city"]


def test_an_area_too_wide_for_a_role_has_no_post(database: Database) -> None:
    with database.transaction() as session:
        a_chain(session)

        assert people.find_staffing(session, "grid_member", VILLAGE, at=MORNING) is None


def test_a_post_is_held_between_two_moments(database: Database) -> None:
    """R16: dated assignments of people to posts."""
    with database.transaction() as session:
        first, second = an_officer(session), an_officer(session)
        post = a_post(session)
        staffing.hold(session, post.id, first.id, since=MORNING)
        staffing.leave(session, post.id, until=MORNING + timedelta(days=10))
        staffing.hold(session, post.id, second.id, since=MORNING + timedelta(days=10))

        held = [
            [holder.id for holder in people.list_holders(session, post.id, at=at)]
            for at in (MORNING - timedelta(days=1), MORNING, MORNING + timedelta(days=10))
        ]

    assert held == [[], [first.id], [second.id]]


def test_an_officer_switched_off_holds_nothing(database: Database) -> None:
    with database.transaction() as session:
        officer = an_officer(session, f"grid_member:{GRID}")
        staffing.switch_officer(session, officer.id, active=False)

        assert people.list_holders(session, f"grid_member:{GRID}", at=MORNING) == ()
        with pytest.raises(NotFound):
            actors.load_actor(session, officer.id, at=MORNING)


@pytest.mark.parametrize(
    ("post", "prefixes"),
    [
        (f"unit_leader:{UNIT}", (UNIT,)),
        (f"grid_leader:{GRID}", (GRID,)),
        (f"village_center:{VILLAGE}", (VILLAGE,)),
        (f"station:ST-{TOWN}", (TOWN,)),
        ("county:J-350322", ("350322001", TOWN)),
        ("city:3503", ("3503",)),
        ("supervisor:3503", ("3503",)),
        ("analyst:3503", ()),
        ("admin_system:3503", ()),
        ("enforcement:EN-350322", ()),
    ],
)
def test_an_officer_sees_the_areas_of_the_post(
    database: Database, post: str, prefixes: tuple[str, ...]
) -> None:
    with database.transaction() as session:
        a_jurisdiction(session, TOWN)
        a_jurisdiction(session, "350322001")

        assert an_officer(session, post).prefixes == prefixes


def test_areas_inside_another_area_of_the_same_officer_are_not_repeated(
    database: Database,
) -> None:
    with database.transaction() as session:
        actor = an_officer(session, f"village_center:{VILLAGE}", f"grid_leader:{GRID}")

    assert actor.prefixes == (VILLAGE,)
    assert actor.holds(f"grid_leader:{GRID}")
    assert not actor.holds(None)
    assert actor.roles == {"village_center", "grid_leader"}


def test_a_user_name_is_taken_once(database: Database) -> None:
    with database.transaction() as session:
        an_officer(session, username="same")

        with pytest.raises(Conflict):
            an_officer(session, username="same")


def test_revoking_makes_older_tokens_void(database: Database) -> None:
    with database.transaction() as session:
        officer = an_officer(session, username="one")
        staffing.revoke_tokens(session, officer.id)

        assert actors.find_token_version(session, officer.id) == officer.token_version + 1
        assert actors.find_token_version(session, 999) is None


def test_names_and_posts_can_be_listed(database: Database) -> None:
    with database.transaction() as session:
        an_area(session)
        officer = an_officer(session, f"grid_member:{GRID}")
        a_post(session, "grid_leader", GRID)

        assert actors.list_names(session, [officer.id, 999]) == {officer.id: officer.name}
        assert actors.list_names(session, []) == {}
        assert [post.role for post in people.list_posts(session, place=VILLAGE)] == [
            "grid_leader",
            "grid_member",
        ]
        assert people.list_posts(session, role="grid_leader")[0].title == f"示例grid{GRID}网格长"
