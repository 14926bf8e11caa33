"""In English a page is English, but for what people wrote and what places are called."""

import ast
import io
import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from api.settings import ROOT
from engine.delivery.channels import LogChannel
from storage.tables import metadata
from tests.delivering import deliver_due
from tests.web.test_reviews import run_all
from tests.web.town import PASS_UP, Town, Visitor

CHINESE = re.compile(r"[\u4e00-\u9fff]+")
NOT_TEXT = re.compile(r"<(script|style|textarea)\b.*?</\1>", re.DOTALL)
READ_ALOUD = re.compile(
    r'\b(?:aria-label|title|alt|placeholder|data-(?!words)[\w-]+|content)="([^"]*)"'
)
DRAWN = {"process_definition", "definition_file", "case_event", "task", "release"}
"""Tables whose Chinese is not written by people at work: pages say it in the reader's language."""
GIVEN = {"case_.title", "notification.payload", "outbox.payload"}
"""Columns hangji fills in itself: a case is called after its matter or its kind."""
MARKS = set("：、（）；")
PAIR = re.compile(r"\bt\((?:[^()]|\([^()]*\))*\)")
OF_CHINESE = re.compile(r"""lang === "en" \? "[^"]*" : "[^"]*\"""")
SWITCH = "中文"
MOST = 60


def written(town: Town) -> str:
    """Everything people have written and everything that has a name."""
    texts = [PASS_UP["reason"]]
    with town.composition.database.reading() as session:
        for table in metadata.sorted_tables:
            if table.name not in DRAWN:
                columns = [column for column in table.columns if str(column) not in GIVEN]
                rows = session.execute(select(*columns)).all()
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


def test_pages_of_the_registry_are_english_but_for_what_people_wrote(town: Town) -> None:
    """List, card, form, panel, questions, wizard and categories, for each who opens them."""
    lines = (
        "名称,类别,区域代码,统一社会信用代码\nEnglish Shop,餐馆,350322100001,91350322MADEM0091E\n"
    )
    visitor = town.visitor("registry_keeper", language="en")
    for source, text in (("licence", lines), ("filing", lines.replace("Shop", "Store"))):
        file = (io.BytesIO(text.encode()), "list.csv")
        sent = visitor.submit(
            "/imports", on="/imports", kind="businesses", source=source, file=file
        )
        run_all(town)
        visitor.submit(f"{sent.headers['Location']}/apply", on=sent.headers["Location"])
        run_all(town)
    shop = town.ask("GET", "/businesses?q=English", "registry_keeper")["items"][0]["id"]
    card = f"/businesses/{shop}"
    paths = {
        "registry_keeper": (
            *("/businesses", card, f"{card}/edit", "/businesses/new", "/registry", "/imports"),
            *("/reviews?kind=conflict", "/reviews?kind=unplaced", sent.headers["Location"]),
        ),
        "grid_member": ("/businesses?q=nobody", card, f"/start/business_ceased?business={shop}"),
        "admin_system": ("/business-categories",),
    }
    known = written(town)

    found = {
        (who, path): runs
        for who, some in paths.items()
        for path in some
        if (runs := chinese_in(town.visitor(who, language="en").page(path), known))
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


def test_a_complaint_without_a_matter_is_called_so_in_english(town: Town) -> None:
    """On the page of its reporter, in the box of officers, and in lists and files."""
    number, code = town.report(kind=["complaint"])
    unlisted = town.file(matter="other")
    town.ask("POST", f"/cases/{unlisted}/chase", "supervisor", json={"text": "please"})
    deliver_due(town.composition.database, {"notice": LogChannel()}, town.clock)
    visitor = town.visitor(language="en")

    asked = visitor.client.post("/public/query", data={"number": number, "code": code})
    box = town.visitor("triage", language="en").page("/messages")

    assert "Complaint" in asked.get_data(as_text=True)
    assert "投诉" not in asked.get_data(as_text=True)
    assert "Not on the list" in box
    for path in ("/cases", "/inbox?view=all", f"/cases/{number}"):
        page = town.visitor("supervisor", language="en").page(path)
        assert "投诉" not in NOT_TEXT.sub("", page), path


def test_no_mark_of_chinese_stands_outside_a_text_in_both_languages() -> None:
    """`listed`, `said_of` and `in_brackets` write the comma, colon and brackets of the language."""
    loose = [
        f"{path.relative_to(ROOT)}: {line.strip()[:80]}"
        for pattern in ("templates/**/*.html", "src/**/*.js")
        for path in sorted((ROOT / "web").glob(pattern))
        for line in path.read_text(encoding="utf-8").splitlines()
        if MARKS & set(OF_CHINESE.sub("", PAIR.sub("", line)))
    ]
    loose += [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.value[:80]}"
        for path in sorted((ROOT / "web").rglob("*.py"))
        for node in loose_texts(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert loose == []


def loose_texts(tree: ast.Module) -> Iterator[Any]:
    """Texts of code that join with marks of Chinese: no sentence, and in no pair."""
    in_pairs = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "t" and node.args
        for inner in ast.walk(node.args[0])
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        is_loose = is_text and id(node) not in in_pairs
        if is_loose and MARKS & set(node.value) and not CHINESE.search(node.value):
            yield node
