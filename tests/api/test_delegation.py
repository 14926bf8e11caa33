"""To whom a task may be handed: what the list offers is what delegating accepts, and no more."""

import pytest

from storage.people import staffing
from storage.registry import businesses
from storage.registry.businesses import NewBusiness
from tests.api.conftest import BEGAN, FOREIGN_TOWN, UNIT, Api
from tests.api.test_walk import walk_to_the_station

OWN_GRID = "350322100001001"
PLACES = {
    "same post": OWN_GRID,
    "next grid": "350322100001002",
    "next village": "350322100002001",
    "next town": "350322101001001",
    "other county": f"{FOREIGN_TOWN}201009",
}


def appoint(api: Api, role: str, place: str, name: str, business: int | None = None) -> int:
    """Somebody new in a post, which is made when there is none."""
    with api.database.transaction() as session:
        officer = staffing.add_officer(
            session,
            username=name,
            name=f"演示{name}",
            password_hash="none",
            at=BEGAN,
            business_id=business,
        )
        post = staffing.add_post(session, role, place)
        staffing.hold(session, post.id, officer, since=BEGAN)
        return officer


def hold(api: Api, post: str, officer: int) -> None:
    """Somebody holds one post more."""
    with api.database.transaction() as session:
        staffing.hold(session, post, officer, since=BEGAN)


def offered(api: Api, task: str, who: str) -> list[int]:
    """Whom the list offers."""
    found = api.get(f"/tasks/{task}/colleagues", who).get_json()["officers"]
    return [one["id"] for one in found]


def delegate(api: Api, task: str, who: str, officer: int) -> tuple[int, str]:
    """Hand on; status and word of a refusal."""
    answer = api.post(f"/tasks/{task}/delegate", {"officer": officer, "reason": "外出"}, who)
    return answer.status_code, answer.get_json().get("code", "")


@pytest.mark.parametrize("place", PLACES)
def test_a_grid_hands_on_within_the_town_of_the_case(api: Api, place: str) -> None:
    """R40, requirements section 14: of the same standing, and able to work on the case."""
    officer = appoint(api, "grid_member", PLACES[place], "somebody")
    task = api.task(api.report("grid_member"))["id"]
    is_near = place in {"same post", "next grid", "next village"}

    listed = officer in offered(api, task, "grid_member")
    told = delegate(api, task, "grid_member", officer)

    assert listed == is_near
    assert told == ((200, "") if is_near else (409, "not_same_standing"))


@pytest.mark.parametrize("who", ["station_officer", "county_officer", "city_officer"])
def test_a_department_hands_on_to_the_unit_responsible_for_the_case(api: Api, who: str) -> None:
    """R17, R26: whatever unit of the same level stands elsewhere has nothing to do with it."""
    number = api.report(who, matter="L03")
    task = api.task(number)
    own = appoint(api, task["level"], task["holder"]["post"].partition(":")[2], "colleague")
    elsewhere = {"station": "ST-350302001", "county": "J-350302", "city": "3504"}[task["level"]]
    other = appoint(api, task["level"], elsewhere, "stranger")

    listed = offered(api, task["id"], who)
    refused = delegate(api, task["id"], who, other)
    taken = delegate(api, task["id"], who, own)

    assert own in listed
    assert other not in listed
    assert refused == (409, "not_same_standing")
    assert taken == (200, "")


def test_whoever_is_not_offered_is_refused(api: Api) -> None:
    """Requirements section 14: everybody of the sample, whatever their post."""
    number = walk_to_the_station(api)
    task = api.task(number)["id"]
    with api.database.reading() as session:
        everybody = range(
            1, 1 + session.exec_driver_sql("select count(*) from officer").scalar_one()
        )
    listed = offered(api, task, "station_officer")
    own = api.get("/me", "station_officer").get_json()["id"]

    strangers = [one for one in everybody if one not in listed and one != own]
    told = {delegate(api, task, "station_officer", stranger)[0] for stranger in strangers}

    assert len(listed) == 1
    assert told == {409}


def test_a_business_is_not_offered_a_case_about_itself(api: Api) -> None:
    """R54: nor does it see its grid's case about it."""
    with api.database.transaction() as session:
        new = NewBusiness(name="示例店", category="catering.restaurant", area_code=UNIT)
        business = businesses.add_business(session, new, at=BEGAN)
    keeper = appoint(api, "grid_member", OWN_GRID, "keeper", business)
    about_it = api.task(api.report("grid_member", business=business))["id"]
    about_others = api.task(api.report("grid_member"))["id"]

    assert keeper in offered(api, about_others, "grid_member")
    assert keeper not in offered(api, about_it, "grid_member")
    assert delegate(api, about_it, "grid_member", keeper) == (409, "conflict_of_interest")


def test_the_nearest_are_offered_first_and_each_once(api: Api) -> None:
    """Requirements section 14: own post, own village, own town."""
    far = appoint(api, "grid_member", PLACES["next village"], "far")
    near = appoint(api, "grid_member", PLACES["next grid"], "near")
    same = appoint(api, "grid_member", OWN_GRID, "same")
    hold(api, f"grid_member:{PLACES['next grid']}", same)
    task = api.task(api.report("grid_member"))["id"]

    assert offered(api, task, "grid_member") == [same, near, far]
