"""No page offers what is refused: every link and button of every page, for every demo account."""

import csv
import re
from collections.abc import Iterator
from html import unescape

import pytest

from tests.city import CITY
from tests.web.town import Town, Visitor, hidden_fields

SAMPLE = (CITY / "sample" / "officers.csv").read_text(encoding="utf-8")
ACCOUNTS = [row["username"] for row in csv.DictReader(SAMPLE.splitlines())]
REFUSED = 403
MOST_PAGES = 60

COLLECT = {
    *("unit_leader", "grid_member", "grid_leader", "station_officer", "station_officer2"),
    *("county_officer", "county_officer2", "city_officer"),
    *("catering_section", "emergency_center"),
}


def settle(town: Town) -> None:
    """Something of everything: new, at the station, overdue, resolved, of the public, urgent."""
    at_the_station, resolved = town.file(), town.file(matter="L07")
    town.reach_the_station(at_the_station)
    town.file(matter="other")
    town.accept(resolved, "station_officer")
    town.do(resolved, "station_officer", outcome="resolved", measures="已改正")
    town.report()
    town.report(matter="X01", area="350322")


def links(page: str) -> Iterator[str]:
    """The paths a page leads to within the site."""
    for href in re.findall(r'<a\b[^>]*href="(/[^"#]*)', page):
        yield unescape(href)


def buttons(page: str) -> Iterator[tuple[str, str]]:
    """Where the forms of a page are sent, with the form; those without an address come back."""
    for form in re.findall(r'<form\b[^>]*method="post".*?</form>', page, re.DOTALL):
        leads_to = re.search(r'action="([^"]*)"', form.split(">", 1)[0])
        yield (unescape(leads_to[1]) if leads_to else ""), form


def pages_of(visitor: Visitor) -> dict[str, str]:
    """Every page somebody comes to from the inbox by following links, each kind of view once."""
    found: dict[str, str] = {}
    waiting = ["/inbox", "/inbox?view=all", "/inbox?view=late", "/inbox?view=team"]
    while waiting and len(found) < MOST_PAGES:
        path = waiting.pop(0)
        if path in found or path.startswith(("/assets", "/style")):
            continue
        answer = visitor.get(path)
        assert answer.status_code != REFUSED, path
        is_page = answer.mimetype == "text/html" and answer.status_code == 200
        found[path] = answer.get_data(as_text=True) if is_page else ""
        waiting += [link for link in links(found[path]) if link not in found]
    return found


def press(visitor: Visitor, path: str, page: str) -> Iterator[tuple[str, int]]:
    """Press every button of a page with something typed into its texts."""
    for action, form in buttons(page):
        target = action or path
        if target in {"/leave", "/language"}:
            continue
        typed = dict.fromkeys(re.findall(r'<textarea[^>]*name="([^"]+)"', form), "请尽快处理")
        sent = {**hidden_fields(page, target), **typed}
        yield target, visitor.client.post(target, data=sent).status_code


@pytest.mark.parametrize("who", ACCOUNTS)
def test_no_link_and_no_button_is_refused(town: Town, who: str) -> None:
    settle(town)
    visitor = town.visitor(who)

    pages = pages_of(visitor)
    refused = [
        (path, target)
        for path, page in pages.items()
        for target, status in press(visitor, path, page)
        if status == REFUSED
    ]

    assert refused == []
    assert ("/report" in pages) == (who in COLLECT)


def test_who_may_not_report_reads_so_before_typing(town: Town) -> None:
    answer = town.visitor("supervisor").get("/report")

    assert answer.status_code == REFUSED
    assert "您的岗位不上报" in answer.get_data(as_text=True)
