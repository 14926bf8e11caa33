"""The pictures of the documentation and of the handbook, taken of a county at work.

`make pictures` takes them again where they belong; the suite takes them into a folder of its own,
so that they can always be taken.
"""

import os
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
WALL = (1920, 1080)
PAGES = ROOT / "docs" / "pictures" / "pages"
IN_THE_HANDBOOK = 1100
"""Pixels a picture of a desk is wide there."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as somebody sees it."""

    name: str
    who: str
    path: str
    size: tuple[int, int] = WIDE
    theme: str = "light"


PICTURES = (
    Picture("home_leader", "supervisor", "/home"),
    Picture("home_leader-phone", "supervisor", "/home", PHONE),
    Picture("home", "station_officer", "/home"),
    Picture("home-phone", "grid_member", "/home", PHONE),
    Picture("inbox", "station_officer", "/inbox"),
    Picture("inbox-dark", "station_officer", "/inbox", theme="dark"),
    Picture("inbox-phone", "grid_member", "/inbox", PHONE),
    Picture("task-phone", "grid_member", "first", PHONE),
    Picture("report-phone", "grid_member", "/report", PHONE),
    Picture("case", "supervisor", "whole"),
    Picture("people", "admin_security", "/people"),
    Picture("board", "supervisor", "wall", WALL),
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
    }

    for picture in PICTURES:
        person = Person(browser, address, size=picture.size)
        person.page.emulate_media(color_scheme=picture.theme)  # type: ignore[arg-type]
        person.sign_in(picture.who)
        person.open("/inbox" if picture.path in ways else picture.path)
        if picture.path in ways:
            ways[picture.path](person)
        person.page.wait_for_load_state("networkidle")
        person.page.screenshot(path=into / f"{picture.name}.png", animations="disabled")
        person.leave()
    for name in used_in_the_handbook():
        as_webp(into / f"{name}.png", of_help / f"{name}.webp")

    assert {file.stem for file in into.glob("*.png")} == {file.stem for file in PAGES.glob("*.png")}
    assert {file.stem for file in HELP.glob("*.webp")} == used_in_the_handbook()


def open_wall(person: Person) -> None:
    """Open a wall by a link of its own."""
    person.open("/boards/displays")
    person.page.get_by_role("button", name="开通链接").click()
    address = person.page.locator("a[href*='/board/']").first.get_attribute("href")
    assert address
    person.page.goto(address)


def used_in_the_handbook() -> set[str]:
    """The pictures its pages show."""
    return {page["picture"] for page in pages().values()}


def as_webp(picture: Path, into: Path) -> None:
    """A picture as the handbook shows it: small enough to be read on a phone's connection."""
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    image.thumbnail((IN_THE_HANDBOOK, 2 * IN_THE_HANDBOOK), Image.Resampling.LANCZOS)
    image.save(into, "WEBP", quality=80, method=6)
