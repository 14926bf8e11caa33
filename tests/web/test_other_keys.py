"""All keys of an installation are changed while officers work and reporters hold their codes."""

import base64
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import web
from api.app import create_app
from api.composition import compose
from api.settings import Settings
from storage.database.session import Database
from tests.api.conftest import RESOLVED
from tests.api.terminal import Terminal, environment
from tests.web.town import REPORTER, SECRET, VILLAGE, Town, Visitor, built, hidden_fields, settle

NEW_SECRET = "b6f2d94c08a7e153-changed-MnBvCxZlKj"
CODE_KEY = "c3a91f7e5d20b846-codes-QaZwSxEdCr"
OLD_VAULT, NEW_VAULT = bytes(range(32)), bytes(range(100, 132))
PUBLIC = {
    "kind": "tip",
    "description": "后厨有老鼠",
    "channel": "web",
    "area": VILLAGE,
    "reporter": {"name": REPORTER, "phone": "13900000000"},
}
KEYED = {"Idempotency-Key": "k-1", "X-Client-Id": str(uuid.UUID(int=7))}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def old_town(request: pytest.FixtureRequest, city: Path, tmp_path: Path) -> Iterator[Town]:
    """The sample city as it is served under the keys that are to go."""
    shutil.copy(city, tmp_path / "city.db")
    url = None
    if request.param == "postgres":
        cluster = request.getfixturevalue("cluster")
        url = cluster.create(f"k{uuid.uuid4().hex[:16]}")
        settle(url)
    with built(tmp_path, url) as town:
        yield town
    if url is not None:
        cluster.drop(str(town.composition.database.url.database))


@contextmanager
def served_with(town: Town, **keys: Any) -> Iterator[Town]:
    """The same city, started again with other keys."""
    settings = replace(town.composition.settings, **keys)
    composition = compose(settings, clock=town.clock)
    yield Town(create_app(composition, pages=[web.add_pages]), composition, town.clock, town.tokens)
    composition.database.close()


def told_of(settings: Settings, terminal: Terminal, *command: str) -> Any:
    """A command of a machine that was told these keys, in files."""
    keys = {
        "SECRET_KEY": "\n".join(settings.secret_keys),
        "QUERY_CODE_KEY": " ".join(settings.query_code_keys),
        "VAULT_KEY": ",".join(base64.b64encode(key).decode() for key in settings.vault_keys),
        "DATABASE_URL": settings.database_url,
    }
    with environment(terminal.var) as patch:
        for name, value in keys.items():
            path = terminal.var / name
            path.write_text(f"{value}\n", encoding="utf-8")
            patch.setenv(f"HANGJI_{name}_FILE", str(path))
        return terminal.run(*command)


def signed_in_as(town: Town, visitor: Visitor) -> Visitor:
    """The same browser before the city that was started again."""
    moved = town.visitor()
    cookie = visitor.client.get_cookie("hangji")
    assert cookie is not None
    moved.client.set_cookie("hangji", cookie.value)
    return moved


def file_with_key(town: Town) -> str:
    """The number of a report that is sent again and again under one key."""
    client = town.app.test_client()
    return str(client.post("/api/v1/public/reports", json=PUBLIC, headers=KEYED).json["number"])


def identity_of(town: Town, number: str) -> Any:
    """Who reported, as the supervisor reads it."""
    body = {"purpose": "核实举报内容"}
    return town.ask("POST", f"/cases/{number}/reporter", "supervisor", json=body)


def keys_in_the_vault(database: Database) -> set[str]:
    """The ids of the keys identities are sealed with."""
    with database.reading() as session:
        return set(session.execute(text("select key_id from reporter_identity")).scalars())


@dataclass(frozen=True)
class Held:
    """What people hold when the keys change: a sign-in, an open page, a code, an answer."""

    visitor: Visitor
    path: str
    form: dict[str, str]
    number: str
    code: str
    keyed: str
    cursor: str

    @classmethod
    def of(cls, town: Town) -> "Held":
        """Let people get it."""
        visitor = town.visitor("grid_member")
        path = f"/tasks/{town.task(town.file())}"
        receipt = town.ask("POST", "/public/reports", json=PUBLIC)
        keyed = file_with_key(town)
        return cls(
            visitor,
            path,
            hidden_fields(visitor.page(path), path),
            receipt["number"],
            receipt["query_code"],
            keyed,
            town.ask("GET", "/cases?limit=1", "supervisor")["next"],
        )

    def require_all_good(self, town: Town) -> None:
        """Use everything once."""
        browser = signed_in_as(town, self.visitor)
        sent = browser.client.post(self.path, data={**self.form, **RESOLVED})
        look = town.ask("GET", f"/public/reports/{self.number}?code={self.code}")

        assert browser.get("/inbox").status_code == 200
        assert sent.status_code == 303, sent.get_data(as_text=True)
        assert file_with_key(town) == self.keyed
        assert town.ask("GET", f"/cases?limit=1&cursor={self.cursor}", "supervisor")["items"]
        assert look["number"] == self.number


def test_changing_every_key_signs_nobody_out_and_loses_no_code_and_no_identity(
    old_town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held, terminal = Held.of(old_town), Terminal(capsys, tmp_path)
    new = {
        "secret_key": NEW_SECRET,
        "former_secret_keys": (SECRET,),
        "query_code_keys": (CODE_KEY, SECRET),
        "vault_key": NEW_VAULT,
        "former_vault_keys": (OLD_VAULT,),
    }

    with served_with(old_town, **new) as town:
        commands = (("doctor",), ("rekey", "--json"), ("rekey", "--json"), ("doctor",))
        before, done, again, after = (
            told_of(town.composition.settings, terminal, *command) for command in commands
        )
        held.require_all_good(town)
        fresh = town.report()

    assert (done.status, done.json["resealed"], again.json["resealed"]) == (0, 2, 0)
    assert "2 identities or webhooks need a former key" in before.out
    assert "no former key is needed" in after.out
    # The secret of the sign-ins goes for good; the codes given under it have a key of their own.
    with served_with(
        old_town, **{**new, "former_secret_keys": (), "former_vault_keys": ()}
    ) as town:
        assert signed_in_as(town, held.visitor).get("/inbox").status_code == 200
        for number, code in ((held.number, held.code), fresh):
            assert town.ask("GET", f"/public/reports/{number}?code={code}")["number"] == number
        town.tokens.clear()
        assert identity_of(town, held.number) == PUBLIC["reporter"]
        assert keys_in_the_vault(town.composition.database) == {done.json["key"]}


def test_an_identity_under_a_key_nobody_lists_is_named_and_left_as_it_is(
    town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town.ask("POST", "/public/reports", json=PUBLIC)
    sealed = keys_in_the_vault(town.composition.database)
    settings = replace(town.composition.settings, vault_key=NEW_VAULT)

    ended = told_of(settings, Terminal(capsys, tmp_path), "rekey")
    looked = told_of(settings, Terminal(capsys, tmp_path), "doctor")

    assert ended.status == 1
    assert all(name in ended.err for name in sealed)
    assert (
        "1 identities or webhooks are sealed with keys that HANGJI_VAULT_KEY does not list"
        in looked.out
    )
    assert keys_in_the_vault(town.composition.database) == sealed
