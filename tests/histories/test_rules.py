"""The rules of the histories notice what they are there to notice."""

from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.inspections import plans
from storage.cases.cases import Case
from storage.cases.events import CaseEvent
from storage.database.session import Database
from storage.inspections.plans import add_plan
from tests.build import MORNING, a_case, a_chain
from tests.histories.rules import Path, check_hidden, check_rectified
from tests.histories.starts import settle_ground

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
GRID_FIRST = (
    "case_opened",
    {
        "decisions": [
            {
                "decision": "matters",
                "outputs": {"accepting_party": "GRID_FIRST", "accepting_level": "collector"},
            }
        ]
    },
)


def owner(role: str) -> tuple[str, dict[str, Any]]:
    return "owner_changed", {"owner": f"{role}:somewhere"}


def up(level: str) -> tuple[str, dict[str, Any]]:
    return "passed_up", {"level": level}


def over(level: str) -> tuple[str, dict[str, Any]]:
    return "post_stepped_over", {"level": level}


def back(kind: str, level: str) -> tuple[str, dict[str, Any]]:
    return kind, {"to_level": level}


def follow(case: Case, *entries: tuple[str, dict[str, Any]]) -> None:
    Path(case).follow(events_of(GRID_FIRST, *entries))


def events_of(*entries: tuple[str, dict[str, Any]]) -> list[CaseEvent]:
    return [
        CaseEvent(seq, AT, "system", None, kind, data, "", "")
        for seq, (kind, data) in enumerate(entries, start=1)
    ]


@pytest.fixture
def case(sqlite: Database) -> Case:
    with sqlite.transaction() as session:
        chain = a_chain(session)
        return a_case(session, collector_post=chain["grid_member"].posts[0].id).case


GOOD = {
    "rung by rung": (owner("grid_member"), up("grid_member"), owner("grid_leader")),
    "over a vacancy": (
        owner("grid_member"),
        up("grid_member"),
        over("grid_leader"),
        owner("village_center"),
    ),
    "taken back": (
        owner("grid_member"),
        up("grid_member"),
        owner("grid_leader"),
        back("withdrawn", "grid_member"),
        owner("grid_member"),
    ),
    "verified and failed": (
        owner("grid_member"),
        back("verification_failed", "grid_member"),
        up("grid_member"),
        owner("grid_leader"),
    ),
}
BAD = {
    "a rung left out": (owner("grid_member"), up("grid_member"), owner("village_center")),
    "another rung stepped over": (
        owner("grid_member"),
        up("grid_member"),
        over("station"),
        owner("village_center"),
    ),
    "downwards": (owner("grid_member"), up("grid_member"), owner("grid_member")),
    "moved without being passed up": (owner("grid_member"), owner("grid_leader")),
    "a wrong beginning": (owner("grid_leader"),),
    "back to somebody else": (
        owner("grid_member"),
        up("grid_member"),
        owner("grid_leader"),
        back("withdrawn", "grid_member"),
        owner("village_center"),
    ),
}


@pytest.mark.parametrize("entries", GOOD.values(), ids=GOOD)
def test_a_contiguous_path_is_fine(case: Case, entries: tuple[Any, ...]) -> None:
    """R40."""
    follow(case, *entries)


@pytest.mark.parametrize("entries", BAD.values(), ids=BAD)
def test_a_path_with_a_hole_is_noticed(case: Case, entries: tuple[Any, ...]) -> None:
    """R40."""
    with pytest.raises(AssertionError):
        follow(case, *entries)


def test_an_owner_below_the_collector_is_noticed(case: Case) -> None:
    """R26."""
    with pytest.raises(AssertionError):
        follow(case._replace(floor_rank=5), owner("grid_member"))


def test_a_case_that_loses_its_owner_is_noticed(case: Case) -> None:
    with pytest.raises(AssertionError):
        follow(case, owner("grid_member"), ("task_completed", {"case": {"owner_post": None}}))


FOUND = ("inspected", {"result": "problems"})
PUT_RIGHT = ("verified", {"rectification": "rectified"})


@pytest.mark.parametrize(
    ("kind", "entry", "missing"),
    [
        ("department_inspection", FOUND, False),
        ("department_inspection", ("inspected", {"result": "nothing"}), True),
        ("self_inspection", ("self_inspected", {"checked_by": "second_person"}), False),
        ("self_inspection", ("self_inspected", {"checked_by": "photo_only"}), True),
    ],
)
def test_a_close_without_a_rectification_is_noticed(
    case: Case, kind: str, entry: tuple[str, dict[str, Any]], *, missing: bool
) -> None:
    """R24, R55."""
    closed = case._replace(kind=kind, status="closed", outcome="resolved")
    if missing:
        check_rectified(closed, events_of(entry))
    else:
        with pytest.raises(AssertionError):
            check_rectified(closed, events_of(entry))
    check_rectified(closed, events_of(entry, PUT_RIGHT))


def test_a_hidden_plan_somebody_is_shown_is_noticed(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R21: named in a case, or seen by a rank below."""
    with sqlite.transaction() as session:
        chain = a_chain(session)
        ground = settle_ground(session, chain)
        now = MORNING
        people = ground.people.values()
        values = {
            "kind": "unannounced",
            "title": "保密检查1",
            "post": chain["county"].posts[0].id,
            "businesses": ground.businesses,
            "inspectors": [chain["county"].id],
            "since": now.date(),
            "until": now.date(),
            "visible_from_rank": chain["county"].posts[0].rank,
            "embargo_until": None,
            "created_by": chain["county"].id,
            "created_at": now,
        }
        plan = add_plan(session, values)
        check_hidden(session, plan, people, now=now)
        with monkeypatch.context() as patched:
            patched.setattr(plans, "_is_seen", lambda *_: True)
            with pytest.raises(AssertionError):
                check_hidden(session, plan, people, now=now)
        a_case(session, title="保密检查1", collector_post=chain["county"].posts[0].id)
        with pytest.raises(AssertionError):
            check_hidden(session, plan, people, now=now)
