"""Refusals are told in their own words; only where no answer came, the network is blamed."""

import io
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Thread

import pytest
from PIL import Image
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.web.browsing import PHONE, Person
from tests.web.town import Town

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NO_NETWORK = "没有连上系统"
EXTENDED = "延期申请还在审批"


def big_photo() -> bytes:
    """A picture as heavy as a phone's, made small by the page: noise cannot be packed well."""
    out = io.BytesIO()
    Image.effect_noise((2000, 1500), 90).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


@dataclass
class Cut:
    """A way to the pages that is closed once, by the first request that brings too much."""

    address: str
    after: int
    listening: socket.socket
    times: int = 0

    def serve(self) -> None:
        """Hand on connections until the door is closed."""
        host, port = self.address.removeprefix("http://").split(":")
        with suppress(OSError):
            while True:
                near, _ = self.listening.accept()
                far = socket.create_connection((host, int(port)))
                Thread(target=self.pump, args=(near, far, self.after), daemon=True).start()
                Thread(target=self.pump, args=(far, near, sys.maxsize), daemon=True).start()

    def pump(self, source: socket.socket, sink: socket.socket, most: int) -> None:
        """Hand on what one side sends, until it ends or brought too much."""
        passed = 0
        with suppress(OSError):
            while data := source.recv(65536):
                passed += len(data)
                if passed > most and not self.times:
                    self.times += 1
                    break
                sink.sendall(data)
        for end in (source, sink):
            end.close()


@contextmanager
def cut_off(address: str, *, after: int) -> Iterator[tuple[str, Cut]]:
    """Such a way, open for a while; gives its address too."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        cut = Cut(address, after, listening)
        Thread(target=cut.serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", cut


def stays_quiet(page: Page) -> list[str]:
    """Collects what the page asks before it is left."""
    asked: list[str] = []

    def note(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", note)
    return asked


def test_the_second_of_two_officers_reads_who_was_first_and_when(
    town: Town, browser: Browser, address: str
) -> None:
    number = town.file(matter="L07")
    task = town.task(number)
    first, second = (Person(browser, address, size=PHONE) for _ in range(2))
    for person, who in ((first, "station_officer"), (second, "station_officer2")):
        person.sign_in(who)
        person.open(f"/tasks/{task}")
    first.page.get_by_role("button", name="签收", exact=True).click()
    first.page.get_by_role("status").filter(has_text="已提交").wait_for()

    second.page.get_by_role("button", name="签收", exact=True).click()

    told = second.page.get_by_role("alert")
    expect(told).to_contain_text("演示市管所01")
    expect(told).to_contain_text("09:00")
    expect(second.page.get_by_text(NO_NETWORK)).to_have_count(0)
    # Nothing was typed: there is nothing to keep of it.
    expect(second.page.locator("[data-part=stopped]")).to_be_hidden()
    asked = stays_quiet(second.page)
    faults = second.faults()
    told.get_by_role("link", name=number).click()
    second.page.wait_for_url(f"**/cases/{number}")
    assert (asked, faults) == ([], [])
    second.complaints.clear()
    for person in (first, second):
        person.leave()


def test_an_upload_that_is_cut_files_nothing_and_the_next_signal_files_once(
    town: Town, browser: Browser, address: str
) -> None:
    with cut_off(address, after=150_000) as (cut_address, cut):
        person = Person(browser, cut_address, size=PHONE)
        person.sign_in("grid_member")
        person.open("/report")
        page = person.page
        # An answer to anything else would say that the signal is back.
        with page.expect_response("**/report/alike"):
            page.get_by_label("事项").select_option("L01")
        page.get_by_label("情况描述").fill("上传中断")
        photo = {"name": "店面.jpg", "mimeType": "image/jpeg", "buffer": big_photo()}
        page.locator("#photos").set_input_files([photo])  # type: ignore[list-item]
        expect(page.locator(".chosen img")).to_have_count(1)
        page.get_by_role("button", name="上报", exact=True).click()
        expect(page.get_by_text(NO_NETWORK)).to_be_visible()
        filed = len(town.ask("GET", "/cases", "grid_member")["items"])

        page.evaluate("dispatchEvent(new Event('online'))")
        page.get_by_role("status").filter(has_text="已上报").wait_for()

        assert (cut.times, filed) == (1, 0)
        assert len(town.ask("GET", "/cases", "grid_member")["items"]) == 1
        person.complaints.clear()
        person.leave()


def test_a_refused_second_request_leaves_nothing_unsent(town: Town, person: Person) -> None:
    """Pressing again changes nothing, so leaving the page asks nothing."""
    number = town.file()
    town.accept(number, "grid_member")
    task = town.task(number)
    town.ask("POST", f"/tasks/{task}/extend", "grid_member", json={"reason": "等待配件"})
    person.sign_in("grid_member")
    person.open(f"/tasks/{task}")
    page = person.page
    page.locator("summary").filter(has_text="申请延期").click()
    page.locator("#extend-reason").fill("再等等")
    page.get_by_role("button", name="申请延期").click()
    expect(page.get_by_role("alert")).to_contain_text(EXTENDED)
    asked = stays_quiet(page)

    page.get_by_role("link", name="返回待办").click()
    page.get_by_role("heading", name="待办", level=1).wait_for()

    assert asked == []
    person.complaints.clear()


def test_the_way_back_keeps_view_and_search(town: Town, person: Person) -> None:
    town.file()
    person.sign_in("grid_member")
    person.open("/inbox?view=team&q=%E8%AE%B8%E5%8F%AF")
    page = person.page
    page.locator("ul.list a").first.click()

    page.get_by_role("link", name="返回待办").click()

    page.wait_for_url("**/inbox?view=team&q=*")
    expect(page.get_by_role("searchbox", name="搜索待办")).to_have_value("许可")
