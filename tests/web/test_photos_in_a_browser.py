"""Photos come one by one from a camera, may be taken out again, and before is told from after."""

from typing import Any

import pytest
from playwright.sync_api import FilePayload, expect

from tests.web.browsing import PHONE, Person
from tests.web.town import Town, a_photo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

RED, GREEN, BLUE = (190, 40, 40), (40, 160, 40), (40, 40, 190)


def photo(name: str, colour: tuple[int, int, int]) -> FilePayload:
    """A picture as a file that is chosen."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": a_photo(colour=colour).read()}


def test_a_second_choice_adds_and_each_photo_can_be_removed(person: Person) -> None:
    person.resize(PHONE)
    person.sign_in("grid_member")
    person.open("/report")
    page = person.page
    page.get_by_label("事项").select_option("L04")
    page.get_by_label("情况描述").fill("店里有鼠迹")
    field, chosen = page.locator("#photos"), page.locator(".chosen li")

    for name, colour in (("一.jpg", RED), ("二.jpg", GREEN), ("三.jpg", BLUE)):
        field.set_input_files([photo(name, colour)])
    expect(chosen.locator("img")).to_have_count(3)
    field.set_input_files([])  # the camera was closed without a picture
    expect(chosen).to_have_count(3)
    page.get_by_role("button", name="移除 二.jpg").click()
    faults = person.faults()
    wide = person.is_scrolled_sideways()
    page.get_by_role("button", name="上报", exact=True).click()
    page.get_by_role("status").filter(has_text="已上报").wait_for()

    expect(page.locator(".case-now .photos img")).to_have_count(2)
    assert (faults, wide) == ([], False)


def pictures(town: Town, who: str, *colours: tuple[int, int, int]) -> list[str]:
    """Photos somebody has uploaded."""
    return [
        str(
            town.ask(
                "POST",
                "/attachments",
                who,
                data={"file": (a_photo(colour=colour), "photo.jpg", "image/jpeg")},
            )["id"]
        )
        for colour in colours
    ]


@pytest.mark.parametrize("has_before", [True, False])
def test_the_verifier_sees_before_and_after_apart(
    town: Town, person: Person, *, has_before: bool
) -> None:
    given: dict[str, Any] = {"photos": pictures(town, "grid_member", RED)} if has_before else {}
    number = town.file(matter="L07", **given)
    town.accept(number, "station_officer")
    after = pictures(town, "station_officer", GREEN)
    form = {"outcome": "resolved", "measures": "已改正", "photos_after": after}
    town.do(number, "station_officer", **form)
    person.resize(PHONE)
    person.sign_in("grid_member")

    for path in (f"/tasks/{town.task(number)}", f"/cases/{number}"):
        person.open(path)
        figures = person.page.locator(".compared figure")
        expect(figures).to_contain_text(["处置前" if has_before else "没有照片", "处置后"])
        expect(figures.nth(0).locator("img")).to_have_count(1 if has_before else 0)
        expect(figures.nth(1).locator("img")).to_have_count(1)
        expect(figures.nth(1).locator(f"img[src*='{after[0]}']")).to_have_count(1)
        assert person.faults() == []
        assert not person.is_scrolled_sideways()
