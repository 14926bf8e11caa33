"""A diagram with a start and no Python: deployed by command, started, worked through, closed."""

import os
import subprocess
import sys
from base64 import b64encode
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from werkzeug.test import TestResponse

from api.cli.diagrams import SHIPPED
from engine.time.clock import SystemClock
from tests.web.browsing import DESK, PHONE, Person
from tests.web.town import GRID, SECRET, UNIT, Town, Visitor, settle

EXAMPLE = Path(__file__).parent / "example"
PROCESS = "stall_registration"
FORM = {"stall_name": "南门烧烤摊", "goods": "cooked", "about": "夜市，晚上六点到十点。"}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample city, in which the command line has published the example beside the others."""
    folder = tmp_path_factory.mktemp("start")
    settle(f"sqlite:///{folder / 'city.db'}")
    environment = {
        **os.environ,
        "HANGJI_DATABASE_URL": f"sqlite:///{folder / 'city.db'}",
        "HANGJI_SECRET_KEY": SECRET,
        "HANGJI_VAULT_KEY": b64encode(bytes(range(32))).decode(),
        "HANGJI_VAR_FOLDER": str(folder / "machine"),
    }
    hangji = Path(sys.executable).with_name("hangji")
    subprocess.run([hangji, "deploy", SHIPPED, EXAMPLE], env=environment, check=True)
    return folder / "city.db"


@pytest.fixture(autouse=True)
def _now(town: Town) -> None:
    """Commands go by the clock of the machine, so the town does too."""
    town.clock.set(SystemClock().now())


def started(town: Town, **form: str) -> str:
    """Start a case as the grid member; gives its number."""
    told = town.ask("POST", f"/processes/{PROCESS}/cases", "grid_member", json={**FORM, **form})
    return str(told["number"])


def ended(town: Town, number: str) -> tuple[str, str | None, str | None]:
    """How a case stands."""
    case = town.ask("GET", f"/cases/{number}", "supervisor")
    return case["status"], case["outcome"], case["public_result"]


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_case_of_a_drawn_process_is_started_and_closed_from_the_pages(
    person: Person, size: tuple[int, int]
) -> None:
    page = person.page
    person.resize(size)
    person.sign_in("grid_member")
    person.open("/home")
    faults = person.faults()
    page.get_by_role("link", name="临时摊位备案").click()
    page.get_by_label("摊位名称").fill("南门烧烤摊")
    faults += person.faults()
    page.get_by_role("button", name="发起").click()
    expect(page.get_by_role("alert")).to_contain_text("必填")
    expect(page.get_by_label("摊位名称")).to_have_value("南门烧烤摊")
    page.get_by_role("radio", name="现制现售").check()
    page.get_by_label("情况说明").fill("夜市，晚上六点到十点。")
    page.get_by_role("button", name="发起").click()
    page.get_by_role("status").filter(has_text="已发起").wait_for()
    number = page.locator(".under .number").inner_text()

    person.sign_in("station_officer")
    person.take_up("现场核查摊位")
    page.get_by_role("radio", name="同意", exact=True).check()
    person.submit()
    person.open(f"/cases/{number}")

    expect(page.get_by_text("已办结 · 同意")).to_be_visible()
    assert faults == []
    assert not person.is_scrolled_sideways()


def test_the_case_holds_what_the_start_form_said(town: Town) -> None:
    case = town.ask("GET", f"/cases/{started(town, stall_area=UNIT)}", "grid_member")

    assert (case["title"], case["area"], case["kind"]) == ("临时摊位备案", UNIT, PROCESS)
    assert (case["description"], case["source"]) == (FORM["about"], "started")
    assert case["collector"]["post"] == case["owner"]["post"] == f"grid_member:{GRID}"


def test_without_an_area_in_the_form_it_is_that_of_the_post(town: Town) -> None:
    assert town.ask("GET", f"/cases/{started(town)}", "grid_member")["area"] == GRID


@pytest.mark.parametrize(
    ("goods", "answer", "who", "outcome"),
    [
        ("packaged", "granted", "grid_leader", ("granted", "同意")),
        ("cooked", "granted", "station_officer", ("granted", "同意")),
        ("cooked", "refused", "station_officer", ("not_granted", "不同意")),
    ],
)
def test_the_drawn_end_says_how_the_case_ended(
    town: Town, goods: str, answer: str, who: str, outcome: tuple[str, str]
) -> None:
    number = started(town, goods=goods)

    town.do(number, who, stall_answer=answer, why_refused="占用盲道。")

    assert ended(town, number) == ("closed", *outcome)


def test_a_drawn_timer_ends_the_case_with_an_outcome_of_its_own(town: Town) -> None:
    number = started(town)

    town.wait_until(town.clock.now() + timedelta(days=6))

    assert ended(town, number) == ("closed", "lapsed", "逾期未办")


@pytest.mark.parametrize("who", ["station_officer", "supervisor"])
def test_whom_the_drawing_does_not_name_is_offered_nothing_and_refused(
    town: Town, who: str
) -> None:
    visitor = town.visitor(who)

    offered = visitor.page("/home")
    shown = visitor.get(f"/start/{PROCESS}")
    filed = post(town, f"/processes/{PROCESS}/cases", who, FORM)

    assert "临时摊位备案" not in offered
    place = f"/start/{PROCESS}"
    assert not [page for page in ("/home", "/inbox") if place in visitor.page(page)]
    assert shown.status_code == 403, shown.get_data(as_text=True)
    assert "摊位名称" not in shown.get_data(as_text=True)
    assert (filed.status_code, filed.get_json()["code"]) == (403, "may_not_start")
    may_start = {
        one["process"]: one["may_start"] for one in town.ask("GET", "/processes", who)["items"]
    }
    assert may_start[PROCESS] is False


def test_processes_with_a_way_in_of_their_own_are_not_started_beside_it(town: Town) -> None:
    answers = [
        post(town, f"/processes/{one}/cases", "grid_member", {})
        for one in ("grid_report", "public_report", "side_task")
    ]

    assert {answer.status_code for answer in answers} == {403}


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({"stall_area": "350302"}, "/stall_area"),
        ({"stall_area": "999999"}, "/stall_area"),
        ({"goods": "weapons"}, "/goods"),
        ({"unknown": "x"}, "/unknown"),
    ],
)
def test_a_wrong_field_of_the_start_form_is_named(
    town: Town, form: dict[str, str], pointer: str
) -> None:
    answer = post(town, f"/processes/{PROCESS}/cases", "grid_member", {**FORM, **form})

    assert answer.status_code == 422, answer.get_json()
    assert [error["pointer"] for error in answer.get_json()["errors"]] == [pointer]


def test_the_page_of_a_start_works_without_scripts(town: Town) -> None:
    visitor: Visitor = town.visitor("grid_member")
    page = visitor.page(f"/start/{PROCESS}")

    answer = visitor.submit(f"/start/{PROCESS}", **FORM)

    assert "摊位名称" in page
    assert answer.status_code == 303
    assert "临时摊位备案" in visitor.page(answer.headers["Location"])


def post(town: Town, path: str, who: str, form: dict[str, str]) -> TestResponse:
    """One request to the API that may be refused."""
    headers = {"Authorization": f"Bearer {town.token(who)}"}
    return town.app.test_client().post(f"/api/v1{path}", headers=headers, json=form)
