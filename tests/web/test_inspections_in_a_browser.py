"""A day of inspections on a phone without a signal: each record is on file once, with photos."""

import pytest
from playwright.sync_api import expect

from tests.build import a_business
from tests.web.phone import READY, Officer
from tests.web.signal import Signal
from tests.web.town import Town, a_photo

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

RECORDS, WITH_PHOTO = 12, 5
LINE = "licence_shown"


def begun(town: Town) -> list[str]:
    """A plan of the station for as many shops, started; gives the numbers."""
    with town.composition.database.transaction() as session:
        shops = [a_business(session, name=f"第{n}家示例店") for n in range(RECORDS)]
    people = [town.ask("GET", "/me", f"station_officer{n}")["id"] for n in ("", "2")]
    body = {
        "kind": "work_supervision",
        "title": "节前检查",
        "since": "2026-03-02",
        "until": "2026-03-20",
        "businesses": shops,
        "inspectors": people,
    }
    plan = town.ask("POST", "/inspections", "station_officer", json=body)["plan"]["id"]
    return list(town.ask("POST", f"/inspections/{plan}/start", "station_officer")["numbers"])


def fill_in(officer: Officer, number: str, *, colour: int | None) -> None:
    """Answer a line of a kept checklist, with or without a photo, and press."""
    page = officer.person.page
    officer.person.open(f"/cases/{number}/inspection")
    page.locator(f"[name='answer-{LINE}'][value=yes]").check()
    if colour is not None:
        picture = a_photo(colour=(colour, 40, 40), side=600).read()
        photo = {"name": "一.jpg", "mimeType": "image/jpeg", "buffer": picture}
        page.locator(f"#photos-{LINE}").set_input_files([photo])  # type: ignore[list-item]
        expect(page.locator(".chosen img")).to_have_count(1)
    page.get_by_role("button", name="保存检查表").click()
    expect(page.get_by_text("已存在这台设备")).to_be_visible()


def test_twelve_records_of_a_day_without_a_signal_are_on_file_once_wherever_it_breaks(
    town: Town, officer: Officer, signal: Signal
) -> None:
    """R28: five of them with a photo; the network ends in a request, after one, and between two."""
    numbers = begun(town)
    officer.person.sign_in("station_officer")
    # Two pages for each record are kept first; a slow machine takes longer than one look.
    while officer.person.page.evaluate(READY):
        continue
    signal.take_away()
    officer.reopen()
    for place, number in enumerate(numbers):
        fill_in(officer, number, colour=place * 40 if place < WITH_PHOTO else None)
    assert not officer.person.is_scrolled_sideways()

    for cut_at, lose_at in ((3, None), (None, 7)):
        signal.give_back()
        signal.happened.clear()
        if cut_at is not None:
            signal.cut_at = f"POST /cases/{numbers[cut_at]}/".encode()
        if lose_at is not None:
            signal.lose_at = f"POST /cases/{numbers[lose_at]}/".encode()
        officer.reopen()
        officer.person.open("/inbox")
        assert signal.happened.wait(30)
    signal.give_back()
    officer.reopen()
    officer.person.open("/inbox")
    officer.is_quiet()

    records = [town.ask("GET", f"/cases/{each}/inspection", "station_officer") for each in numbers]
    lines = [record["items"] for record in records]
    photos = [town.ask("GET", f"/cases/{each}", "station_officer")["photos"] for each in numbers]
    assert [(line["item"], line["version"]) for items in lines for line in items] == [
        (LINE, 1)
    ] * RECORDS
    assert [len(kept) for kept in photos] == [1] * WITH_PHOTO + [0] * (RECORDS - WITH_PHOTO)
    assert [items[0]["photos"] for items in lines] == photos
