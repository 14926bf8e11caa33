"""The sample city with its pages, served to a test client or to a browser; holds no test."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from pathlib import Path
from threading import Thread
from typing import Any

import werkzeug.serving
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

import web
from api.composition import Composition, compose
from api.settings import Settings
from engine.background.scheduler import run_until
from engine.time.clock import VirtualClock
from storage.database.schema import upgrade
from storage.database.session import Database
from storage.moments import CHINA
from tests.applications import PARSED, application, serve_once
from tests.city import load

BEGAN = datetime(2026, 3, 2, 8, 0, tzinfo=CHINA)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=CHINA)
"""A Monday morning without any holiday near."""

PASSWORD = "hangji-demo"
QUICKLY = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""A hash names its own cost; that of real passwords would be most of the time of these tests."""

GRID = "350322100001001"
UNIT = "350322100001001001"
VILLAGE = "350322100001"
SECRET = "7e1d0b5c9a4f2638-pages-only-PoIuYtReWq"
REPORTER = "演示举报人赵"
PHONE = "13900000000"
PASS_UP = {"outcome": "pass_up", "reason_code": "needs_enforcement", "reason": "多次劝导无效。"}


@dataclass
class Town:
    """The application, its clock, and what no page can do: let time pass."""

    app: Flask
    composition: Composition
    clock: VirtualClock
    tokens: dict[str, str] = field(default_factory=dict)

    def visitor(self, who: str | None = None, *, language: str | None = None) -> "Visitor":
        """A browser without JavaScript, signed in as somebody."""
        visitor = Visitor(self.app.test_client())
        if language:
            visitor.client.set_cookie("hangji_language", language)
        if who:
            assert visitor.sign_in(who).status_code == 303
        return visitor

    def wait_until(self, moment: datetime) -> None:
        """Let time pass and everything happen that falls due on the way."""
        run_until(self.composition.database, self.composition.runner, self.clock, moment)

    # -- beside the pages, for what a test only needs as its beginning ----------------------------

    def ask(self, method: str, path: str, who: str | None = None, **more: Any) -> Any:
        """One request to the API that has to work."""
        headers = {"Authorization": f"Bearer {self.token(who)}"} if who else {}
        client = self.app.test_client()
        answer = client.open(f"/api/v1{path}", method=method, headers=headers, **more)
        assert answer.status_code < 300, answer.get_json()
        return answer.get_json(silent=True)

    def token(self, who: str) -> str:
        """The bearer token of somebody, signed in once."""
        if who not in self.tokens:
            body = {"username": who, "password": PASSWORD}
            told = self.app.test_client().post("/api/v1/tokens", json=body).get_json()
            self.tokens[who] = told["access_token"]
        return self.tokens[who]

    def file(self, who: str = "grid_member", **form: Any) -> str:
        """File an event and give its number."""
        usual = {
            "matter": "L02",
            "area": UNIT,
            "description": "许可证过期",
            "no_photo_reason": "无",
        }
        return str(self.ask("POST", "/reports", who, json={**usual, **form})["number"])

    def report(self, **form: Any) -> tuple[str, str]:
        """Report as a citizen; gives number and code."""
        usual = {"kind": "tip", "description": "后厨有老鼠", "channel": "web", "area": VILLAGE}
        told = self.ask("POST", "/public/reports", json={**usual, **form})
        return told["number"], told["query_code"]

    def task(self, number: str) -> str:
        """The id of the one open task of a case."""
        (task,) = self.ask("GET", f"/cases/{number}", "supervisor")["tasks"]
        return str(task["id"])

    def do(self, number: str, who: str, **form: Any) -> None:
        """Complete the open task of a case."""
        path = f"/tasks/{self.task(number)}/complete"
        self.ask("POST", path, who, json={"form": form})

    def accept(self, number: str, who: str) -> None:
        """Accept a case; their own report nobody is asked to accept."""
        (task,) = self.ask("GET", f"/cases/{number}", "supervisor")["tasks"]
        if task["name"] == "accept":
            self.do(number, who, answer="accept")

    def reach_the_station(self, number: str) -> None:
        """Pass a case up until the station has accepted it."""
        for who in ("grid_member", "grid_leader"):
            self.accept(number, who)
            self.do(number, who, **PASS_UP)
        self.do(number, "village_center", outcome="pass_up")
        self.accept(number, "station_officer")


