"""What happens to a case here is told to the other platform, which keeps one record of it (R31)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.syncing.pushing import SyncChannel
from engine.background.outbox import Delivered
from handlers.sync.mapping import read_mappings
from handlers.sync.matching import relation_of
from handlers.sync.protocol import (
    INSPECTION,
    PulledPage,
    PulledRecord,
    Push,
    PushAnswer,
    ReportedVisit,
    SourceFailed,
)
from storage.sync.dead import list_dead
from storage.sync.records import KeptRecord, list_of_subject
from storage.sync.sources import ensure_source, update_source
from tests.delivering import deliver_due
from tests.stories.world import World

SOURCE = "smart_supervision"


@dataclass
class TheirPlatform:
    """The other side: one record for each key, a new version for each change."""

    is_down: bool = False
    loses_answers: bool = False
    refuses: str = ""
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)

    def push(self, deliveries: Sequence[Push]) -> Sequence[PushAnswer]:
        """Take each key once."""
        if self.is_down:
            message = "no answer"
            raise SourceFailed(message)
        answers = [self._taken(push) for push in deliveries]
        if self.loses_answers:
            message = "the answer was lost"
            raise SourceFailed(message)
        return answers

    def _taken(self, push: Push) -> PushAnswer:
        if self.refuses:
            return PushAnswer(verdict="refused", message=self.refuses)
        known = push.external_id or self.by_key.get(push.key)
        ident = known or f"P-{len(self.records) + 1}"
        self.by_key[push.key] = ident
        version = self.records.get(ident, {}).get("version", 0) + 1
        self.records[ident] = {**push.body, "version": version}
        self.told.append(push.kind)
        return PushAnswer(verdict="accepted", external_id=ident, version=version)

    def pull(self, cursor: str | None, limit: int) -> PulledPage:
        """Nothing of their own."""
        self.asked.append((cursor, limit))
        return PulledPage((), cursor, has_more=False)

    def fetch(self, external_id: str) -> None:
        """Nothing of their own."""

    def versions(self, day: date) -> Mapping[str, int]:
        """Nothing of their own."""
        self.asked.append(day)
        return {}


@pytest.fixture
def world(either_world: World) -> World:
    """Every story here is told on both kinds of database."""
    return either_world


@pytest.fixture(autouse=True)
def theirs(tmp_path: Path) -> TheirPlatform:
    """Another platform that this city tells of its cases, written down before the city starts."""
    way = {"url": "https://supervision.example", "secret": "none", "hosts": []}
    (tmp_path / "outgoing.json").write_text(json.dumps({"sync": {SOURCE: way}}), encoding="utf-8")
    return TheirPlatform()


def sent(world: World, theirs: TheirPlatform) -> Delivered:
    """One round of deliveries to it."""
    composition = world.composition
    mapping = read_mappings(composition.settings.city_folder)[SOURCE]
    channel = SyncChannel(world.database, lambda _: (theirs, mapping), composition.vault_keys)
    return deliver_due(world.database, {"sync": channel}, world.clock)


def held(world: World, number: str) -> list[KeptRecord]:
    with world.database.reading() as session:
        return list_of_subject(session, "case", int(number[4:-1]))


def refused(world: World) -> list[str]:
    with world.database.reading() as session:
        return [letter.message for letter in list_dead(session, SOURCE).items]


def test_a_round_trip_keeps_the_ids_and_makes_no_copy(world: World, theirs: TheirPlatform) -> None:
    """R31: their id is kept, and what comes back is known by it and by our number."""
    shop = world.business()
    number = world.file("station", business=shop)

    sent(world, theirs)
    (kept,) = held(world, number)
    echo = PulledRecord(
        external_id="P-1",
        version=1,
        changed_at=world.clock.now(),
        kind=INSPECTION,
        day=world.clock.now().date() + timedelta(days=9),
        visit=ReportedVisit(
            visited_at=world.clock.now(),
            unit="station",
            business_name="示例小吃店",
            found_problem=True,
            handled=True,
            remark=str(theirs.records["P-1"]["bz"]),
        ),
        raw={},
    )
    with world.database.reading() as session:
        back = relation_of(session, echo, business_id=shop)

    assert theirs.told == ["case_opened"]
    assert (theirs.records["P-1"]["bz"], theirs.records["P-1"]["sxdm"]) == (
        f"夯基 {number}",
        "F1001",
    )
    assert (theirs.records["P-1"]["jcdw"], theirs.records["P-1"]["dwmc"]) == ("SCS", "示例小吃店")
    assert (kept.external_id, kept.origin, kept.relation) == ("P-1", "ours", "linked")
    assert (back.relating, back.case_id) == ("link", int(number[4:-1]))
    assert len(world.done(world.ask("GET", "/cases", "station"))["items"]) == 1


def test_a_platform_that_is_down_or_loses_its_answer_gets_one_record_in_the_end(
    world: World, theirs: TheirPlatform
) -> None:
    """R31: tried again under one key, also by the event that comes next."""
    number = world.file("station", business=world.business())

    theirs.is_down = True
    down = sent(world, theirs)
    theirs.is_down, theirs.loses_answers = False, True
    world.clock.advance(timedelta(minutes=1))
    lost = sent(world, theirs)
    theirs.loses_answers = False
    world.clock.advance(timedelta(minutes=1))
    taken = sent(world, theirs)

    assert (down.failed, lost.failed, taken.sent) == (1, 1, 1)
    assert list(theirs.records) == ["P-1"]
    assert [record.external_id for record in held(world, number)] == ["P-1"]


def test_a_refusal_is_a_dead_letter_in_words_and_a_paused_platform_is_not_told(
    world: World, theirs: TheirPlatform
) -> None:
    """R31: a refusal is not tried again automatically; a tip is not passed on."""
    theirs.refuses = "事项代码不在清单"
    world.file("station", business=world.business())
    world.report()

    first, again = sent(world, theirs), sent(world, theirs)
    with world.database.transaction() as session:
        ensure_source(session, SOURCE, "rest_json", at=world.clock.now())
        update_source(session, SOURCE, paused=True, paused_reason="演练")
    world.file("station", business=world.business(name="别家"))
    paused = sent(world, theirs)

    assert (first.sent, again.sent) == (1, 0)
    assert refused(world) == ["事项代码不在清单"]
    assert (paused.sent, paused.failed) == (0, 1)
    assert theirs.records == {}


def test_a_closed_case_changes_the_record_it_has_there(world: World, theirs: TheirPlatform) -> None:
    """R31: one record of theirs with the later state; what the grid collects is not theirs."""
    number = world.file("station", business=world.business())
    grids = world.file("grid_member", business=world.business(name="别家"))
    sent(world, theirs)
    world.resolve(number, "station")
    world.put_right(number)

    sent(world, theirs)

    assert world.case(number)["status"] == "closed"
    assert theirs.told == ["case_opened", "rectified", "case_closed"]
    assert held(world, grids) == []
    assert list(theirs.records) == ["P-1"]
    assert (theirs.records["P-1"]["sfcz"], theirs.records["P-1"]["version"]) == ("1", 3)
