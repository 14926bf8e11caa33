"""The page of a check: self-contained, findings on elements, the way to one played in steps."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api.checked_page import page_of_coverage, page_of_findings
from api.settings import ROOT
from engine.check import check_bundle
from engine.definitions import read_folder_raw
from engine.findings import Finding, Text
from engine.scenarios.coverage import Covered
from handlers.policy import POLICIES

FILE = "follow_up.bpmn"
WAY = ("follow_up_started", "next_round", "report_progress", "is_it_finished")
FOUND = Finding(
    "error",
    "no_end_reached",
    FILE,
    "is_it_finished",
    Text("走不到结束。", "The end is not reached."),
    Text("请接上。", "Connect it."),
    WAY,
    "R43",
)


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """The shipped diagrams."""
    return read_folder_raw(ROOT / "bpmn")


def test_the_page_names_rule_reason_way_out_and_clause_and_draws_every_diagram(
    files: dict[str, bytes],
) -> None:
    page = page_of_findings(files, [FOUND])

    for words in ("no_end_reached", "走不到结束。", "请接上。", "R43", "1 个错误"):
        assert words in page
    drawn = [name for name in files if name.endswith(".bpmn")]
    assert page.count("<svg") == len(drawn)
    assert "default-src 'none'" in page
    assert 'data-id="resolve_or_pass_up"' in page


def test_what_a_hostile_file_says_is_text_on_the_page() -> None:
    hostile = (ROOT / "bpmn" / FILE).read_bytes()
    name = '"&gt;&lt;/svg&gt;&lt;script&gt;alert(1)&lt;/script&gt;'
    hostile = hostile.replace("反馈进展".encode(), name.encode())
    hostile = hostile.replace(b'id="follow_up"', b'id="follow_up&quot; onload=&quot;x"')
    found = check_bundle({FILE: hostile, "bad.bpmn": b"<"}, policies=POLICIES)

    page = page_of_findings({FILE: hostile, "bad.bpmn": b"<"}, found)

    assert "<script>alert" not in page
    assert 'onload="' not in page
    assert page.count("<script>") == 1


def test_what_scenarios_reach_is_coloured(files: dict[str, bytes]) -> None:
    times = {"report_progress": 2, "next_round": 0}
    drawn = [
        Covered(name.removesuffix(".bpmn"), name, times if name == FILE else {})
        for name in files
        if name.endswith(".bpmn")
    ]

    page = page_of_coverage(files, "1 of 1", [], drawn, [Covered("chase", "chase.dmn", {"due": 0})])

    assert 'data-visited="report_progress" data-missed="next_round"' in page
    assert '<li class="missed">due</li>' in page


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("width", [390, 1440])
def test_the_way_to_a_finding_is_played_on_the_drawing_without_any_network(
    browser: Browser, tmp_path: Path, files: dict[str, bytes], width: int
) -> None:
    written = tmp_path / "check.html"
    written.write_text(page_of_findings(files, [FOUND]), "utf-8")
    asked: list[str] = []
    said: list[str] = []
    page = browser.new_context(viewport={"width": width, "height": 844}).new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))

    page.goto(written.as_uri())
    expect(page.locator("g.has-error")).to_have_attribute("data-id", "is_it_finished")
    for place, element in enumerate(WAY, start=1):
        page.get_by_role("button", name="下一步 next").click()
        expect(page.locator("g.here")).to_have_attribute("data-id", element)
        expect(page.locator("g.on-way")).to_have_count(place)
    page.get_by_role("button", name="演示路径 play").click()
    expect(page.locator("g.here")).to_have_attribute("data-id", WAY[-1], timeout=10_000)

    assert (asked, said) == ([written.as_uri()], [])
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
