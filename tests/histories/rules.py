"""What holds in every history, at every moment and at its end; told by the database and the file.

Nothing here knows which acts were done: the rules are read off the case, its tasks and its file.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from engine.casefile.replay import differences, replay
from handlers.inspections.plans import list_seen
from storage.cases.cases import Case, get_case, list_processes
from storage.cases.events import CaseEvent, list_events, verify
from storage.cases.messages import list_waiting_of
from storage.cases.tasks import list_open_tasks
from storage.cases.timers import list_timers
from storage.database.session import Session
from storage.inspections.plans import InspectionPlan
from storage.moments import NEVER
from storage.people.actors import Actor
from storage.places.levels import RANKS
from storage.tables import case_, case_event, inspection, outbox

GRID = ("grid_leader", "village_center", "station", "county", "city")
NEXT_UP = {
    "unit_leader": "grid_leader",
    "grid_member": "grid_leader",
    "village_assistant": "station",
    **dict(pairwise(GRID)),
}
STATE_BYTES = 2048
"""Design section 3: marking and data of a running process together."""

STANDING_IN = {"supervisor": "city"}
"""Who answers in the place of a rung where nobody is."""


def check_now(session: Session, case_id: int) -> None:
    """The rules of every moment."""
    case = get_case(session, case_id)
    tasks = list_open_tasks(session, case_id)
    timers = list_timers(session, case_id)
    waiting = list_waiting_of(session, case_id)
    (main, *_) = [
        process for process in reversed(list_processes(session, case_id)) if not process.asked_by
    ]
    of_main = [one for one in tasks if one.running_id == main.id]

    size = len(main.marking) + len(main.data)
    assert size <= STATE_BYTES, f"{size} bytes of state: {main.data}"
    assert all(one.due_at is not None and one.due_at < NEVER for one in tasks), "no due time"
    if case.floor_rank is not None and case.owner_rank is not None:
        assert case.owner_rank >= case.floor_rank, "R26: owner below the collector"
    for task in of_main:
        if task.lane == "owner":
            assert task.post_id == case.owner_post, "an owner's task is with somebody else"
    if case.status == "open":
        assert main.state == "running", "open, but nothing runs"
        drawn = [timer for timer in timers if timer.running_id == main.id and timer.kind == "drawn"]
        assert of_main or drawn or waiting, "stuck: nobody and nothing is waited for"
    else:
        assert (main.state, of_main) == ("ended", []), "closed, but something is open"
        assert case.outcome is not None, "R45: closed without a result"
        assert case.closed_at is not None, "closed, but nobody knows when"
        assert not [timer for timer in timers if timer.running_id == main.id], "closed, but armed"


def check_whole(session: Session, case_id: int) -> None:
    """The rules of a whole case file: chain of hashes, replay, path."""
    case = get_case(session, case_id)
    events = list_events(session, case_id)
    assert verify(case.number, events) is None, "the chain of hashes is broken"
    found = differences(replay(events), case, list_open_tasks(session, case_id))
    assert found == [], f"the file does not replay to the case: {found}"
    Path(case).follow(events)
    check_rectified(case, events)
    check_investigated(case, events)


def check_hidden(
    session: Session, plan: InspectionPlan, people: Iterable[Actor], *, now: datetime
) -> None:
    """R21: a hidden plan has no case, stands in no file or message, and nobody below sees it."""
    if not plan.is_hidden(now):
        return
    opened = select(inspection.c.case_id).where(inspection.c.plan_id == plan.id)
    assert session.execute(opened).first() is None, "R21: a hidden plan has a case"
    told = {
        "cases": select(case_.c.title, case_.c.description),
        "files": select(case_event.c.data),
        "messages": select(outbox.c.payload),
    }
    for where, question in told.items():
        words = str(session.execute(question).all())
        assert plan.title not in words, f"R21: a hidden plan is named in {where}"
    planner = RANKS[plan.post.partition(":")[0]]
    for person in people:
        rank = max((post.rank for post in person.posts), default=0)
        if rank < planner:
            seen = [found.id for found in list_seen(session, actor=person, now=now)]
            assert plan.id not in seen, f"R21: {person.username} sees a hidden plan"


def check_investigated(case: Case, events: list[CaseEvent]) -> None:
    """R25: a case that was handed over closes only after enforcement reported back."""
    handed = [event.seq for event in events if event.data.get("task") == "decide_filing"]
    if case.status == "closed" and handed and case.outcome == "case_lead":
        reported = [event.seq for event in events if event.kind == "enforcement_reported"]
        assert max(reported, default=0) > max(handed), "R25: closed before enforcement reported"


def check_rectified(case: Case, events: list[CaseEvent]) -> None:
    """R24, R42: what a department found closes with a result that a second person checked."""
    acts = [(event, event.data.get("task")) for event in events if event.kind == "task_completed"]
    party: set[str] = set()
    for event, task in acts:
        if task == "order_rectification":
            party = {event.actor}
        elif task == "prove_rectification":
            party.add(event.actor)
        elif task == "check_rectification":
            assert event.actor not in party, "somebody checked their own rectification"
    if case.status == "closed" and _has_to_be_put_right(case, events):
        results = [event.data.get("rectification") for event in events if event.kind == "verified"]
        assert any(results[-1:]), "R24: closed without a rectification or a reason"


def _has_to_be_put_right(case: Case, events: list[CaseEvent]) -> bool:
    """Whether something was found that only a checked rectification, or a reason, may close."""
    last = {event.kind: event.data for event in events}
    if case.kind == "department_inspection":
        return last["inspected"]["result"] in {"problems", "both"}
    if case.kind == "self_inspection":
        return last.get("self_inspected", {}).get("checked_by") == "second_person"
    is_found = case.floor_rank is not None and case.kind == "grid_report"
    return is_found and case.outcome in {"resolved", "long_running", "case_lead"}


@dataclass
class Path:
    """The rungs a case stood on, as its file tells them.

    R40: a contiguous run of the chain from where it began, apart from recorded vacancy, return,
    withdrawal, failed verification and dispute.
    """

    case: Case
    here: str | None = None
    """The rung it stands on."""
    come_from: str | None = None
    """Where it has to begin again: set by what sent it back, or by its start."""
    left_upwards: bool = False
    stepped_over: list[str] = field(default_factory=list)
    entries: set[str] = field(default_factory=set)

    def follow(self, events: list[CaseEvent]) -> None:
        """Go through the file in order."""
        for event in events:
            changed = event.data.get("case") or {}
            assert self.here is None or changed.get("owner_post", self.here), "the owner is lost"
            step = getattr(self, f"_{event.kind}", None)
            if step is not None:
                step(event.data)
            for decision in event.data.get("decisions", ()):
                self._decided(decision)
            if event.kind == "owner_changed":
                self._check_floor(event.data["owner"])

    # -- what sends a case somewhere -------------------------------------------------------------

    def _decided(self, data: dict[str, Any]) -> None:
        if data["decision"] == "matters" and data["outputs"].get("accepting_party"):
            level = data["outputs"]["accepting_level"]
            self.entries = self._entries_of(data["outputs"]["accepting_party"], level)

    def _task_completed(self, data: dict[str, Any]) -> None:
        form = data.get("form", {})
        if data.get("task") == "triage" and form.get("triage_answer") == "unlisted":
            self.entries = self._entries_of(form["accepting_party"], "station")

    def _triaged(self, _: dict[str, Any]) -> None:
        self._begin_anew()

    def _case_reopened(self, _: dict[str, Any]) -> None:
        self._begin_anew()

    def _returned(self, data: dict[str, Any]) -> None:
        self._sent_to(data)

    def _withdrawn(self, data: dict[str, Any]) -> None:
        self._sent_to(data)

    def _verification_failed(self, data: dict[str, Any]) -> None:
        self._sent_to(data)

    def _reopened(self, data: dict[str, Any]) -> None:
        self._sent_to(data)

    def _post_stepped_over(self, data: dict[str, Any]) -> None:
        if "level" in data:
            self.stepped_over.append(data["level"])

    def _passed_up(self, data: dict[str, Any]) -> None:
        self._stands_on(data["level"])
        self.left_upwards = True

    def _relayed(self, data: dict[str, Any]) -> None:
        self._stands_on("village_center")
        self.left_upwards = data["outcome"] == "pass_up"

    def _owner_changed(self, data: dict[str, Any]) -> None:
        role = data["owner"].partition(":")[0]
        level = STANDING_IN.get(role, role)
        begins = self._beginnings()
        assert any(self._reaches(start, level) for start in begins), (
            f"R40: from {self.here} (to begin at {sorted(begins)}) to {level},"
            f" stepping over {self.stepped_over}"
        )
        self._arrive(level)

    # -- the chain -------------------------------------------------------------------------------

    def _beginnings(self) -> set[str]:
        if self.come_from is not None:
            return {self.come_from}
        if self.here is None:
            return self.entries or self._public_entries()
        assert self.left_upwards, f"{self.here} lost the case without passing it up"
        return {NEXT_UP[self.here]}

    def _reaches(self, start: str, level: str) -> bool:
        """Whether everything between was stepped over with the reason on file."""
        rung: str | None = start
        while rung is not None and rung != level:
            if rung not in self.stepped_over:
                return False
            rung = NEXT_UP.get(rung)
        return rung == level

    def _stands_on(self, level: str) -> None:
        """It acts on this rung, where it may have come without a change of owner."""
        if self.here != level or self.come_from is not None:
            begins = self._beginnings()
            assert any(self._reaches(start, level) for start in begins), f"acts at {level}"
        self._arrive(level)

    def _arrive(self, level: str) -> None:
        self.here, self.come_from, self.left_upwards = level, None, False
        self.stepped_over.clear()

    def _sent_to(self, data: dict[str, Any]) -> None:
        self.come_from = data["to_level"]
        self.stepped_over.clear()

    def _begin_anew(self) -> None:
        self.here, self.come_from, self.left_upwards = None, None, False
        self.stepped_over.clear()

    def _entries_of(self, party: str, level: str) -> set[str]:
        """R39, R24, A11: where a case of this party starts."""
        collector = str(self.case.collector_post).partition(":")[0]
        if party == "EMERGENCY":
            return {max("county", collector, key=RANKS.__getitem__)}
        is_department = self.case.floor_rank is not None
        return {collector} if is_department or party == "GRID_FIRST" else {level}

    def _public_entries(self) -> set[str]:
        """Where a case begins that no table sends anywhere."""
        if self.case.kind == "department_inspection":
            return {str(self.case.collector_post).partition(":")[0]}
        if self.case.kind == "self_inspection":
            return {"station"}
        return {"village_assistant", "county"}

    def _check_floor(self, owner: str) -> None:
        role = owner.partition(":")[0]
        rank = RANKS.get(STANDING_IN.get(role, role), 0)
        assert rank >= (self.case.floor_rank or 0), f"R26: {owner} below the collector"
