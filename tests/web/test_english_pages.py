"""In English a page is English, but for what people wrote and what places are called."""

import json
import re
from collections.abc import Iterator
from html import unescape

import pytest
from sqlalchemy import select

from storage.tables import metadata
from tests.web.town import PASS_UP, Town, Visitor

CHINESE = re.compile(r"[\u4e00-\u9fff]+")
NOT_TEXT = re.compile(r"<(script|style|textarea)\b.*?</\1>", re.DOTALL)
READ_ALOUD = re.compile(
    r'\b(?:aria-label|title|alt|placeholder|data-(?!words)[\w-]+|content)="([^"]*)"'
)
DRAWN = {"process_definition", "definition_file", "case_event", "task", "release"}
"""Tables whose Chinese is not written by people at work: pages say it in the reader's language."""
SWITCH = "中文"
MOST = 60


def written(town: Town) -> str:
    """Everything people have written and everything that has a name."""
    texts = [PASS_UP["reason"]]
    with town.composition.database.reading() as session:
        for table in metadata.sorted_tables:
            if table.name not in DRAWN:
                rows = session.execute(select(table)).all()
                texts += [json.dumps([*map(str, row)], ensure_ascii=False) for row in rows]
    return "\n".join(texts)


def pages_of(visitor: Visitor, *begin: str) -> Iterator[tuple[str, str]]:
    """The pages one comes to by links, each kind of address a few times."""
    waiting, seen, kinds = [*begin], set(begin), dict[str, int]()
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        answer = visitor.get(path)
        if answer.mimetype != "text/html":
            continue
        page = answer.get_data(as_text=True)
        yield path, page
        for link in map(unescape, re.findall(r'href="(/[^"#]*)', page)):
            kind = re.sub(r"[0-9A-Za-z]*\d[\w-]*", "N", link.partition("?")[0])
            is_new = link not in seen and not link.startswith(("/assets", "/photos"))
            if is_new and kinds.get(kind, 0) < 3:
                kinds[kind] = kinds.get(kind, 0) + 1
                seen.add(link)
                waiting.append(link)


def chinese_in(page: str, known: str) -> list[str]:
    """Runs of Chinese that nobody wrote."""
    aloud = " ".join(READ_ALOUD.findall(page))
    text = unescape(f"{re.sub(r'<[^>]+>', ' ', NOT_TEXT.sub(' ', page))} {aloud}")
    return [run for run in CHINESE.findall(text) if run not in known and run != SWITCH]


@pytest.mark.parametrize(
    "who", ["grid_member", "station_officer", "supervisor", "triage", "city_officer", "admin_audit"]
)
def test_pages_of_officers_are_english_but_for_what_people_wrote(town: Town, who: str) -> None:
    number = town.file()
    town.reach_the_station(number)
    town.file(matter="X01", description="疑似食物中毒")
    town.report()
    known = written(town)
    visitor = town.visitor(who, language="en")

    found = {
        path: runs
        for path, page in pages_of(visitor, "/home", "/inbox", "/report", "/queue", "/styleguide")
        if (runs := chinese_in(page, known))
    }

    assert found == {}


def test_pages_of_the_public_and_refusals_are_english(town: Town) -> None:
    known = written(town)
    visitor = town.visitor(language="en")
    officer = town.visitor("grid_member", language="en")

    pages = [
        *pages_of(visitor, "/public", "/sign-in", "/offline", "/nowhere", "/from-city-app"),
        ("empty report", officer.submit("/report").get_data(as_text=True)),
        ("empty public report", visitor.submit("/public/report").get_data(as_text=True)),
    ]

    assert {path: runs for path, page in pages if (runs := chinese_in(page, known))} == {}
