"""Where an officer goes on after a task: to its next step, else to the next task of the list."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from flask import url_for

from engine.reads.reading import Reading
from storage.errors import FormInvalid
from web.frame import sessions
from web.frame.reading import seen
from web.pages.tasks.filters import asked_of
from web.pages.tasks.inbox import list_asked
from web.pages.tasks.told import known_task

_LONGEST = 500


class CameFrom(NamedTuple):
    """The list a task was opened from, as its page kept it."""

    query: str
    """The query of the list, empty for one's own tasks."""
    following: str
    """The task that stood after it there, "" where the page knows none."""


def way_on(done: Mapping[str, Any], came_from: CameFrom, paper: Mapping[str, Any]) -> str:
    """The address of what is to be done next.

    `done` is the answer to the task just completed; `paper` is the part that offers what may be
    printed.
    """
    actor = sessions.actor()
    theirs = [task["id"] for task in done["next_tasks"] if actor and actor.holds(task["post"])]
    # A step of one's own post may be for somebody else of it: who acted before does not check.
    own = seen(lambda reading: next((key for key in theirs if _waits(reading, key)), None))
    if own is not None:
        return url_for("web.task", key=own, done="next_step", **paper)
    went = {"of": done["number"], **_whither(done), **paper}
    following = came_from.following
    if following and seen(lambda reading: _waits(reading, following)):
        return url_for("web.task", key=following, done="next_task", **went)
    first = seen(lambda reading: _first_of(reading, came_from.query[:_LONGEST]))
    if first is None:
        return url_for("web.inbox", done="completed", **went)
    return url_for("web.task", key=first, done="first_task", **went)


def _whither(done: Mapping[str, Any]) -> dict[str, str]:
    """Where the case went: to which post with which task, or to its end."""
    if done["status"] == "closed":
        return {"to": "closed"}
    held = next((task for task in done["next_tasks"] if task["post"]), None)
    return {} if held is None else {"to": held["post"], "then": held["id"]}


def _waits(reading: Reading, key: str) -> bool:
    """Whether a task is still there for the reader: somebody else may have been faster."""
    task = known_task(reading, key)
    return (
        task is not None
        and task.state == "open"
        and task.paused_at is None
        and "complete" in task.allowed_actions
    )


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
