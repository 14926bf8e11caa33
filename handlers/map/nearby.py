"""Open cases near a place: perhaps the same thing was reported already."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.cases.cases import Case
from storage.cases.related import list_open_around
from storage.city.rules import installed
from storage.database.session import Session
from storage.people.actors import Actor
from storage.places.positions import Position, metres_between, position_of


@dataclass(frozen=True, slots=True)
class NearCase:
    """An open case and how far away it is."""

    case: Case
    metres: int


def list_near(
    session: Session, at: Position, *, actor: Actor, now: datetime, but: str = ""
) -> list[NearCase]:
    """List the open cases an actor may see near a place, the nearest first; not the case `but`."""
    thresholds = installed().thresholds
    since = now - timedelta(days=thresholds.nearby_days)
    found = []
    for case in list_open_around(session, actor=actor, since=since):
        there = position_of(case.location)
        if there is None or case.number == but:
            continue
        metres = round(metres_between(at, there))
        if metres <= thresholds.nearby_metres:
            found.append(NearCase(case, metres))
    return sorted(found, key=lambda near: (near.metres, near.case.number))
