"""The calendar of one's inspections and due tasks, for the calendar of a telephone or an office."""

from datetime import timedelta
from typing import Final

from flask import Response
from icalendar import Calendar, Event

from api.http.auth import SIGNED_IN
from api.http.routes import Ask, Gives, Resource
from handlers.inspections.agenda import AgendaEntry, agenda_of

routes = Resource("calendar", "Own inspections and due tasks as an iCalendar file.")

TYPE: Final = "text/calendar"


@routes.get("/calendar.ics", needs=SIGNED_IN, gives=Gives(content_type=TYPE))
def feed(ask: Ask) -> Response:
    """Export one's own inspections and due tasks; hidden plans are in no calendar."""
    calendar = Calendar()
    calendar.add("prodid", "-//hangji//inspections//ZH")
    calendar.add("version", "2.0")
    for entry in agenda_of(ask.session, actor=ask.actor, now=ask.now):
        calendar.add_component(_event(ask, entry))
    response = Response(calendar.to_ical())
    response.content_type = f"{TYPE}; charset=utf-8"
    response.headers["Content-Disposition"] = "attachment; filename=hangji.ics"
    response.headers["Cache-Control"] = "no-store"
    return response


def _event(ask: Ask, entry: AgendaEntry) -> Event:
    event = Event()
    event.add("uid", f"{entry.key}@hangji")
    event.add("dtstamp", ask.now)
    event.add("summary", entry.title)
    if entry.due_at is not None:
        event.add("dtstart", entry.due_at)
        event.add("dtend", entry.due_at)
    else:
        event.add("dtstart", entry.since)
        # The end of whole days is the day after the last.
        event.add("dtend", entry.until + timedelta(days=1))
    return event
