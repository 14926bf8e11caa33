"""First pages of those who keep the staff and the system: each number opens the list it counts."""

import re
from html import unescape

from api.deriving import check_staffing
from api.operating import kinds
from engine.background.incidents import note_guessing
from tests.long_work import run_waiting
from tests.web.test_boards import length, live, numbers
from tests.web.town import Town, Visitor

ROWS = {
    "/inbox": r'<li class="[^"]*">(?:<label.*?</label>)?<a href="/(?:tasks|cases)/',
    "/round": r'data-due="yes"',
    "/staff-gaps": r'<tr><th scope="row"><a href="/villages/',
    "/self-inspections": r'<a href="/businesses/\d+/account"',
    "/inspection-plans": r'<a href="/inspection-plans/\d+"',
    "/people": r'<a href="/people/\d+"',
    "/imports": r'<a href="/imports/\d+"',
    "/boards/incidents": r'<div class="incident">',
    "/audit": r'<a href="/audit\?subject=',
}
"""How a row of each list is told from everything else on its page."""

PERIOD = {"since": "2026-03-02", "until": "2026-03-20"}
EXPECTED = {
    "station_officer": {
        "/inbox",
        "/round",
        "/staff-gaps",
        "/self-inspections",
        "/inspection-plans",
    },
    "county_officer": {"/staff-gaps", "/self-inspections", "/inspection-plans"},
    "city_officer": {"/staff-gaps", "/inspection-plans"},
    "admin_system": {"/boards/incidents", "/people", "/imports"},
    "admin_security": {"/boards/incidents", "/people"},
    "admin_audit": {"/audit"},
}
"""The lists each of them finds on the first page, at least."""


def busy(town: Town) -> None:
    """Gaps, cases of every age, a plan, a suspended account, a checked list, a tried password."""
    live(town)
    check_staffing(town.composition)
    planned = {"title": "示例双随机", "kind": "double_random", "count": "1", **PERIOD}
    page = "/inspection-plans/new"
    town.visitor("station_officer").submit(page, on=page, drawn_inspectors="2", **planned)
    leaver = town.ask("GET", "/people?q=grid_member", "admin_system")["items"][0]["id"]
    town.ask("POST", f"/people/{leaver}/suspend", "admin_system", json={"reason": "离职"})
    with town.composition.database.transaction() as session:
        note_guessing(session, leaver, "grid_member", 30, now=town.clock.now())
    town.visitor().sign_in("station_officer", password="wrong")
    keeper = town.visitor("admin_system")
    file = ("名单.csv", "用户名,姓名,岗位\n新来,新来,admin_audit:3503".encode())
    keeper.submit("/imports", kind="people", file=file)
    run_waiting(town.composition.database, kinds(town.composition), town.clock)


def slots(page: str) -> list[tuple[str, int]]:
    """The lines of a first page that carry a number, and where each leads."""
    found = re.findall(
        r'<a [^>]*href="([^"]+)">(?:(?!</a>).)*?<b class="end">(\d+)</b></a>', page, re.DOTALL
    )
    tiles = re.findall(r'<a class="tile[^"]*" href="([^"]+)">.*?<b>(\d+)</b>', page, re.DOTALL)
    return [(unescape(href), int(count)) for href, count in [*found, *tiles]]


def listed(visitor: Visitor, path: str) -> int:
    """How many rows a list has, page by page."""
    base = path.partition("?")[0]
    if base not in ROWS:
        return length(visitor, path)
    page = visitor.page(path)
    more = re.search(r'<p class="actions"><a class="button" href="([^"]+cursor=[^"]+)"', page)
    rows = len(re.findall(ROWS[base], page, re.DOTALL))
    return rows + (listed(visitor, unescape(more[1])) if more else 0)


def test_every_number_of_a_first_page_opens_a_list_of_that_length(town: Town) -> None:
    busy(town)
    lists = {}
    for who in EXPECTED:
        visitor = town.visitor(who)
        shown = [*slots(visitor.page("/home")), *numbers(visitor.page("/home"))]

        lengths = {href: listed(visitor, href) for href, _ in shown}
        assert lengths == dict(shown), who
        lists[who] = {href.partition("?")[0] for href, _ in shown}
        assert any(count for href, count in shown if not href.startswith("/inbox")), who

    assert {
        who: EXPECTED[who] - found for who, found in lists.items() if EXPECTED[who] - found
    } == {}


def test_who_keeps_the_accounts_safe_settles_a_tried_password_and_sees_no_case(town: Town) -> None:
    number = town.file()
    with town.composition.database.transaction() as session:
        note_guessing(session, 1, "unit_leader", 30, now=town.clock.now())
    guard = town.visitor("admin_security")

    assert "unit_leader" in guard.page("/boards/incidents")
    assert number not in guard.page("/boards/incidents")
    (row,) = town.ask("GET", "/incidents", "admin_security")["items"]
    guard.submit(f"/boards/incidents/{row['id']}/retry", on="/boards/incidents")
    assert town.ask("GET", "/incidents", "admin_security")["items"] == []


def test_who_has_no_task_reads_first_of_the_round_that_is_due(town: Town) -> None:
    """R37: nobody is told that nothing waits while shops are to be visited."""
    home = town.visitor("grid_member").page("/home")

    assert "没有等您办理的事" not in home
    assert home.index("应巡查") < home.index("没有待办的案件；还等着您的在上面")
    assert home.count('href="/round"') >= 2


def test_a_hexagon_says_a_village_without_what_all_villages_are_called(town: Town) -> None:
    """The names lie inside their shapes; the table beside them has them whole."""
    sketch = town.visitor("station_officer").page("/map/small")

    assert re.findall(r"<text[^>]*>(学士社区[^<]*)<", sketch) == ["学士社区"]
    assert "学士社区居委会" in sketch
