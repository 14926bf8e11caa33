"""A small city served over HTTP under a virtual clock, and the verbs stories are told in.

Everybody acts through the API; only what no request can do stands beside it: letting time pass,
appointing and dismissing people. Holds no test.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from api.composition import Composition, compose
from api.settings import ROOT, SPEED_LAYERS, Settings
from engine.background.scheduler import Ticked, run_due, run_until
from engine.time.clock import VirtualClock
from storage.database.session import Database, Session
from storage.moments import CHINA
from storage.people import actors, staffing
from storage.people.actors import Actor, list_names
from storage.places import calendar
from storage.places.matters import Matter, put_matters
from storage.tables import officer
from tests import relay
from tests.applications import PARSED, application
from tests.build import GRID, UNIT, VILLAGE, a_business, a_chain, an_officer
from tests.checklists import fill_in
from tests.city import deploy
from tests.histories.letters import check_all_letters

BEGAN = datetime(2023, 7, 1, 8, 0, tzinfo=CHINA)
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=CHINA)
"""A Monday without any holiday near."""

SECRET = "3b9d7f1c5a80e264-stories-only-ZxCvBnMlKj"
VAULT_KEY = bytes(range(32))
MATTERS = ROOT / "city" / "putian" / "matters.csv"

ACCEPTED = {"answer": "accept"}
PASSED_UP = {"outcome": "pass_up", "reason_code": "beyond_powers", "reason": "超出本级职权"}
RESOLVED = {"outcome": "resolved", "measures": "当场改正"}
FORWARDED = {"outcome": "pass_up"}

PLACES = {"unit_leader": UNIT, "grid_member": GRID, "grid_leader": GRID}


def at(year: int, month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment in Shanghai."""
    return datetime(year, month, day, hour, minute, tzinfo=CHINA)


def end_of(year: int, month: int, day: int) -> datetime:
    """The last second of a day in Shanghai, when limits in working days end."""
    return datetime(year, month, day, 23, 59, 59, tzinfo=CHINA)


