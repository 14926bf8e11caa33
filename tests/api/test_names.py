"""Names by number: of who one works with or meets on a case, not of everybody there is."""

from typing import Any

import pytest
from sqlalchemy import update

from storage.people.actors import find_officer
from storage.tables import holding
from tests.api.conftest import Api


def numbered(api: Api, *usernames: str) -> dict[str, int]:
    """The accounts' numbers."""
    found = {}
    with api.database.reading() as session:
        for name in usernames:
            officer = find_officer(session, name)
            assert officer is not None, name
            found[name] = officer.id
    return found


def told(api: Api, who: str, numbers: dict[str, int]) -> set[str]:
    """Whose names an account is told."""
    asked = ",".join(str(one) for one in numbers.values())
    names: dict[str, Any] = api.get(f"/names?officers={asked}", who).get_json()["officers"]
    return {name for name, number in numbers.items() if str(number) in names}


EVERYBODY = (
    *("grid_member", "grid_leader", "station_officer", "supervisor", "admin_system"),
    *("foreign_grid_member", "foreign_station", "foreign_county", "business"),
)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def served(request: pytest.FixtureRequest) -> Api:
    """The application on both databases."""
    name = "api" if request.param == "sqlite" else "postgres_api"
    made: Api = request.getfixturevalue(name)
    return made


def test_an_account_learns_the_names_of_who_works_where_it_does(served: Api) -> None:
    numbers = numbered(served, *EVERYBODY)

    of_grid_member = told(served, "grid_member", numbers)

    assert {"grid_member", "grid_leader", "station_officer", "supervisor"} <= of_grid_member
    assert not {name for name in of_grid_member if name.startswith("foreign_")}
    assert "foreign_grid_member" in told(served, "foreign_station", numbers)
    assert "grid_member" not in told(served, "foreign_station", numbers)
    assert set(EVERYBODY) - told(served, "supervisor", numbers) <= {"business"}


def test_a_business_learns_only_the_names_on_its_cases(served: Api) -> None:
    numbers = numbered(served, *EVERYBODY)

    assert told(served, "business", numbers) == {"business"}


def test_whoever_is_on_a_case_one_sees_is_named_after_they_left(served: Api) -> None:
    numbers = numbered(served, "grid_member", "triage")
    served.report("grid_member")
    with served.database.transaction() as session:
        left = holding.c.officer_id.in_(numbers.values())
        session.execute(update(holding).where(left).values(until=served.clock.now()))

    assert told(served, "supervisor", numbers) == {"grid_member"}
    assert told(served, "business", numbers) == set()
