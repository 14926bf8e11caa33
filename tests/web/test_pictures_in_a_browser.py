"""The pictures of the documentation and of the handbook, taken of a county at work.

`make pictures` takes them again where they belong; the suite takes them into a folder of its own,
so that they can always be taken.
"""

import io
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.architecture.tree import ROOT
from tests.web.browsing import PHONE, Person
from tests.web.day import live
from tests.web.town import Town
from web.pages.help.handbook import HELP, pages

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WIDE = (1440, 900)
TALL = (1440, 1080)
WALL = (1920, 1080)
COUNTY = "350322"
PAGES = ROOT / "docs" / "pictures" / "pages"
IN_THE_HANDBOOK = 1100
"""Pixels a picture of a desk is wide there."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as somebody sees it; the public has no name."""

    name: str
    who: str
    path: str
    size: tuple[int, int] = WIDE
    theme: str = "light"


PICTURES = (
    Picture("home_leader", "supervisor", f"/home?area={COUNTY}"),
    Picture("home_leader-phone", "supervisor", f"/home?area={COUNTY}", PHONE),
    Picture("home", "station_officer", "/home"),
    Picture("home-phone", "grid_member", "/home", PHONE),
    Picture("inbox", "station_officer", "/inbox"),
    Picture("inbox-dark", "station_officer", "/inbox", theme="dark"),
    Picture("inbox-phone", "grid_member", "/inbox", PHONE),
    Picture("task-phone", "grid_member", "first", PHONE),
    Picture("report-phone", "grid_member", "/report", PHONE),
    Picture("case", "supervisor", "whole", TALL),
    Picture("public_home-phone", "", "/public", PHONE),
    Picture("public_report-phone", "", "written", PHONE),
    Picture("receipt-phone", "", "sent", PHONE),
    Picture("board", "supervisor", "wall", WALL),
    Picture("map", "supervisor", f"/map?area={COUNTY}"),
    Picture("sign_in", "", "/sign-in"),
    Picture("styleguide", "", "/styleguide", TALL),
    Picture("styleguide-dark", "", "/styleguide", TALL, theme="dark"),
    Picture("people", "admin_security", "/people"),
)


def test_every_picture_of_the_pages_can_be_taken(
    town: Town, browser: Browser, address: str, tmp_path: Path
) -> None:
    wanted = os.environ.get("HANGJI_PICTURES") == "yes"
    into, of_help = (PAGES, HELP) if wanted else (tmp_path, tmp_path)
    whole = live(town)
    ways = {
        "first": lambda person: person.page.locator("ul.list > li > a").first.click(),
        "whole": lambda person: person.open(f"/cases/{whole}"),
        "wall": open_wall,
        "written": write_report,
        "sent": send_report,
    }

    people: dict[tuple[str, tuple[int, int]], Person] = {}
    for picture in PICTURES:
        person = people.get((picture.who, picture.size))
        if person is None:
            person = people[picture.who, picture.size] = Person(browser, address, size=picture.size)
            if picture.who:
                person.sign_in(picture.who)
        person.page.emulate_media(color_scheme=picture.theme)  # type: ignore[arg-type]
        if picture.path in ways:
            if picture.who:
                person.open("/inbox")
            ways[picture.path](person)
        else:
            person.open(picture.path)
        person.page.wait_for_load_state("networkidle")
        take(person, into / f"{picture.name}.png")
    for person in people.values():
        person.leave()
    for name in used_in_the_handbook():
        as_webp(into / f"{name}.png", of_help / f"{name}.webp")

    names = {picture.name for picture in PICTURES}
    assert {file.stem for file in into.glob("*.png")} == names
    assert {file.stem for file in PAGES.glob("*.png")} == names
    assert {file.stem for file in HELP.glob("*.webp")} == used_in_the_handbook()


def test_the_list_of_the_pictures_names_each_of_them_and_who_sees_it() -> None:
    listed = re.findall(r"^\| `([^`]+)` \|", (PAGES / "README.md").read_text("utf-8"), re.MULTILINE)

    assert listed == [f"{picture.name}.png" for picture in PICTURES]


def take(person: Person, into: Path) -> None:
    """Photograph the window, in as many colours as a page has."""
    taken = person.page.screenshot(animations="disabled")
    with Image.open(io.BytesIO(taken)) as opened:
        few = opened.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(into, "PNG", optimize=True)


def open_wall(person: Person) -> None:
    """Open a wall by a link of its own."""
    person.open("/boards/displays")
    person.page.locator("[name=area]").select_option(COUNTY)
    person.page.get_by_role("button", name="开通链接").click()
    address = person.page.locator("a[href*='/board/']").first.get_attribute("href")
    assert address
    person.page.goto(address)


def write_report(person: Person) -> None:
    """Begin a report as a citizen."""
    page = person.page
    person.open("/public/report")
    page.get_by_role("checkbox", name="举报").check()
    page.get_by_label("情况描述").fill("小卖部卖过期牛奶，货架上还有十几瓶。")


def send_report(person: Person) -> None:
    """Send it, to see its receipt."""
    page = person.page
    write_report(person)
    for field, code in (("", COUNTY), ("-350322", "350322100"), ("-350322100", "350322100001")):
        page.locator(f"#area{field}").select_option(code)
    page.get_by_role("button", name="提交").click()
    page.locator("#query_code").wait_for()
    page.evaluate("window.scrollTo(0, 0)")


def used_in_the_handbook() -> set[str]:
    """The pictures its pages show."""
    return {page["picture"] for page in pages().values()}


def as_webp(picture: Path, into: Path) -> None:
    """A picture as the handbook shows it: small enough to be read on a phone's connection."""
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    image.thumbnail((IN_THE_HANDBOOK, 2 * IN_THE_HANDBOOK), Image.Resampling.LANCZOS)
    image.save(into, "WEBP", quality=80, method=6)
