"""Where an officer goes on after a task: to its next step, else to the next task of the list."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from flask import url_for

from engine.reads.reading import Reading
from storage.errors import FormInvalid
from web.frame import sessions
from web.frame.reading import seen
from web.pages.tasks.filters import asked_of
from web.pages.tasks.inbox import list_asked

_LONGEST = 500


def way_on(done: Mapping[str, Any], list_query: str, paper: Mapping[str, Any]) -> str:
    """The address of what is to be done next.

    `done` is the answer to the task just completed; `list_query` is the query of the list it was
    opened from, empty for one's own tasks; `paper` is the part that offers what may be printed.
    """
    actor = sessions.actor()
    theirs = [task for task in done["next_tasks"] if actor and actor.holds(task["post"])]
    if theirs:
        return url_for("web.task", key=theirs[0]["id"], done="next_step", **paper)
    following = seen(lambda reading: _first_of(reading, list_query[:_LONGEST]))
    to = next((task["post"] for task in done["next_tasks"] if task["post"]), None)
    went = {"of": done["number"], "to": "closed" if done["status"] == "closed" else to, **paper}
    if following is None:
        return url_for("web.inbox", done="completed", **went)
    return url_for("web.task", key=following, done="next_task", **went)


def _first_of(reading: Reading, list_query: str) -> str | None:
    asked = asked_of(dict(parse_qsl(list_query)))
    if asked.get("view") in {"done", "all", "late", "watched"}:
        asked["view"] = "mine"
    try:
        page = list_asked(reading, asked, limit=1)
    except FormInvalid:
        return None
    # What is paused is nobody's next task; it stands last, so nothing runs before it either.
    return next((task.id for task in page.items if task.paused_at is None), None)
