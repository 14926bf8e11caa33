"""The first page of everybody: what waits, what is late, what changed, what may be started."""

from collections.abc import Sequence
from typing import Any

from flask import render_template

from engine.reads.reading import Reading
from storage.moments import in_china
from storage.people.roles import ROLES
from web.frame import sessions
from web.frame.answers import new_key
from web.frame.clocks.countdown import counting_of
from web.frame.language import t, weekday
from web.frame.naming import named_processes, names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.slots import lines_of
from web.frame.work import View, rows_of, with_next
from web.pages.boards import leader
from web.pages.operations.operations import startable
from web.pages.tasks.emergencies import with_all_that_is_asked
from web.pages.tasks.filters import order_of
from web.pages.tasks.inbox import counts_of, list_asked, views_of

FIRST = 5
"""How many of the most pressing tasks are shown."""

TILES = {
    "mine": "inbox",
    "today": "calendar-clock",
    "late": "circle-alert",
    "watched": "eye",
    "all": "folder-open",
}
"""The views that are counted, each with its icon."""


@site.get("/home")
@sessions.kept_offline
@sessions.signed_in
def my_home() -> Any:
    """What waits for me, what is late, what changed, what I may start; a board for leaders."""
    someone = sessions.actor()
    if someone is not None and leader.leads(someone):
        sessions.keep_not()
        return render_template("boards/leader.html", **seen(_board))
    has_long_work = bool(startable())
    return render_template("home.html", **seen(_look), key=new_key(), has_long_work=has_long_work)


def _board(reading: Reading) -> dict[str, Any]:
    """What the first page of a leader shows."""
    shown = leader.home(reading)
    lines = lines_of(reading, shown["area"])
    return {**shown, "today": day_in_words(reading), "lines": lines}


def _look(reading: Reading) -> dict[str, Any]:
    """What the page shows, in the words of its template."""
    now = reading.now
    rows = list_asked(reading, {"view": "mine"}, limit=FIRST).items[:FIRST]
    is_own = bool(rows)
    if not is_own:
        # A supervisor has no tasks of their own, so other lists are shown.
        rows = list_asked(reading, {"view": "all"}, limit=FIRST).items[:FIRST]
    names = names_for(
        reading,
        areas=(task.area for task in rows),
        businesses=(task.case.business for task in rows),
    )
    views = views_of(counts_of(reading, list(TILES)), [])
    lines = lines_of(reading)
    handles = any(_handles(post.role) for post in reading.actor.posts)
    counted = (_waiting(lines) if not is_own else []) if handles else _taken_out(lines)
    return {
        "me": reading.actor,
        "counting": counting_of(reading),
        "area": None,
        "views": views,
        "tiles": [
            (view, TILES[view.name]) for view in _tiled(views, handles=handles, counted=counted)
        ],
        "handles": handles,
        "counted": counted,
        "rows": with_all_that_is_asked(
            reading, with_next(rows_of(rows, names, now=now, actor=reading.actor))
        ),
        "is_own": is_own,
        "order": order_of({}),
        "startable": [
            (version.process_id, label)
            for version, label, may_start in named_processes(reading)
            if may_start
        ],
        "today": day_in_words(reading),
        "lines": lines,
    }


def _handles(role: str) -> bool:
    """Whether a role works on cases or looks after them; others keep something of the city."""
    known = ROLES[role]
    return known.sees_area or known.collects or known.is_asked


def _tiled(views: Sequence[View], *, handles: bool, counted: Sequence[Any]) -> list[View]:
    """The views that are shown as numbers: none where all are zero for good."""
    known = [view for view in views if view.name in TILES]
    if handles or any(view.count for view in known):
        return known
    return [] if counted else known[:1]


def _waiting(lines: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Take out what waits beside tasks, for somebody without one: it is all they have to do."""
    waiting = [line for line in lines["waits"] if line["count"]]
    lines["waits"] = [line for line in lines["waits"] if not line["count"]]
    return waiting


def _taken_out(lines: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Take the lines that count something out of their parts: they are the first to be seen."""
    counted = [line for part in lines.values() for line in part if line["count"] is not None]
    for part, every in lines.items():
        lines[part] = [line for line in every if line["count"] is None]
    return counted


def day_in_words(reading: Reading) -> str:
    """What day it is and whether people work."""
    day = in_china(reading.now).date()
    is_working = reading.runner.calendar(reading.session).is_working(day)
    works = t("工作日", "working day") if is_working else t("休息日", "day off")
    name = t(f"{day.month}月{day.day}日", day.isoformat())
    return f"{name} {weekday(day)}{t('，', ', ')}{works}"
