"""Pages of bright kitchens: the queue with its picture, cameras, and no number of a review."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from storage.tables import case_
from tests import vendor
from tests.web.browsing import Person
from tests.web.town import Town

CAMERA = {
    "business": "1",
    "vendor": vendor.VENDOR,
    "stream_ref": "kitchen-1",
    "kind": "live",
    "position_in_kitchen": "切配间",
}
CAMERAS = "/kitchens/cameras"
QUEUE = "/kitchens/queue"


def snapped(town: Town, ident: str, **more: str) -> int:
    """Have the vendor send a snapshot."""
    body = vendor.a_snapshot(ident, "kitchen-1", town.clock.now(), **more)
    sent = vendor.signed(body, town.clock.now())
    answer = town.app.test_client().post("/api/v1/snapshots", **sent)
    assert answer.status_code == 201, answer.get_json()
    return int(answer.get_json()["id"])


def test_a_snapshot_is_seen_and_decided_with_one_press(town: Town) -> None:
    """R12: the station looks, decides, and a confirmed one is its case."""
    vendor.configure(town.composition.settings.var_folder)
    section, station = town.visitor("catering_section"), town.visitor("station_officer")
    added = section.submit(CAMERAS, **CAMERA)
    first = snapped(town, "s-1")
    second = snapped(town, "s-2", kind="rodent")
    home, queue = station.page("/home"), station.page(QUEUE)
    with town.composition.database.reading() as session:
        reviews = list(session.execute(select(case_.c.number)).scalars())
    paths = ("/home", "/inbox", "/inbox?view=late", "/cases", QUEUE, "/kitchens/snapshots")
    pages = {path: station.page(path) for path in paths}

    picture = station.get(f"/kitchens/snapshots/{first}/picture")
    empty = station.submit(f"/kitchens/snapshots/{first}/review", on=QUEUE)
    confirmed = station.submit(
        f"/kitchens/snapshots/{first}/review", on=QUEUE, decision="confirmed"
    )
    after = station.page(confirmed.location)
    station.submit(f"/kitchens/snapshots/{second}/review", on=QUEUE, reason="misread")

    assert added.status_code == 303
    assert QUEUE in home
    assert f"/kitchens/snapshots/{first}/picture" in queue
    assert [number for number in reviews for page in pages.values() if number in page] == []
    assert (picture.content_type, picture.data[:2]) == ("image/jpeg", b"\xff\xd8")
    assert empty.status_code == 422
    assert "已转为事件" in after
    assert f"/kitchens/snapshots/{second}/review" in after, "the next one at once"
    assert "没有待您核实的抓拍" in station.page(QUEUE)
    listed = station.page("/kitchens/snapshots?review=dismissed")
    assert "识别有误" in listed
    assert (
        town.visitor("grid_member").get(f"/kitchens/snapshots/{first}/picture").status_code == 403
    )


def test_cameras_are_registered_watched_and_taken_out_of_use_on_their_page(town: Town) -> None:
    vendor.configure(town.composition.settings.var_folder, gateway="https://gateway.example")
    section = town.visitor("catering_section")
    refused = section.submit(CAMERAS, **{**CAMERA, "stream_ref": "rtsp://a:b@c"})
    section.submit(CAMERAS, **CAMERA)

    live = section.submit("/kitchens/cameras/1/live", on=CAMERAS).get_data(as_text=True)
    card = town.visitor("station_officer").page("/businesses/1")
    section.submit("/kitchens/cameras/1/change", on=CAMERAS, status="retired")

    assert refused.status_code == 422
    assert "rtsp://a:b@c" in refused.get_data(as_text=True), "the form keeps its content"
    assert "https://gateway.example/kitchen-1/?token=" in live
    assert "切配间" in card
    assert "明厨亮灶" in card
    assert "已停用" in section.page(CAMERAS)


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_each_answer_to_a_snapshot_is_given_by_its_button(town: Town, person: Person) -> None:
    """R12: pressed in a browser, only the pressed button turns, and the next one is there."""
    vendor.configure(town.composition.settings.var_folder)
    town.visitor("catering_section").submit(CAMERAS, **CAMERA)
    for ident, kind in (("s-1", "rodent"), ("s-2", "no_mask"), ("s-3", "no_cap")):
        snapped(town, ident, kind=kind)
    person.sign_in("station_officer")
    person.open(QUEUE)
    for name, told in (("属实，转为事件", "已转为事件"), ("拿不准", "餐饮"), ("识别有误", "")):
        if not told:
            person.page.get_by_text("不属实", exact=True).click()
        person.page.get_by_role("button", name=name).click()
        expect(person.page.get_by_role("status").filter(has_text=told).first).to_be_visible()
    expect(person.page.locator("main")).to_contain_text("没有待您核实的抓拍")
