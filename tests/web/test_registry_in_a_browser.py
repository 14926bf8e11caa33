"""A keeper's first day in a browser: three offices' files, conflicts, an undo, the same again."""

import re
from typing import cast

import pytest
from playwright.sync_api import FilePayload, expect

from api.operating import kinds
from tests.long_work import run_waiting
from tests.registry_files import FILES
from tests.web.browsing import Person
from tests.web.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def work(town: Town) -> None:
    """What the scheduler does once a second."""
    run_waiting(town.composition.database, kinds(town.composition), town.clock)


def imported(town: Town, person: Person, source: str) -> dict[str, int]:
    """Bring one office's file in through the wizard; return its counts after it was applied."""
    page = person.page
    name, made = FILES[source]
    person.open("/imports")
    page.locator("select[name=source]").select_option(source)
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": made()}
    page.locator("input[type=file]").set_input_files(cast("FilePayload", file))
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(re.compile(r"/imports/\d+$"))
    work(town)
    page.reload()
    page.get_by_role("button", name="写入").click()
    work(town)
    page.reload()
    expect(page.get_by_role("button", name="撤销这次导入")).to_be_visible()
    tiles = page.locator("a.tile").all()
    return {
        tile.locator("span").inner_text().strip(): int(tile.locator("b").inner_text())
        for tile in tiles
    }


def test_three_offices_lists_are_imported_decided_undone_and_imported_again(
    town: Town, person: Person
) -> None:
    """R07: three sources, a conflict list, provenance; the same files again change nothing."""
    person.sign_in("registry_keeper")
    page = person.page

    first = {source: imported(town, person, source) for source in FILES}

    assert (first["licence"]["新增"], first["filing"]["新增"], first["survey"]["新增"]) == (6, 2, 1)
    person.open("/reviews?kind=conflict")
    faults = person.faults()
    decided = 0
    while page.locator("[data-pressed-by='1']").count():
        decided += 1
        asked = page.locator("main form").first.get_attribute("action")
        page.keyboard.press("1")
        expect(page.locator(f"main form[action='{asked}']")).to_have_count(0)
    expect(page.get_by_text("没有待核对的主体")).to_be_visible()
    assert decided == 2, "the name of the first shop and the address of the second"
    person.open("/registry")
    faults += person.faults()

    person.open("/imports")
    page.get_by_role("link", name="survey.csv").click()
    page.get_by_role("button", name="撤销这次导入").click()
    work(town)
    assert town.ask("GET", "/businesses?q=示例无证烤饼摊", "registry_keeper")["items"] == []

    again = {source: imported(town, person, source) for source in FILES}

    assert again["survey"]["新增"] == 1
    for source in ("licence", "filing"):
        assert (again[source]["新增"], again[source]["变更"]) == (0, 0)
    once_more = imported(town, person, "survey")
    assert (once_more["新增"], once_more["变更"]) == (0, 0)
    assert faults == []
