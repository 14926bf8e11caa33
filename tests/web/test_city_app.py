"""R38: the city's app shows the report form and the inbox, by a ticket that is good once."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from werkzeug import Request, Response

from storage.city.rules import install, installed, read_rules
from storage.errors import Refused
from tests.city import CITY
from tests.web.browsing import PHONE, Person
from tests.web.town import NOW, Town, served

SECRET = "between-the-app-and-hangji-0451-xQ"
APP = "https://app.example"


@pytest.fixture
def app(town: Town) -> Iterator[Town]:
    """The pages of a city that has an app."""
    composition, rules = town.composition, installed()
    # The settings are read at every request, and frozen for everybody else.
    object.__setattr__(
        composition, "settings", replace(composition.settings, city_app_secret=SECRET)
    )
    install(replace(rules, city_app=(APP,)))
    yield town
    install(rules)


def ticket(secret: str = SECRET, **told: Any) -> str:
    """A ticket as the app's server makes it."""
    usual = {"officer": "grid_member", "page": "/report", "at": NOW.timestamp(), "nonce": "1"}
    body = base64.urlsafe_b64encode(json.dumps({**usual, **told}).encode()).rstrip(b"=")
    signed = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return (body + b"." + base64.urlsafe_b64encode(signed).rstrip(b"=")).decode()


def test_a_ticket_signs_in_once(app: Town) -> None:
    first, second = app.visitor(), app.visitor()
    address = f"/from-city-app?ticket={ticket()}"

    entered = first.client.get(address, base_url="https://localhost")
    again = second.client.get(address, base_url="https://localhost")

    assert (entered.status_code, entered.headers["Location"]) == (303, "/report")
    cookie = entered.headers["Set-Cookie"]
    assert all(word in cookie for word in ("SameSite=None", "Secure", "Partitioned", "HttpOnly"))
    report = first.client.get("/report", base_url="https://localhost")
    assert "演示网格员01" in report.get_data(as_text=True)
    assert again.status_code == 403
    assert "请从城市应用重新进入" in again.get_data(as_text=True)
    assert second.client.get("/report", base_url="https://localhost").status_code == 303


@pytest.mark.parametrize("padding", ["", "="])
def test_a_ticket_written_another_way_is_the_same_ticket(app: Town, padding: str) -> None:
    # The last sign of 32 bytes in base64 carries four bits of them, and two that say nothing.
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    sent = ticket()
    last = sent[-1] if padding else signs[signs.index(sent[-1]) ^ 1]
    other = f"{sent[:-1]}{last}{padding}"

    entered = app.visitor().get("/from-city-app", query_string={"ticket": sent})
    again = app.visitor().get("/from-city-app", query_string={"ticket": other})

    assert (entered.status_code, again.status_code) == (303, 403)


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "another-secret-of-somebody-0451-xQ"},
        {"at": (NOW - timedelta(minutes=2)).timestamp()},
        {"at": (NOW + timedelta(minutes=2)).timestamp()},
        {"officer": "nobody"},
        {"page": "https://evil.example/"},
        {"page": "/cases"},
        {"at": "now"},
    ],
    ids=["secret", "old", "ahead", "nobody", "elsewhere", "page", "time"],
)
def test_a_wrong_ticket_signs_nobody_in(app: Town, wrong: dict[str, Any]) -> None:
    visitor = app.visitor()

    answer = visitor.get(f"/from-city-app?ticket={ticket(**wrong)}")

    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("text", ["", ".", "a.b", "鼠.鼠", "e30." + "A" * 43, "x" * 5000])
def test_what_is_no_ticket_is_refused_in_words(app: Town, text: str) -> None:
    answer = app.visitor().get("/from-city-app", query_string={"ticket": text})

    assert answer.status_code == 403
    assert "没有登录" in answer.get_data(as_text=True)


def test_without_a_secret_no_ticket_is_taken(town: Town) -> None:
    assert town.visitor().get(f"/from-city-app?ticket={ticket()}").status_code == 403


def test_only_the_pages_of_an_officers_day_may_stand_in_the_frame_of_the_app(app: Town) -> None:
    number = app.file()
    visitor = app.visitor("grid_member")
    framed = ["/report", "/inbox", f"/tasks/{app.task(number)}", f"/cases/{number}"]
    alone = ["/home", "/cases", "/public", "/public/report", "/sign-in", "/queue"]

    policies = {
        path: visitor.get(path).headers["Content-Security-Policy"] for path in framed + alone
    }

    assert [path for path in framed if f"frame-ancestors {APP};" not in policies[path]] == []
    assert [path for path in alone if "frame-ancestors 'none';" not in policies[path]] == []


def test_an_origin_of_the_pack_that_is_none_is_refused(tmp_path: Path) -> None:
    for name in ("roles.csv", "levels.csv", "matter_words.csv"):
        (tmp_path / name).write_bytes((CITY / name).read_bytes())
    pack = json.loads((CITY / "pack.json").read_text("utf-8"))
    for wrong in ("http://app.example", "https://app.example/page", "*", 5):
        (tmp_path / "pack.json").write_text(json.dumps({**pack, "city_app": [wrong]}))
        with pytest.raises(Refused, match="city_app"):
            read_rules(tmp_path)


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_a_report_is_filed_in_the_frame_of_an_app(
    app: Town, browser: Browser, address: str
) -> None:
    assert app.composition.settings.city_app_secret == SECRET

    @Request.application
    def page_of_the_app(request: Request) -> Response:
        way_in = f"{address}/from-city-app?ticket={ticket(nonce=request.path)}"
        title = "<title>我的城市名片</title><h1>党建引领 夯基惠民</h1>"
        frame = f'<iframe title="上报" src="{way_in}" width="390" height="700"></iframe>'
        return Response(f'<!doctype html><html lang="zh">{title}{frame}', mimetype="text/html")

    with served(page_of_the_app) as outside:  # type: ignore[arg-type]  # any WSGI application
        install(replace(installed(), city_app=(outside,)))
        person = Person(browser, outside, size=PHONE)
        person.page.goto(f"{outside}/1")
        frame = person.page.frame_locator("iframe")
        frame.get_by_label("事项").select_option("H02")
        frame.get_by_label("情况描述").fill("后厨有鼠迹")
        frame.get_by_label("没有照片的原因").fill("店主不让拍")
        expect(frame.locator("header.top")).to_be_hidden()
        frame.get_by_role("button", name="上报", exact=True).click()
        frame.get_by_role("status").filter(has_text="已上报").wait_for()
        frame.get_by_role("link", name="待办").first.click()
        expect(frame.locator("ul.list")).to_contain_text("后厨有鼠迹")
        person.context.close()

    with served(page_of_the_app) as stranger:  # type: ignore[arg-type]  # any WSGI application
        person = Person(browser, stranger, size=PHONE)
        person.page.goto(f"{stranger}/2")
        expect(person.page.frame_locator("iframe").get_by_label("事项")).to_have_count(0)
        person.context.close()
