"""A served city for API tests: the Putian sample, deployed diagrams, a clock that stands still."""

import shutil
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.composition import Composition, compose
from api.identity.passwords import hash_password
from api.settings import Settings
from engine.time.clock import VirtualClock
from storage.database.schema import upgrade
from storage.database.session import Database, Session
from storage.moments import CHINA
from storage.people import actors, staffing
from tests import city
from tests.api.terminal import Terminal, demo_machine
from tests.applications import PARSED, application
from tests.cluster import Cluster

BEGAN = datetime(2026, 3, 2, 8, 0, tzinfo=CHINA)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=CHINA)
PASSWORD = "hangji-demo"
UNIT = "350322100001001001"
VILLAGE = "350322100001"
FOREIGN_TOWN = "350302001"
SECRET = "0f9c3a5e7b1d8264-tests-only-QwErTyUiOp"
VAULT_KEY = bytes(range(32))


RESOLVED = {"outcome": "resolved", "measures": "已改正"}
"""A form that completes the task of whoever collected a report."""


class Api:
    """A client that signs in by name and speaks JSON."""

    def __init__(self, app: Flask, composition: Composition, clock: VirtualClock) -> None:
        self.app = app
        self.composition = composition
        self.database = composition.database
        self.clock = clock
        self.client = app.test_client()
        self._tokens: dict[str, str] = {}

    def get(self, path: str, who: str | None = None, **more: Any) -> TestResponse:
        """Read as somebody."""
        return self.send("GET", path, who, **more)

    def post(
        self,
        path: str,
        body: Any = None,
        who: str | None = None,
        **more: Any,
    ) -> TestResponse:
        """Write as somebody."""
        return self.send("POST", path, who, json=body, **more)

    def send(
        self,
        method: str,
        path: str,
        who: str | None = None,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> TestResponse:
        """Send anything; `path` stands below the API's prefix unless it begins with it."""
        sent = {**self.authorization(who), **({"Idempotency-Key": key} if key else {})}
        sent |= headers or {}
        if more.get("json") is None:
            more.pop("json", None)
        where = path if path.startswith(("/api/", "/health", "/metrics")) else f"/api/v1{path}"
        return self.client.open(where, method=method, headers=sent, **more)

    def authorization(self, who: str | None) -> dict[str, str]:
        """The header of somebody; the password is left to the tests of signing in."""
        if who is None:
            return {}
        if who not in self._tokens:
            with self.database.reading() as session:
                officer = actors.find_officer(session, who)
            assert officer is not None, who
            issue = self.composition.tokens.issue
            self._tokens[who] = issue(officer.id, officer.token_version, now=self.clock.now())
        return {"Authorization": f"Bearer {self._tokens[who]}"}

    def report(self, who: str = "grid_member", **form: Any) -> str:
        """File an event and give its number."""
        usual = {"matter": "L01", "area": UNIT, "description": "流动摊贩", "no_photo_reason": "无"}
        answer = self.post("/reports", {**usual, **form}, who)
        assert answer.status_code == 201, answer.get_json()
        return str(answer.get_json()["number"])

    def task(self, number: str) -> dict[str, Any]:
        """The open task of a case, as the supervisor sees it."""
        case = self.get(f"/cases/{number}", "supervisor").get_json()
        assert len(case["tasks"]) == 1, case
        return dict(case["tasks"][0])

    def complete(self, number: str, who: str, **form: Any) -> dict[str, Any]:
        """Complete the open task of a case; it has to work."""
        task = self.task(number)
        answer = self.post(f"/tasks/{task['id']}/complete", {"form": form}, who)
        assert answer.status_code == 200, answer.get_json()
        return dict(answer.get_json())

    def accept(self, number: str, who: str) -> None:
        """Have somebody take a case up; their own report nobody is asked to accept."""
        if self.task(number)["name"] == "accept":
            self.complete(number, who, answer="accept")


def fill(session: Session) -> None:
    """The sample, the shipped diagrams, and a few people of another area."""
    hashed = hash_password(PASSWORD)
    city.load(session, password_hash=hashed, at=BEGAN)
    for role, place in FOREIGN.items():
        officer_id = staffing.add_officer(
            session, username=f"foreign_{role}", name=f"外地{role}", password_hash=hashed, at=BEGAN
        )
        post = staffing.add_post(session, role, place)
        staffing.hold(session, post.id, officer_id, since=BEGAN)


FOREIGN = {
    "unit_leader": f"{FOREIGN_TOWN}201001001",
    "grid_member": f"{FOREIGN_TOWN}201001",
    "grid_leader": f"{FOREIGN_TOWN}201001",
    "village_center": f"{FOREIGN_TOWN}201",
    "village_assistant": f"{FOREIGN_TOWN}201",
    "station": f"ST-{FOREIGN_TOWN}",
    "county": "J-350302",
    "enforcement": "EN-350302",
}


@pytest.fixture(scope="session")
def sqlite_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled SQLite file to copy."""
    path = tmp_path_factory.mktemp("city") / "city.db"
    made = Database(f"sqlite:///{path}", pooled=False)
    upgrade(made)
    with made.transaction() as session:
        fill(session)
    made.close()
    return path


@pytest.fixture(scope="session")
def postgres_city(cluster: Cluster) -> str:
    """The name of a filled PostgreSQL database to copy."""
    made = Database(cluster.create("city"), pooled=False)
    upgrade(made)
    with made.transaction() as session:
        fill(session)
    made.close()
    return "city"


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands at nine on a Monday morning."""
    return VirtualClock(NOW)


@pytest.fixture
def modules() -> dict[str, ModuleType] | None:
    """Handler modules; None takes the shipped ones."""
    return None


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a test, on a fresh copy of the SQLite city."""
    return Settings(
        database_url=f"sqlite:///{tmp_path / 'city.db'}",
        secret_key=SECRET,
        vault_key=VAULT_KEY,
        var_folder=tmp_path,
        blob_folder=tmp_path / "blobs",
        is_demo=True,
        token_hours=10_000,
        actor_cache_seconds=3600,
        rate_limits=False,
    )


@pytest.fixture
def sqlite_api(
    sqlite_city: Path,
    settings: Settings,
    clock: VirtualClock,
    modules: dict[str, ModuleType] | None,
) -> Iterator[Api]:
    """The application on SQLite."""
    shutil.copy(sqlite_city, settings.var_folder / "city.db")
    yield from served(settings, clock, modules)


@pytest.fixture
def api(sqlite_api: Api) -> Api:
    """The application of a test; a module whose tests run on both kinds takes `either_api`."""
    return sqlite_api


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either_api(request: pytest.FixtureRequest) -> Api:
    """The application once on SQLite and once on PostgreSQL."""
    served_on: Api = request.getfixturevalue(f"{request.param}_api")
    return served_on


@pytest.fixture
def postgres_api(
    cluster: Cluster, postgres_city: str, settings: Settings, clock: VirtualClock
) -> Iterator[Api]:
    """The application on PostgreSQL; mark the test `postgres`."""
    name = f"a{uuid.uuid4().hex[:16]}"
    url = cluster.create(name, template=postgres_city)
    values = {one: getattr(settings, one) for one in Settings.__slots__}
    yield from served(Settings(**{**values, "database_url": url}), clock, None)
    cluster.drop(name)


def served(
    settings: Settings, clock: VirtualClock, modules: dict[str, ModuleType] | None
) -> Iterator[Api]:
    """The application on a database that is there already."""
    parsed = PARSED if modules is None else None
    composition = compose(settings, clock=clock, modules=modules, definitions=parsed)
    with application(composition) as app:
        yield Api(app, composition, clock)
    composition.database.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine on which `hangji demo` ran once, to be copied."""
    return demo_machine(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def terminal(demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    """A terminal on a machine with the demo."""
    yield from Terminal.on_a_copy(demo, tmp_path / "var", capsys)