@dataclass
class World:
    """The city and everybody in it, by role."""

    app: Flask
    composition: Composition
    clock: VirtualClock
    people: dict[str, Actor] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    """Query codes of public reports, by number."""
    is_spoilt: bool = False
    """Whether a test took something out of the database: its deliveries are counted no more."""

    # -- requests --------------------------------------------------------------------------------

    @property
    def database(self) -> Database:
        """Where it is kept."""
        return self.composition.database

    @property
    def client(self) -> FlaskClient:
        """A client of its own, without cookies of anybody."""
        return self.app.test_client()

    def ask(self, method: str, path: str, who: str | None = None, **more: Any) -> TestResponse:
        """Send one request as somebody."""
        headers = {**self._signed_in(who), **more.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def done(self, answer: TestResponse) -> dict[str, Any]:
        """The body of an answer that has to be fine."""
        assert answer.status_code < 300, answer.get_json()
        body: dict[str, Any] = answer.get_json()
        return body

    # -- filing ----------------------------------------------------------------------------------

    def filing(self, who: str, **form: Any) -> TestResponse:
        """Try to file an event; None leaves a field out."""
        area = PLACES.get(who, UNIT)
        usual = {"matter": "L01", "area": area, "description": "示例", "no_photo_reason": "无"}
        return self.ask("POST", "/reports", who, json=_given({**usual, **form}))

    def file(self, who: str = "grid_member", **form: Any) -> str:
        """File an event and give its number."""
        return str(self.done(self.filing(who, **form))["number"])

    def report(self, **form: Any) -> str:
        """Report something as a citizen and give its number; the code is kept."""
        usual = {"kind": "tip", "description": "示例", "channel": "web", "area": VILLAGE}
        body = _given({**usual, **form})
        receipt = self.done(self.ask("POST", "/public/reports", json=body))
        self.codes[receipt["number"]] = receipt["query_code"]
        return str(receipt["number"])

    def look_up(self, number: str) -> dict[str, Any]:
        """What the reporter sees."""
        return self.done(self.ask("GET", f"/public/reports/{number}?code={self.codes[number]}"))

    def dispute(self, number: str, reason: str = "没有整改") -> TestResponse:
        """Dispute a public result."""
        body = {"code": self.codes[number], "reason": reason}
        return self.ask("POST", f"/public/reports/{number}/dispute", json=body)

    # -- working ---------------------------------------------------------------------------------

    def task(self, number: str, name: str | None = None, who: str = "supervisor") -> dict[str, Any]:
        """The one open task of a case, or the one of this name."""
        tasks = [one for one in self.open(number, who) if name in (None, one["name"])]
        assert len(tasks) == 1, [(one["name"], one["holder"]) for one in self.open(number, who)]
        return dict(tasks[0])

    def open(self, number: str, who: str = "supervisor") -> list[dict[str, Any]]:
        """The open tasks of a case."""
        return list(self.case(number, who)["tasks"])

    def doing(self, number: str, who: str, name: str, **form: Any) -> TestResponse:
        """Try to complete a task."""
        task = self.task(number, name)
        return self.ask("POST", f"/tasks/{task['id']}/complete", who, json={"form": form})

    def do(self, number: str, who: str, name: str, **form: Any) -> dict[str, Any]:
        """Complete a task."""
        return self.done(self.doing(number, who, name, **form))

    def act(self, task_id: str, who: str, action: str, **body: Any) -> TestResponse:
        """Do something else with a task."""
        return self.ask("POST", f"/tasks/{task_id}/{action}", who, json=body)

    def offers(self, number: str, who: str) -> set[str]:
        """Everything somebody may do with the open task: actions, fields and their options."""
        path = f"/tasks/{self.task(number)['id']}"
        task = self.done(self.ask("GET", path, who))
        fields = self.done(self.ask("GET", f"{path}/form", who))["fields"]
        options = {option["value"] for one in fields for option in one.get("options", ())}
        return {*task["allowed_actions"], *(one["name"] for one in fields), *options}

    def fill_in(self, number: str, who: str) -> None:
        """Answer every line of the checklist of an inspection, without a fault."""
        fill_in(lambda *request, **more: self.done(self.ask(*request, **more)), number, who)

    def accept(self, number: str, who: str) -> None:
        """Complete the task `accept` of a case; their own report nobody is asked to accept."""
        if "accept" in {task["name"] for task in self.open(number)}:
            self.do(number, who, "accept", **ACCEPTED)

    def pass_up(self, number: str, who: str) -> str:
        """Accept and pass up, or forward; gives the id of the task that passed it up."""
        if who == "village_center":
            task_id = str(self.task(number, "relay")["id"])
            self.do(number, who, "relay", **FORWARDED)
            return task_id
        self.accept(number, who)
        task_id = str(self.task(number, "resolve_or_pass_up")["id"])
        self.do(number, who, "resolve_or_pass_up", **PASSED_UP)
        return task_id

    def resolve(self, number: str, who: str, **form: Any) -> None:
        """Accept and resolve, or end it with another outcome."""
        self.accept(number, who)
        self.do(number, who, "resolve_or_pass_up", **{**RESOLVED, **form})

    def put_right(self, number: str, **check: Any) -> str:
        """Have what a department found put right on the spot and checked; gives the checker."""
        owner = str(self.case(number)["owner_post"]).split(":")[0]
        form = {"order": "on_the_spot", "reason": "当场改正，没有照片"}
        self.do(number, owner, "order_rectification", **form)
        return self.check(number, **check)

    def enforce(self, number: str, measure: str = "penalty", *, filed_as: str = "") -> None:
        """Have enforcement file a case on a lead, investigate and decide it."""
        filing = {"filing": "filed", "enforcement_case": filed_as or f"示例{number}号"}
        self.do(number, "enforcement", "decide_filing", **filing)
        self.do(number, "enforcement", "investigate", **self.investigators())
        needs_document = measure in {"penalty", "transfer_to_justice"}
        decision = {"measure": measure, **({"document": "示例文书1号"} if needs_document else {})}
        self.do(number, "enforcement", "decide_penalty", **decision)

    def investigators(self) -> dict[str, str]:
        """What two officers write of an investigation: one of the brigade, one of the station."""
        names = f"{self.name('enforcement')}、{self.name('station')}"
        return {"officers": names, "measures": "现场检查"}

    def check(self, number: str, **form: Any) -> str:
        """Check a rectification as whoever has to; gives the role."""
        chosen = str(self.task(number, "check_rectification")["holder"]["post"]).split(":")[0]
        given = {"check_result": "passed", **form}
        self.do(number, chosen, "check_rectification", **given)
        return chosen

    def climb(self, number: str, *, to: str) -> None:
        """Pass up from where it waits until it waits at `to`."""
        while (level := self.task(number)["level"]) != to:
            self.pass_up(number, level)

    # -- reading ---------------------------------------------------------------------------------

    def case(self, number: str, who: str = "supervisor") -> dict[str, Any]:
        """A case as somebody sees it."""
        return self.done(self.ask("GET", f"/cases/{number}", who))

    def entries(self, number: str, kind: str | None = None) -> list[dict[str, Any]]:
        """The case file, or its entries of one kind."""
        found: list[dict[str, Any]] = []
        after: int | None = 0
        while after is not None:
            page = self.done(
                self.ask("GET", f"/cases/{number}/events?cursor={after}", "supervisor")
            )
            found += page["items"]
            after = page["next"]
        return [one for one in found if kind in (None, one["kind"])]

    def notes(self, number: str, kind: str) -> list[dict[str, Any]]:
        """What the entries of a kind say."""
        return [entry["data"] for entry in self.entries(number, kind)]

    def levels(self, number: str) -> list[str]:
        """The roles that owned the case, in order."""
        return [note["owner"].split(":")[0] for note in self.notes(number, "owner_changed")]

    def post(self, role: str) -> str:
        """The post of a role of the chain."""
        return self.people[role].posts[0].id

    # -- what no request does --------------------------------------------------------------------

    def until(self, moment: datetime) -> Ticked:
        """Let time pass; whatever is due on the way happens."""
        return run_until(self.database, self.composition.runner, self.clock, moment, due=self.tick)

    def wait(self, **time: float) -> Ticked:
        """Let some days or hours pass."""
        return self.until(self.clock.now() + timedelta(**time))

    def tick(self) -> Ticked:
        """Let what is due now happen."""
        if broker := relay.broker_url():
            return relay.run_due(self.composition, broker)
        return run_due(self.database, self.composition.runner)

    def dismiss(self, role: str) -> None:
        """Nobody holds the post of this role any more."""
        with self.database.transaction() as session:
            staffing.leave(session, self.post(role), until=self.clock.now())
            self._reload(session, role)

    def leave(self, who: str) -> None:
        """Somebody leaves the post; colleagues stay."""
        officer = self.people[who]
        with self.database.transaction() as session:
            now = self.clock.now()
            staffing.leave(session, officer.posts[0].id, until=now, officer_id=officer.id)

    def appoint(self, role: str, *, name: str, business: int | None = None) -> None:
        """Somebody more holds the post of a role; known as `name`."""
        with self.database.transaction() as session:
            officer = an_officer(session, business_id=business)
            staffing.hold(session, self.post(role), officer.id, since=BEGAN)
            self.people[name] = officer
            self._reload(session, name)

    def name(self, who: str) -> str:
        """The display name of somebody."""
        officer = self.people[who].id
        with self.database.reading() as session:
            return list_names(session, [officer])[officer]

    def give(self, role: str, who: str) -> None:
        """Somebody who is there already holds the post of this role as well."""
        with self.database.transaction() as session:
            staffing.hold(session, self.post(role), self.people[who].id, since=BEGAN)

    def grant(self, role: str, right: str) -> None:
        """Give somebody a right no role includes."""
        with self.database.transaction() as session:
            officer_id = self.people[role].id
            session.execute(
                update(officer).where(officer.c.id == officer_id).values(rights=[right])
            )

    def business(self, **more: Any) -> int:
        """A registered food business."""
        with self.database.transaction() as session:
            return a_business(session, **more)

    def _reload(self, session: Session, name: str) -> None:
        now, officer_id = self.clock.now(), self.people[name].id
        with_posts = actors.load_actor(session, officer_id, at=now)
        # Who was dismissed is still known by the post that was held.
        if with_posts.posts:
            self.people[name] = with_posts

    def _signed_in(self, who: str | None) -> dict[str, str]:
        if who is None:
            return {}
        officer = self.people[who]
        token = self.composition.tokens.issue(
            officer.id, officer.token_version, now=self.clock.now()
        )
        return {"Authorization": f"Bearer {token}"}


def _given(form: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in form.items() if value is not None}


def settle(session: Session) -> dict[str, Actor]:
    """Bring in the chain of posts, the matter list, the calendar and the shipped diagrams."""
    chain = a_chain(session)
    put_matters(session, list(matters()))
    calendar.seed(session)
    deploy(session, at=BEGAN)
    return chain


def served(
    url: str,
    folder: Path,
    chain: dict[str, Actor],
    *,
    speed_layers: frozenset[str] = SPEED_LAYERS,
) -> Iterator[World]:
    """The application on a settled database, at nine on a Monday."""
    settings = Settings(
        database_url=url,
        secret_key=SECRET,
        vault_key=VAULT_KEY,
        var_folder=folder,
        blob_folder=folder / "blobs",
        token_hours=8,
        actor_cache_seconds=0,
        rate_limits=False,
        speed_layers=speed_layers,
    )
    clock = VirtualClock(MONDAY)
    composition = compose(settings, clock=clock, definitions=PARSED)
    with application(composition) as app:
        world = World(app, composition, clock, dict(chain))
        yield world
    if not world.is_spoilt:
        check_all_letters(world.database)
    world.composition.database.close()


def matters() -> Iterator[Matter]:
    """The matter list of the city as it is shipped."""
    with MATTERS.open(encoding="utf-8", newline="") as file:
        for place, row in enumerate(csv.DictReader(file), start=1):
            texts = {name: value or None for name, value in row.items()}
            is_required = texts.pop("photo_required") == "yes"
            yield Matter(**texts, photo_required=is_required, sort=place)  # type: ignore[arg-type]  # a row of texts
