"""The board of rectifications: what is to be ordered, proved or checked, the first due first."""

from datetime import datetime
from typing import Any

from flask import render_template, request, url_for

from engine.reads.reading import Reading
from storage.inspections.rectifications import STEPS, OpenRectification, list_rectifications
from web.frame import sessions
from web.frame.contract import hangji
from web.frame.language import moment, t
from web.frame.naming import Names, names_for, titles_for
from web.frame.reading import cursor, seen
from web.frame.site import site

WORDS = {
    "order": ("待责令", "To be ordered"),
    "prove": ("待证明", "To be proved"),
    "check": ("待核查", "To be checked"),
}
_STEP_OF = {task_id: step for step, task_id in STEPS.items()}


@site.get("/rectifications")
@sessions.signed_in
def rectification_board() -> Any:
    """Those of cases one may see; each row opens its case."""
    return render_template("inspections/rectifications.html", **seen(_listed))


def _listed(reading: Reading) -> dict[str, Any]:
    asked = request.args.get("step")
    step, is_late = (asked if asked in STEPS else None), request.args.get("overdue") == "1"
    page = list_rectifications(
        reading.session,
        reading.actor,
        step=step,
        before=reading.now if is_late else None,
        cursor=cursor(),
    )
    names = names_for(
        reading,
        posts=[found.post for found in page.items],
        areas=[found.area for found in page.items],
        businesses=[found.business_id for found in page.items],
    )
    query: dict[str, Any] = {
        "step": step,
        "overdue": "1" if is_late else None,
        "cursor": page.next and hangji().seal(page.next),
    }
    title = titles_for(reading)
    return {
        "steps": [(name, t(*words)) for name, words in WORDS.items()],
        "step": step,
        "is_late": is_late,
        "rows": [_row(found, names, title(found.title), reading.now) for found in page.items],
        "next": page.next and url_for("web.rectification_board", **query),
    }


def _row(found: OpenRectification, names: Names, title: str, now: datetime) -> dict[str, Any]:
    shop = names.businesses.get(found.business_id) if found.business_id is not None else None
    return {
        "number": found.number,
        "business": shop or title,
        "title": title if shop else "",
        "area": names.area(found.area),
        "step": t(*WORDS[_STEP_OF[found.task_id]]),
        "post": names.post(found.post),
        "due": moment(found.due_at),
        "is_late": found.due_at < now,
    }
