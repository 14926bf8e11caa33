"""The pack of Putian: the real tree, the real jurisdictions, a sample without any real person."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage.city.pack import Loaded, load_city, load_sample
from storage.city.rules import install, read_rules
from storage.database.session import Database, Session
from storage.numbers import is_credit_code
from storage.people import actors
from storage.people import posts as people
from storage.people.actors import Actor
from storage.people.roles import ROLES
from storage.places import areas, matters, units
from storage.places.levels import AreaLevel
from storage.registry import businesses
from tests.build import MORNING, NO_PASSWORD

PACK = Path(__file__).parents[2] / "city" / "putian"
SAMPLE = PACK / "sample"
TODAY = MORNING.date()
SIGN_INS = [
    "unit_leader",
    "grid_member",
    "grid_leader",
    "village_center",
    "village_assistant",
    "station_officer",
    "station_officer2",
    "county_officer",
    "city_officer",
    "enforcement",
    "catering_section",
    "emergency_center",
    "business",
    "triage",
    "registry_keeper",
    "analyst",
    "publisher",
    "supervisor",
    "admin_system",
    "admin_security",
    "admin_audit",
]


def load(session: Session) -> tuple[Loaded, Loaded]:
    return (
        load_city(session, PACK, at=MORNING),
        load_sample(session, SAMPLE, password_hash=NO_PASSWORD, at=MORNING),
    )


def actor(session: Session, username: str) -> Actor:
    officer = actors.find_officer(session, username)
    assert officer is not None
    return actors.load_actor(session, officer.id, at=MORNING)


def test_the_whole_tree_of_putian_is_loaded(sqlite: Database) -> None:
    """R01: 1 city, 5 counties, 57 towns, 979 villages."""
    with sqlite.transaction() as session:
        load_city(session, PACK, at=MORNING)

        counted = areas.count_areas(session, on=TODAY)
        assert [counted[level] for level in list(AreaLevel)[:4]] == [1, 5, 57, 979]
        assert len(matters.list_matters(session)) == 38


@pytest.fixture
def director() -> Iterator[str]:
    """A role more, with a post in every city."""
    rules = read_rules(PACK)
    director = replace(ROLES["publisher"], id="school_director", name_zh="学校总监", per_city=True)
    install(replace(rules, roles=(*rules.roles, director)))
    yield director.id
    install(rules)


def test_a_role_more_with_a_post_in_every_city_gets_its_post(
    sqlite: Database, director: str
) -> None:
    """The role needs no person in the sample."""
    with sqlite.transaction() as session:
        load(session)

        staffing = people.find_staffing(session, director, "350322100001", at=MORNING)

    assert staffing is not None
    assert (staffing.post.place, staffing.holders) == ("3503", ())


def test_loading_twice_changes_nothing(database: Database) -> None:
    with database.transaction() as session:
        load(session)

        assert load(session) == (Loaded(), Loaded())


def test_every_town_has_one_station_one_bureau_one_brigade(database: Database) -> None:
    """R17, R22, domain defaults section 14 test 4: 57 towns, 7 units of county level."""
    with database.transaction() as session:
        load_city(session, PACK, at=MORNING)

        towns = units.list_jurisdictions(session)
        assert len(towns) == 57
        assert len({town.jurisdiction_code for town in towns}) == 7
        assert {
            area.code for area in areas.list_areas(session, on=TODAY, level=AreaLevel.TOWN)
        } == {town.town_code for town in towns}
        assert units.get_jurisdiction(session, "350305108001").jurisdiction_code == "J-MEIZHOU"
        assert units.get_jurisdiction(session, "350305109").jurisdiction_code == "J-BEIAN"
        assert sum(town.is_pilot for town in towns) == 12
        assert len(units.list_units(session, kind="station")) == 57


def test_the_sample_has_every_sign_in_of_the_contract(sqlite: Database) -> None:
    """api.md, demo sign-ins: one line of areas from the city to a unit."""
    with sqlite.transaction() as session:
        load(session)
        found = {name: actor(session, name) for name in SIGN_INS}

        assert all(one.posts for one in found.values())
        line = {role: one.posts[0].place for role, one in found.items()}
        assert line["unit_leader"] == "350322100001001001"
        assert line["grid_member"] == line["grid_leader"] == "350322100001001"
        assert line["village_center"] == line["village_assistant"] == "350322100001"
        assert line["station_officer"] == line["station_officer2"] == "ST-350322100"
        assert (line["county_officer"], line["city_officer"]) == ("J-350322", "3503")


def test_only_the_supervisor_may_see_who_reported(sqlite: Database) -> None:
    with sqlite.transaction() as session:
        load(session)
        rights = {name: actor(session, name).rights for name in SIGN_INS}

        assert {name for name in SIGN_INS if rights[name]} == {"supervisor"}
        assert rights["supervisor"] == {"reporter_identity:view"}


def test_the_sample_says_of_every_person_and_business_that_it_is_invented(
    sqlite: Database,
) -> None:
    """Fact 10: no real person's name, phone or number."""
    with sqlite.transaction() as session:
        load(session)

        shops = businesses.list_businesses(session).items
        assert all(shop.name.startswith("示例") for shop in shops)
        assert all((shop.person_in_charge or "").startswith("演示") for shop in shops)
        assert all((shop.phone or "").startswith("000-") for shop in shops)
        assert all(is_credit_code(shop.credit_code) for shop in shops if shop.credit_code)
        assert [shop.name for shop in shops if not shop.credit_code] == ["示例摊贩（演示，未登记）"]
        assert all(actor(session, name).name.startswith("演示") for name in SIGN_INS)


def test_every_area_of_the_sample_lies_in_the_area_above_it(sqlite: Database) -> None:
    with sqlite.transaction() as session:
        load(session)

        for area in areas.list_areas(session, on=TODAY, under="350322100001", limit=100):
            line = areas.list_ancestors(session, area.code, on=TODAY)
            assert len(line) == area.level
