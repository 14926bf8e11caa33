"""A case as a handler sees it, on a small town with every post filled; holds no test."""

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.contract import Actor, Case
from engine.time.calendar import WorkCalendar
from storage.cases import cases
from storage.database.session import Session
from storage.people import staffing
from storage.places.matters import Matter, put_matters
from tests.build import MORNING, UNIT, a_chain

MATTERS = Path(__file__).parents[2] / "city" / "putian" / "matters.csv"
CALENDAR = WorkCalendar()
NEVER = "9999-12-30T00:00:00+08:00"


@dataclass
class Scene:
    """One chain of posts, and cases about it."""

    session: Session
    people: dict[str, Actor]

    def case(
        self,
        data: dict[str, Any] | None = None,
        *,
        now: datetime = MORNING,
        **columns: Any,
    ) -> Case:
        """A case with these data and columns; not in the database until something needs it."""
        case_id, _ = cases.next_ids(self.session)
        blank = cases.blank_case(case_id, at=now)
        row = {**blank, "area_code": UNIT, "kind": "grid_report", **columns}
        return Case(self.session, now, CALENDAR, row, data or {})

    def collected_by(
        self,
        role: str,
        data: dict[str, Any] | None = None,
        **columns: Any,
    ) -> Case:
        """A case that this role collected; the department's with its floor."""
        officer = self.people[role]
        (post,) = officer.posts
        floor = post.rank if role in {"station", "county", "city"} else None
        known = {
            "collector_officer": officer.id,
            "collector_post": post.id,
            "floor_rank": floor,
        }
        return self.case(data, **{**known, **columns})

    def post(self, role: str) -> str:
        """The id of the post a role holds here."""
        (post,) = self.people[role].posts
        return post.id

    def vacate(self, role: str) -> None:
        """Nobody holds the post of this role any more."""
        staffing.leave(self.session, self.post(role), until=MORNING)


def settle(session: Session) -> dict[str, Actor]:
    """Appoint one officer to every post and publish the matter list."""
    put_matters(session, shipped_matters())
    return a_chain(session)


def kinds(case: Case) -> list[str]:
    """What was noted, in order."""
    return [note.kind for note in case.notes]


def told(case: Case) -> list[tuple[str, str]]:
    """Who is told, and with which template."""
    return [(delivery.receiver, delivery.template) for delivery in case.deliveries]


def shipped_matters() -> list[Matter]:
    """The matter list of the city as it is shipped."""
    with MATTERS.open(encoding="utf-8", newline="") as file:
        return [
            Matter(
                **{name: value or None for name, value in row.items() if name != "photo_required"},  # type: ignore[arg-type]  # a row of texts
                photo_required=row["photo_required"] == "yes",
                sort=place,
            )
            for place, row in enumerate(csv.DictReader(file), start=1)
        ]
