"""Every page in Chromium: readable for everybody, nothing foreign, nothing broken, fits a phone."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from playwright.sync_api import expect

from storage.moments import CHINA
from tests.web.browsing import DESK, PHONE, Person
from tests.web.tour import NARROW, ROLES_OF_THE_SAMPLE, led_to, too_wide
from tests.web.town import PASS_UP, REPORTER, Town
from tests.web.town import PHONE as TELEPHONE

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def check(person: Person, path: str) -> list[str]:
    """What is wrong with a page at a desk and on a phone."""
    person.open(path)
    for folded in person.page.locator("details[data-diagrams] > summary").all():
        folded.click()
    for drawing in person.page.locator("[data-diagram][open] .diagram").all():
        expect(drawing).to_have_attribute("data-drawn", "yes")
    return [f"{path}: {fault}" for fault in look(person)]


def look(person: Person) -> Iterator[str]:
    """The same for the page as it stands."""
    yield from person.faults()
    for size in (PHONE, DESK):
        person.resize(size)
        if person.is_scrolled_sideways():
            yield f"wider than {size}"


def test_a_page_with_a_fault_is_found_out(person: Person) -> None:
    """The checks below find nothing; this one shows that they would."""
    person.open("/public")
    person.page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    wide = "document.querySelector('main').style.width = '3000px'"
    person.page.evaluate(wide)

    faults = list(look(person))

    assert any("image-alt" in fault for fault in faults)
    assert any("wider" in fault for fault in faults)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_of_the_public_are_for_everybody(town: Town, person: Person, language: str) -> None:
    number, code = town.report(reporter={"name": REPORTER, "phone": TELEPHONE})
    cookie = {"name": "hangji_language", "value": language, "url": person.address}
    person.context.add_cookies([cookie])  # type: ignore[list-item]
    page, main = person.page, "main button[type=submit].main"

    faults = [
        fault
        for path in (
            "/public",
            "/public/report",
            "/public/query",
            "/public/inspections",
            "/sign-in",
            "/styleguide",
            "/nowhere",
        )
        for fault in check(person, path)
    ]
    person.open("/public/report")
    page.locator(main).click()
    page.get_by_role("alert").wait_for()
    faults += look(person)
    person.open("/public/query")
    page.locator("#number").fill(number)
    page.locator("#code").fill(code)
    page.locator(main).click()
    page.locator("section.card").wait_for()
    faults += look(person)

    assert faults == []
    assert REPORTER not in page.content()
    assert TELEPHONE not in page.content()


def test_pages_of_officers_are_for_everybody(town: Town, person: Person) -> None:
    first, second, _ = town.file(), town.file(description="第二件"), town.file(matter="other")
    town.reach_the_station(first)
    town.wait_until(datetime(2026, 3, 20, 9, 0, tzinfo=CHINA))
    task = town.task(first)

    person.sign_in("station_officer")
    faults = [
        fault
        for path in (
            "/home",
            "/inbox",
            "/messages",
            "/inbox?view=late",
            "/inbox?view=team&q=没有的",
            "/cases",
            "/operations",
            "/cases?status=closed",
            f"/cases/{first}",
            f"/cases/{second}",
            f"/tasks/{task}",
            "/report",
            "/registry",
            "/businesses",
            "/businesses/1",
            "/businesses/1/edit",
            "/businesses/new",
            "/round",
            "/staff-gaps",
            "/inspection-plans/new",
            "/self-inspections",
        )
        for fault in check(person, path)
    ]
    person.open(f"/tasks/{task}")
    for closed in person.page.locator("details.act > summary").all():
        closed.click()
    person.page.get_by_role("button", name="提交").click()
    person.page.get_by_role("alert").wait_for()
    faults += look(person)

    assert faults == []


def test_the_page_of_a_task_of_every_form_is_for_everybody(town: Town, person: Person) -> None:
    number = town.file()
    faults = []
    steps = [
        ("grid_member", PASS_UP),
        ("grid_leader", {"answer": "accept"}),
        ("grid_leader", PASS_UP),
        ("village_center", {"outcome": "pass_up"}),
        ("station_officer", {"answer": "accept"}),
        ("station_officer", {"outcome": "resolved", "measures": "已改正"}),
        ("grid_member", {"verify_result": "passed"}),
    ]
    seen = set()
    for who, form in steps:
        key = tuple(form)
        if key not in seen:
            seen.add(key)
            person.sign_in(who)
            faults += check(person, f"/tasks/{town.task(number)}")
        town.do(number, who, **form)

    assert faults == []


def test_no_page_of_any_role_is_wider_in_english_than_the_narrowest_phone(
    town: Town, person: Person
) -> None:
    """Every kind of page each role is led to, with everything that opens on it open.

    In Chinese whoever goes through the pages by keyboard looks as well.
    """
    number = town.file(description="一" * 60 + "W" * 60)
    town.reach_the_station(number)
    town.file(matter="X01", description="疑似食物中毒")
    town.report()
    town.ask("POST", f"/cases/{number}/chase", "supervisor", json={"text": "请" * 80})
    town.wait_until(datetime(2026, 3, 20, 9, 0, tzinfo=CHINA))
    cookie = {"name": "hangji_language", "value": "en", "url": person.address}
    person.resize(NARROW)

    wide, kinds = [], set[str]()
    for path in ("/public", "/public/report", "/public/query", "/sign-in", "/styleguide"):
        person.context.add_cookies([cookie])  # type: ignore[list-item]
        person.open(path)
        wide += [f"{path}: {over}" for over in too_wide(person)]
    for who in ROLES_OF_THE_SAMPLE:
        person.context.clear_cookies(name="hangji_language")
        person.sign_in(who)
        person.context.add_cookies([cookie])  # type: ignore[list-item]
        for path in led_to(person, kinds):
            wide += [f"{who} {path}: {over}" for over in too_wide(person)]

    assert "\n".join(wide) == ""
    assert len(kinds) > 15
