"""The calendar of one's inspections and due tasks as a file to open in any calendar."""

from typing import Any

from web.frame import sessions
from web.frame.answers import problem_page
from web.frame.site import site
from web.frame.writing import ask


@site.get("/calendar.ics")
@sessions.signed_in
def own_calendar() -> Any:
    """The file."""
    answer = ask("calendar.feed", {}, {})
    return problem_page(answer) if answer.is_problem else answer.data
