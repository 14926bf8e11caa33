"""Builders with defaults: areas, posts, officers, cases as a test needs them; holds no test."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from storage.cases import cases
from storage.cases.cases import LockedCase, NewProcess
from storage.cases.events import NewEvent
from storage.cases.steps import StepWrite, WrittenStep, write_step
from storage.cases.tasks import Task
from storage.database.session import Session
from storage.moments import CHINA
from storage.people import actors, staffing
from storage.people.actors import Actor
from storage.people.posts import Post
from storage.places import areas
from storage.places.areas import Area, parent_code
from storage.places.levels import level_of_code, rank
from storage.places.units import Jurisdiction, Unit, put_jurisdiction, put_unit
from storage.registry import businesses
from storage.registry.businesses import NewBusiness

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=CHINA)
"""A Monday without any holiday near."""

TOWN = "350322100"
VILLAGE = "350322100001"
GRID = "350322100001001"
UNIT = "350322100001001001"
NO_PASSWORD = "no sign-in"
EVER_SINCE = date(2023, 6, 30)

_numbers = count(1)


def an_area(session: Session, code: str = UNIT, *, name: str | None = None) -> Area:
    """An area, with every area above it."""
    above = parent_code(code)
    if above is not None:
        an_area(session, above)
    area = areas.find_area(session, code, on=MORNING.date())
    if area is not None:
        return area
    level = level_of_code(code)
    made = Area(code, name or f"示例{level.word}{code}", level, above, None, EVER_SINCE, None)
    areas.add_areas(session, [made])
    return made


def a_jurisdiction(session: Session, town: str = TOWN, *, county: str = "J-350322") -> Jurisdiction:
    """The units responsible for a town: its station, its county bureau, its brigade."""
    found = Jurisdiction(town, f"ST-{town}", county, f"EN-{county[2:]}", is_pilot=True)
    brigade = "county" if county == "J-350322" else "city"
    put_unit(session, Unit(found.station_code, f"示例市场监管所{town}", "station", rank("station")))
    put_unit(session, Unit(county, f"示例市场监管局{county}", "county", rank("county")))
    put_unit(
        session, Unit(found.enforcement_code, f"示例大队{county}", "enforcement", rank(brigade))
    )
    put_jurisdiction(session, found)
    return found


def a_post(
    session: Session, role: str = "grid_member", place: str = GRID, *, holder: int | None = None
) -> Post:
    """A post, held by an officer when one is given."""
    made = staffing.add_post(session, role, place)
    if holder is not None:
        staffing.hold(session, made.id, holder, since=MORNING - timedelta(days=365))
    return made


def an_officer(
    session: Session,
    *posts: str,
    username: str | None = None,
    business_id: int | None = None,
    rights: Iterable[str] = (),
) -> Actor:
    """A generated officer holding posts given as `role:place`; missing posts are made."""
    number = next(_numbers)
    officer_id = staffing.add_officer(
        session,
        username=username or f"officer{number}",
        name=f"演示人员{number:02d}",
        password_hash=NO_PASSWORD,
        at=MORNING - timedelta(days=365),
        business_id=business_id,
        rights=rights,
    )
    for post_id in posts:
        role, place = post_id.split(":", 1)
        a_post(session, role, place, holder=officer_id)
    return actors.load_actor(session, officer_id, at=MORNING)


def a_chain(session: Session, unit: str = UNIT) -> dict[str, Actor]:
    """One officer for every post of the chain above a unit, by role."""
    town, village, grid = unit[:9], unit[:12], unit[:15]
    an_area(session, unit)
    units = a_jurisdiction(session, town)
    places = {
        "unit_leader": unit,
        "grid_member": grid,
        "grid_leader": grid,
        "village_center": village,
        "village_assistant": village,
        "station": units.station_code,
        "county": units.jurisdiction_code,
        "city": unit[:4],
        "enforcement": units.enforcement_code,
        "emergency_center": unit[:4],
        "triage": unit[:4],
        "supervisor": unit[:4],
    }
    return {role: an_officer(session, f"{role}:{place}") for role, place in places.items()}


def a_business(session: Session, *, area_code: str = UNIT, name: str = "示例小吃店") -> int:
    """A business without any code, as a field survey finds it; gives its id."""
    new = NewBusiness(name=name, category="catering.restaurant", area_code=area_code)
    return businesses.add_business(session, new, at=MORNING)


def a_case(
    session: Session,
    *,
    area_code: str = UNIT,
    at: datetime = MORNING,
    tasks: Iterable[Task] = (),
    **columns: Any,
) -> LockedCase:
    """An open case with one running process, one entry in its file and the tasks given."""
    case_id, running_id = cases.next_ids(session)
    usual = {"title": "示例事件", "kind": "grid_report", "source": "grid_patrol", "matter": "L01"}
    new = {**cases.blank_case(case_id, at=at), **usual, "area_code": area_code, **columns}
    process = NewProcess(
        id=running_id, case_id=case_id, process_id="grid_report", digest="0" * 32, started_at=at
    )
    opened = LockedCase(cases.add_case(session, new), cases.add_process(session, process), None)
    stepped(
        session,
        opened,
        opened=list(tasks),
        events=[NewEvent("case_opened", at, "system", {})],
    )
    return locked_again(session, opened)


def a_task(token: str = "1", **columns: Any) -> Task:  # noqa: S107 - no secret
    """A task that waits for the grid member, due in a day."""
    usual = Task(
        running_id=0,
        case_id=0,
        token=token,
        element=f"escalation/handling/accept{token}",
        task_id="accept",
        process_id="handling",
        label="签收",
        area_code=UNIT,
        opened_at=MORNING,
        due_at=MORNING + timedelta(days=1),
        lane="grid_member",
        role="grid_member",
        form="accept",
        phase="dispatch",
        post_id=f"grid_member:{GRID}",
        deadline={"limit": 1, "unit": "working_day"},
    )
    return usual._replace(**columns)


def a_step(locked: LockedCase, **parts: Any) -> StepWrite:
    """A step of a case as it was locked, which changes nothing but what is given."""
    usual: Mapping[str, Any] = {
        "case_id": locked.case.id,
        "seen_version": locked.case.version,
        "last_seq": locked.case.last_seq,
        "head_hash": locked.case.head_hash,
        "running_id": locked.process.id,
        "marking": b"marking",
        "data": "{}",
        "before": locked.case,
    }
    return StepWrite(**{**usual, **parts})


def stepped(session: Session, locked: LockedCase, **parts: Any) -> WrittenStep:
    """Write such a step."""
    return write_step(session, a_step(locked, **parts))


def locked_again(session: Session, locked: LockedCase, token: str | None = None) -> LockedCase:
    """The same case as it stands now."""
    return cases.lock_case_for_step(session, running_id=locked.process.id, token=token)