@dataclass
class Visitor:
    """A browser without JavaScript, as a test client."""

    client: FlaskClient

    def get(self, path: str, **more: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, **more)

    def page(self, path: str) -> str:
        """The text of a page that has to be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.headers)
        return answer.get_data(as_text=True)

    def sign_in(self, who: str, **more: Any) -> TestResponse:
        """Sign in."""
        form = {"username": who, "password": PASSWORD, **more}
        return self.client.post("/sign-in", data=form)

    def submit(self, path: str, *, on: str | None = None, **form: Any) -> TestResponse:
        """Send a form with the hidden fields of the page it stands on."""
        hidden = hidden_fields(self.page(on or path), path)
        # In memory: the test client leaves the file behind that it would make of a large body.
        sent = {name: as_sent(value) for name, value in form.items()}
        boundary, body = encode_multipart({**hidden, **sent})
        kind = f'multipart/form-data; boundary="{boundary}"'
        return self.client.post(path, data=body, content_type=kind)


def as_sent(value: Any) -> Any:
    """A field as the multipart encoder takes it: files come as bytes, with or without a name."""
    if isinstance(value, io.BytesIO):
        return FileStorage(value, filename="photo.jpg", content_type="image/jpeg")
    if isinstance(value, tuple):
        return FileStorage(value[0], filename=value[1])
    return value


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that leads to an address, or of the one without any."""
    for form in re.findall(r"<form\b.*?</form>", page, re.DOTALL):
        leads_to = re.search(r'action="([^"]*)"', form.split(">", 1)[0])
        if (leads_to is None and "post" in form.split(">", 1)[0]) or (
            leads_to is not None and leads_to[1] == action
        ):
            matches = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
            return {name: unescape(value) for name, value in matches}
    message = f"no form leads to {action}"
    raise AssertionError(message)


def a_photo(*, colour: tuple[int, int, int] = (190, 40, 40), side: int = 64) -> io.BytesIO:
    """A picture as a phone would send it."""
    out = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(out, "JPEG")
    out.seek(0)
    return out


def settle(url: str) -> None:
    """Write the sample city and the shipped diagrams into a new database."""
    made = Database(url, pooled=False)
    upgrade(made)
    with made.transaction() as session:
        load(session, password_hash=QUICKLY.hash(PASSWORD), at=BEGAN)
    made.close()


@contextmanager
def built(
    folder: Path, url: str | None = None, *, actor_cache_seconds: float = 5.0
) -> Iterator[Town]:
    """The application over a database, or over the SQLite file `city.db` of a folder."""
    settings = Settings(
        database_url=url or f"sqlite:///{folder / 'city.db'}",
        secret_key=SECRET,
        vault_key=bytes(range(32)),
        var_folder=folder,
        blob_folder=folder / "blobs",
        is_demo=True,
        token_hours=10_000,
        rate_limits=False,
        actor_cache_seconds=actor_cache_seconds,
    )
    clock = VirtualClock(NOW)
    composition = compose(settings, clock=clock, definitions=PARSED)
    with application(composition, [web.add_pages]) as app:
        yield Town(app, composition, clock)
    composition.database.close()


@contextmanager
def without(table: str, town: Town) -> Iterator[None]:
    """A fault of ours: a table is away for a while."""
    _rename(town, table, f"{table}_away")
    yield
    _rename(town, f"{table}_away", table)


def _rename(town: Town, old: str, new: str) -> None:
    with town.composition.database.transaction() as session:
        session.execute(text(f"alter table {old} rename to {new}"))


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a free port of this machine; gives its address."""
    if isinstance(app, Flask):
        serve_once(app)
    server = werkzeug.serving.make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def words(page: str) -> str:
    """What a page says, without its mark-up."""
    without = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(without).split())
