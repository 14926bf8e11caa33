"""Whatever the API lets people change has its place on a page, or a reason why not."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from tests.architecture.tree import ROOT
from tests.web.town import Town

WEB = ROOT / "web"
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}

WITHOUT_A_PAGE = {
    "chases.chase_many": "the page chases one by one, so that each has its own result",
    "tasks.bulk": "the inbox acts one by one, so that each has its own result",
    "process_checks.check": "analysts check drawings on the command line, before they publish",
    "ceasing.cease": "pages start the same process by the form of its first step",
    "arrivals.receive": "vendors of cameras send it, signed",
    "cameras.check": "a gateway of live pictures asks it about a viewer",
    "recurring.add": "starting something by the calendar is set up with its drawing",
    "self_inspections.report": "the portal opens the task of the period, which is the same act",
}
"""Routes for programs alone, each with the reason; what people do stands on a page."""


def test_each_write_of_the_api_has_its_place_on_a_page(town: Town) -> None:
    exact, patterns = called()
    words = quoted_words()

    homeless = {
        endpoint
        for endpoint in endpoints(town.app, of_pages=False)
        if endpoint not in exact
        and not any(
            (match := pattern.fullmatch(endpoint)) and match[1] in words for pattern in patterns
        )
    }

    assert homeless - set(WITHOUT_A_PAGE) == set()
    assert set(WITHOUT_A_PAGE) <= homeless, "what has its place now needs no reason"


def test_each_address_a_page_sends_to_is_reached_by_a_form_or_a_script(town: Town) -> None:
    templates = "\n".join(file.read_text("utf-8") for file in (WEB / "templates").rglob("*.html"))
    named = set(re.findall(r"[\"'](?:web\.)?(\w+)[\"']", templates))
    shown = {
        rule.rule
        for rule in town.app.url_map.iter_rules()
        if rule.endpoint.startswith("web.") and "GET" in (rule.methods or ())
    }

    # A form without an address comes back to the page it stands on.
    lost = {
        rule.endpoint
        for rule in town.app.url_map.iter_rules()
        if rule.endpoint in endpoints(town.app, of_pages=True)
        and rule.endpoint.removeprefix("web.") not in named
        and rule.rule not in shown
    }

    # The form of an act of a case leads there by the name of the act.
    assert lost <= {"web.see_reporter"}


def endpoints(app: Flask, *, of_pages: bool) -> set[str]:
    """The routes that change something, by their names."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if CHANGING & set(rule.methods or ()) and rule.endpoint.startswith("web.") is of_pages
    }


def called() -> tuple[set[str], list[re.Pattern[str]]]:
    """The routes the pages name, and those whose name they put together from a word."""
    exact, patterns = set[str](), list[re.Pattern[str]]()
    for node in nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            exact.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            parts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"(\w+)"
                for part in node.values
            ]
            if parts.count(r"(\w+)") == 1 and r"\." in parts[0]:
                patterns.append(re.compile("".join(parts)))
    return exact, patterns


def quoted_words() -> set[str]:
    """The words the pages' own code knows, such as the names of acts."""
    return {
        word
        for node in nodes()
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in [node.value]
        if re.fullmatch(r"[a-z_]+", word)
    }


def nodes() -> Iterator[ast.AST]:
    """Everything the Python of the pages is made of."""
    for file in python_files():
        yield from ast.walk(ast.parse(file.read_text("utf-8")))


def python_files() -> Iterator[Path]:
    """The Python of the pages."""
    for room in ("frame", "pages"):
        yield from (WEB / room).rglob("*.py")


def test_each_form_the_script_sends_has_a_place_to_say_how_it_went() -> None:
    """Without one nothing was sent at all; a row of a list shares the one of its page."""
    templates = WEB / "templates"
    sources = {path: path.read_text(encoding="utf-8") for path in templates.rglob("*.html")}
    kept = {
        path for path, text in sources.items() if re.search(r"data-keep|work\([^)]*key\)", text)
    }
    shared = {templates / "parts.html"}

    assert len(kept) > 20
    assert [str(path) for path in kept - shared if "sending()" not in sources[path]] == []
