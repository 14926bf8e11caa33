"""Open limits after the calendar changed, as long work: each task a part of its own."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from engine.actions.recount import recount
from engine.background.operations import Doing
from engine.run.runner import Runner
from engine.time.calendar import WorkCalendar
from storage.cases.tasks import list_due_since
from storage.database.session import Session
from storage.moments import Json, from_text, to_text
from storage.operations.operations import NewOperation
from storage.places import calendar

__all__ = ["KIND", "known_calendar", "ordered", "recount_limits"]

KIND: Final = "recount_limits"
TITLE: Final = {"zh": "按新日历重算期限", "en": "Counting open limits on the new calendar"}


def known_calendar(session: Session) -> WorkCalendar:
    """The working days as they are in the database now."""
    return WorkCalendar(calendar.day_kinds(session), calendar.announced_years(session))


def ordered(before: WorkCalendar, *, now: datetime, started_by: int | None) -> NewOperation:
    """Describe the work after an import: from the calendar as it was to the one there is then.

    Belongs into the transaction of the import, so that none is without the other.
    """
    days = {day.isoformat(): kind for day, kind in before.days.items()}
    arguments = {"days": days, "years": sorted(before.announced_years), "since": to_text(now)}
    return NewOperation(KIND, TITLE, arguments, started_by=started_by)


def recount_limits(runner: Runner, doing: Doing) -> Json:
    """Count every open limit again; the result holds the number moved."""
    state: dict[str, Any] = doing.checkpoint or {"after": [0, ""], "moved": 0}
    before, moved = _calendar_of(doing.arguments), state["moved"]
    with doing.database.reading() as session:
        after = known_calendar(session)
        keys = _open_clocks(session, doing)
    done = doing.done
    doing.report(done, done + len(keys))
    for running_id, token in keys:
        done += 1
        place: dict[str, Any] = {"after": [running_id, token]}
        with doing.part(done=done, checkpoint=place) as session:
            found = recount(runner, session, running_id, token, before=before, after=after)
            moved += found is not None
            place["moved"] = moved
    summary = {"zh": f"{moved} 个期限已调整。", "en": f"{moved} open limits moved."}
    return {"moved": moved, "summary": summary}


def _open_clocks(session: Session, doing: Doing) -> list[tuple[int, str]]:
    place = (doing.checkpoint or {"after": [0, ""]})["after"]
    last, keys = (place[0], place[1]), list[tuple[int, str]]()
    since = from_text(doing.arguments["since"])
    while page := list_due_since(session, since, after=last):
        keys += page
        last = page[-1]
    return keys


def _calendar_of(arguments: Mapping[str, Json]) -> WorkCalendar:
    days = {date.fromisoformat(day): kind for day, kind in arguments["days"].items()}
    return WorkCalendar(days, frozenset(arguments["years"]))
