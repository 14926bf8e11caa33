"""Lists brought in from CSV: whole or not at all, every wrong row named."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from api.composition import compose
from api.identity.passwords import password_fits
from api.settings import from_environment
from engine.time.calendar import WorkCalendar
from storage.database.session import Session
from storage.people import actors
from storage.people import posts as people
from storage.places import areas, calendar
from storage.registry import businesses
from tests.api.terminal import Ended, Terminal

FAR_OFF = datetime(2099, 1, 1, tzinfo=UTC)
GRID = "350322100001099"
REPORT = {
    "matter": "L01",
    "area": "350322100001001",
    "description": "示例",
    "no_photo_reason": "无",
}


@contextmanager
def database() -> Iterator[Session]:
    """What is in the database now."""
    kept = compose(from_environment()).database
    with kept.reading() as session:
        yield session
    kept.close()


def a_file(terminal: Terminal, *lines: str) -> Path:
    path = terminal.var / "list.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def bring_in(terminal: Terminal, kind: str, *lines: str) -> Ended:
    return terminal.run("import", kind, a_file(terminal, *lines), "--json")


def test_areas_come_in_any_order_and_again_change_nothing(terminal: Terminal) -> None:
    lines = ("code,name", f"{GRID}001,第99网格1单元", f"{GRID},第99网格")

    first = bring_in(terminal, "areas", *lines)
    again = bring_in(terminal, "areas", *lines)

    assert (first.status, first.json["added"]) == (0, 2)
    assert again.json["added"] == 0


def test_an_area_that_came_in_is_there(terminal: Terminal) -> None:
    bring_in(terminal, "areas", "code,name", f"{GRID},第99网格")

    with database() as session:
        assert areas.get_area(session, GRID, on=FAR_OFF.date()).name == "第99网格"


def test_businesses_are_added_once_by_their_credit_code(terminal: Terminal) -> None:
    lines = (
        "name,category,area_code,credit_code,lat,lon,flags",
        "示例面馆,catering.restaurant,350322100001001001,91350322MADEM0091E,25.24,118.86,handles_food",
    )

    first, again = (bring_in(terminal, "businesses", *lines) for _ in range(2))

    assert (first.json["added"], again.json["added"]) == (1, 0)
    with database() as session:
        business = businesses.find_by_credit_code(session, "91350322MADEM0091E")
    assert business is not None
    assert business.flags == ["handles_food"]


def test_a_year_of_the_calendar_settles_its_working_days(terminal: Terminal) -> None:
    free = ["01-01", "01-04", "02-08", "02-09", "02-10", "04-05", "05-01", "06-09"]
    free += ["09-15", "10-01", "10-02", "10-03"]
    lines = (*(f"2027-{day},holiday," for day in free), "2027-01-09,makeup_workday,")

    ended = bring_in(terminal, "calendar", "date,kind,name", *lines)

    with database() as session:
        known = WorkCalendar(calendar.day_kinds(session), calendar.announced_years(session))
    assert ended.json["changed"] == 13
    assert not known.is_working(date(2027, 1, 4))
    assert known.is_working(date(2027, 1, 9))
    assert not known.is_provisional(date(2027, 1, 9))


def test_a_week_that_became_free_moves_the_open_limits_it_touches(terminal: Terminal) -> None:
    composition = compose(from_environment())
    now = composition.clock.now()
    with composition.database.transaction() as session:
        account = actors.find_officer(session, "grid_member")
        assert account is not None
        actor = actors.load_actor(session, account.id, at=now)
        composition.runner.start(session, "grid_report", REPORT, actor=actor)
    composition.database.close()
    days = [now.date() + timedelta(days=place) for place in range(8)]

    ended = bring_in(terminal, "calendar", "date,kind", *(f"{day},holiday" for day in days))

    # Of the report alone: snapshots and quotas of the sample have an end that is named.
    assert ended.json["limits_moved"] == 1


def test_people_get_a_link_for_their_password_and_hold_their_posts(terminal: Terminal) -> None:
    lines = ("username,name,posts,rights", "newcomer,示例人员,station:ST-350322100,")

    first, again = (bring_in(terminal, "people", *lines) for _ in range(2))

    with database() as session:
        account = actors.find_officer(session, "newcomer")
        held = people.list_holders(session, "station:ST-350322100", at=FAR_OFF)
    assert account is not None
    assert first.json["links"]["newcomer"].startswith("/set-password?link=")
    assert again.json["links"] == {}, "nobody is added twice"
    assert not password_fits(account.password_hash, "")
    assert "示例人员" in {one.name for one in held}


def test_a_dry_run_writes_nothing(terminal: Terminal) -> None:
    path = a_file(terminal, "code,name", f"{GRID},第99网格")

    ended = terminal.run("import", "areas", path, "--dry-run", "--json")

    assert (ended.json["added"], ended.json["dry_run"]) == (1, True)
    with database() as session:
        assert areas.find_area(session, GRID, on=FAR_OFF.date()) is None


@pytest.mark.parametrize(
    ("kind", "lines", "named"),
    [
        ("areas", ("code,name", "123,x", f"{GRID},", f"{GRID},第99网格"), ["row 2", "row 3"]),
        ("areas", ("code,title", f"{GRID},x"), ["name"]),
        ("calendar", ("date,kind", "2027-02-30,holiday", "2027-02-01,party"), ["row 2", "row 3"]),
        ("people", ("username,name,posts", "a,b,emperor:3503"), ["row 2"]),
        ("businesses", ("name,category,area_code", "示例,c,999999"), ["row 2"]),
    ],
)
def test_wrong_rows_are_all_named_and_nothing_is_written(
    terminal: Terminal, kind: str, lines: tuple[str, ...], named: list[str]
) -> None:
    ended = bring_in(terminal, kind, *lines)

    assert ended.status == 1
    assert all(one in ended.err for one in named)
    assert "Nothing was written" in ended.err
    with database() as session:
        assert areas.find_area(session, GRID, on=FAR_OFF.date()) is None


def test_what_is_no_csv_is_refused(terminal: Terminal) -> None:
    path = terminal.var / "list.csv"
    path.write_bytes(b"\xff\xfe\x00code")

    ended = terminal.run("import", "areas", path)

    assert ended.status == 1
    assert "UTF-8" in ended.err
