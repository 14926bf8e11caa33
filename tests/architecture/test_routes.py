"""Every way in says who may use it: API routes declare their needs, pages their guard."""

import ast
import base64
import secrets
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import IntegerConverter

from api.app import create_app
from api.composition import compose
from api.http.auth import declared
from api.settings import from_environment
from tests.architecture.test_budgets import is_view
from tests.architecture.tree import Function, Place, functions, python_files

# Pages for people without an account; everything else on a page asks for a sign-in.
FOR_EVERYBODY = {
    "choose_area",
    "choose_below",
    "choose_business",
    "choose_language",
    "enter",
    "business_qr",
    "file_public_report",
    "from_city_app",
    "find_areas",
    "home",
    "manifest",
    "new_password",
    "offline",
    "offline_state",
    "public_add",
    "public_business",
    "public_dispute",
    "public_home",
    "public_inspections",
    "public_map",
    "public_query",
    "unsent",
    "public_report",
    "public_shops",
    "serve",  # built scripts and styles
    "wall",  # opened by a leader's link, counts only
    "set_password",
    "sign_in_page",
    "styleguide",
    "worker",
}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """The API, put together and never served."""
    told = {
        "HANGJI_VAR_FOLDER": str(tmp_path),
        "HANGJI_SECRET_KEY": secrets.token_urlsafe(48),
        "HANGJI_VAULT_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    return create_app(compose(from_environment(told)))


def test_every_route_of_the_api_declares_who_may_use_it(app: Flask) -> None:
    open_doors = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if declared(app.view_functions[rule.endpoint]) is None
    ]

    assert len(app.view_functions) > 50
    assert open_doors == []


def test_every_number_of_an_address_is_bounded_before_it_reaches_a_query(app: Flask) -> None:
    """`<int:>` takes a number no database holds: `row` and its neighbours of api/http/paths.py."""
    unbounded = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if any(isinstance(part, IntegerConverter) for part in rule._converters.values())  # noqa: SLF001 - werkzeug shows its converters nowhere else
    ]

    assert unbounded == []


def test_every_page_asks_for_a_sign_in_or_is_meant_for_everybody() -> None:
    pages = [(path, node) for path in python_files("web") for node in views(path)]
    unguarded = {node.name for _, node in pages if "signed_in" not in guards(node)}

    assert len(pages) > 20
    assert unguarded == FOR_EVERYBODY & {node.name for _, node in pages}


def test_no_page_that_writes_can_be_sent_from_another_site() -> None:
    forged = [
        str(Place(path, node.lineno, node.name))
        for path in python_files("web")
        for node in views(path)
        if "POST" in methods(node) and not {"signed_in", "same_site"} & guards(node)
    ]

    assert forged == []


def views(path: str) -> list[Function]:
    """The functions of a file that a route leads to."""
    return [node for node in functions(path) if is_view(node)]


def guards(node: Function) -> set[str]:
    """Names of the decorators that are not routes."""
    return {ast.unparse(mark).split(".")[-1] for mark in node.decorator_list}


def methods(node: Function) -> str:
    """What the route decorators say about the method, as text."""
    written = " ".join(ast.unparse(mark) for mark in node.decorator_list)
    return written.replace(".post(", "POST")
