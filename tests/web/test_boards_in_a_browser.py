"""Boards in a real browser: charts are drawn within the policy, for everybody, at both sizes."""

import pypdfium2
import pytest

from api.deriving import derive
from tests.web.browsing import DESK, PHONE, Person
from tests.web.town import Town

pytestmark = pytest.mark.browser

PAGES = (
    "/home",
    "/boards",
    "/boards/holders",
    "/boards/forecast",
    "/boards/open",
    "/boards/export",
)


def live(town: Town) -> None:
    """A case late at the station, one resolved, an emergency."""
    late, resolved = town.file(), town.file()
    town.reach_the_station(late)
    town.accept(resolved, "grid_member")
    town.do(resolved, "grid_member", outcome="resolved", measures="已改正")
    town.do(resolved, "grid_leader", verify_result="passed")
    town.wait_until(town.clock.now().replace(day=12))
    town.file()
    town.report(matter="X01", area="350322")
    derive(town.composition)


def test_every_board_is_sound_at_a_desk_and_on_a_phone(town: Town, person: Person) -> None:
    """R65: axe finds nothing, nothing is wider than the phone, the policy refuses nothing."""
    live(town)
    person.sign_in("supervisor")
    for path in PAGES:
        for size in (DESK, PHONE):
            person.resize(size)
            person.open(f"/{path}")
            assert person.faults() == [], (path, size)
            assert not person.is_scrolled_sideways(), (path, size)


def test_a_wide_table_is_scrolled_on_a_phone_and_not_cut_into_single_signs(
    town: Town, person: Person
) -> None:
    live(town)
    person.sign_in("supervisor")
    person.resize(PHONE)
    person.open("/boards")
    cells = person.page.locator(".scroll tbody :is(th, td):not(.n)")
    assert min(cells.evaluate_all("(all) => all.map((one) => one.offsetWidth)")) > 80
    # The forecast is cards there, what happens on top of each and nothing off the screen.
    person.open("/boards/forecast")
    cards = person.page.locator("table.foreseen tbody tr")
    outcome = cards.first.locator(".happens").first
    assert outcome.bounding_box()["y"] < cards.first.locator("th").bounding_box()["y"]  # type: ignore[index]
    assert all(cards.evaluate_all("(all) => all.map((one) => one.scrollWidth <= innerWidth)"))


def test_a_name_in_a_list_stays_on_its_line_on_a_phone(town: Town, person: Person) -> None:
    live(town)
    person.sign_in("county_officer")
    person.resize(PHONE)
    person.open("/people")

    names = person.page.locator(".card.wide tbody th")
    assert names.count() > 10
    assert max(names.evaluate_all("(all) => all.map((one) => one.offsetHeight)")) < 60


def test_a_chart_is_drawn_described_and_leads_to_its_list(town: Town, person: Person) -> None:
    live(town)
    person.sign_in("supervisor")
    person.open("/boards")
    drawn = person.page.locator("[data-chart] canvas")
    described = person.page.locator("[data-chart] .canvas").first.get_attribute("aria-label")

    assert drawn.count() == person.page.locator("[data-chart]").count() > 3
    assert "未闭环案件" in str(described)
    table = person.page.locator("details.numbers").first
    table.locator("summary").click()
    table.locator("a", has_text="2").first.click()
    person.page.wait_for_url("**/boards/open?age_from=*")


def test_ticking_people_says_how_many_cases_that_is(town: Town, person: Person) -> None:
    live(town)
    person.sign_in("supervisor")
    person.open("/home")
    person.page.locator("[name=holder][data-late='1']").first.check()

    assert "已选 1 个，超期 1 件" in person.page.locator("[data-ticked] .foot").inner_text()

    # The list behind a number is ticked as the inbox is, on a phone after 选择.
    person.resize(PHONE)
    person.open("/boards/open")
    person.page.locator("[data-choose]").click()
    person.page.locator("ul.picks .tick input").first.check()
    assert person.page.locator(".bulk-bar [data-act=chase]").inner_text().split() == ["催办", "1"]


def test_the_wall_draws_itself_and_is_sound(town: Town, person: Person) -> None:
    live(town)
    made = town.ask("POST", "/dashboards/displays", "supervisor", json={"area": "350322"})
    person.resize((1920, 1080))
    person.open(f"/board/{made['token']}")

    person.page.wait_for_selector("canvas")
    assert person.faults() == []
    assert person.page.locator("a").count() == 0


SHIFTED = """() => [...document.querySelectorAll("table")].flatMap((table) => {
  const shown = (row) => [...row.cells].filter((cell) => cell.offsetParent !== null);
  const lefts = (row) => shown(row).map((cell) => cell.getBoundingClientRect().left.toFixed());
  const [head] = table.tHead?.rows ?? [];
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  const whole = rows.filter((row) => head && row.cells.length === head.cells.length);
  const shifted = whole.filter((row) => String(lefts(row)) !== String(lefts(head)));
  return shifted.map((row) => row.innerText);
})"""
"""The rows whose cells do not stand under the heads of their table."""


def test_every_printed_number_stands_under_its_head(town: Town, person: Person) -> None:
    live(town)
    person.sign_in("supervisor")
    checked = 0
    for path in (*PAGES, "/people", "/map?view=areas", "/recurring", "/sync", "/queue"):
        person.open(path)
        for medium in ("screen", "print"):
            person.page.emulate_media(media=medium)
            assert person.page.evaluate(SHIFTED) == [], (path, medium)
        checked += person.page.locator("table").count()
    assert checked > 5


def test_a_leader_takes_two_sheets_along_and_sees_a_number_first_on_a_phone(
    town: Town, person: Person
) -> None:
    """Whatever burns: every emergency is named on paper, and none hides the first figure."""
    filed = [
        town.report(matter="X01", area="350322", description=f"第{place}家有人呕吐")[0]
        for place in range(4)
    ]
    person.sign_in("supervisor")
    person.open("/home")
    paper = pypdfium2.PdfDocument(person.page.pdf(format="A4"))
    read = "".join(sheet.get_textpage().get_text_range() for sheet in paper)
    # Each sign of a cell may come as a line of its own.
    printed = "".join(read.split())

    assert len(paper) <= 2
    assert [number for number in filed if number[-4:] not in printed] == []
    assert [head for head in ("中位用时", "今日到期", "最久") if head not in printed] == []
    pressed = ("我可以发起", "换区域", "看表", "试算", "打印", "还有1件", "勾选")
    assert [word for word in pressed if word in printed] == []

    person.resize(PHONE)
    person.open("/home")
    figure = person.page.locator(".figure").first.bounding_box()
    bar = person.page.locator(".menu").bounding_box()
    assert figure is not None
    assert bar is not None
    assert figure["y"] + figure["height"] <= bar["y"]
    assert person.page.locator(".alarm-line:visible").count() == 4
    # What a phone leaves away stands behind the head of the card.
    person.page.locator(".card-head").get_by_text("看表").click()
    person.page.get_by_text("中位用时").last.wait_for()
    person.open("/boards/holders")
    assert person.page.get_by_text("最久").is_visible()
    assert not person.is_scrolled_sideways()
