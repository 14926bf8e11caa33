"""A station asks a business for a self-inspection beside the calendar: of what it owes."""

from typing import Any, Final

from flask import redirect, request, url_for

from engine.reads.reading import Reading
from handlers.patrols.representatives import require_department
from storage.patrols.obligations import list_owed
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, rendered
from web.frame.fields import id_of
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import write
from web.pages.patrols import words

PROCESS: Final = "self_inspection"
MOST: Final = 500


@site.get("/start/self_inspection")
@sessions.kept_offline
@sessions.signed_in
def ask_for_self_inspection() -> Any:
    """What the businesses of one's areas owe, one of which is asked for now."""
    return _page()


@site.post("/start/self_inspection")
@sessions.signed_in
def start_self_inspection() -> Any:
    """Ask for it; a period that is not owed is refused in words."""
    business, _, period = request.form.get("owed", "").partition(":")
    body = {"business": id_of(business), "period": period}
    at = {"process": PROCESS}
    answer = write("process_starts.start", at, body, key=posted_key())
    if answer.is_problem:
        return _page(problem=detail(answer), status=answer.status)
    return redirect(url_for("web.case", number=answer.data["number"], done="started"), code=303)


def _page(*, problem: str = "", status: int = 200) -> Any:
    def look(reading: Reading) -> list[tuple[str, str]]:
        require_department(reading.actor)
        owed = list_owed(reading.session, PROCESS, reading.actor.prefixes, limit=MOST)
        names = words.periods()
        return [
            (f"{each.business_id}:{each.period}", f"{each.business} · {names[each.period]}")
            for each in owed
        ]

    values = {"owed": seen(look), "chosen": request.form.get("owed", ""), "problem": problem}
    return rendered("patrols/asking.html", status, **values, key=new_key())
