"""The inbox: what waits for me, for my post, and what I have done."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import parse_qsl

from flask import jsonify, render_template, request, url_for

from engine.contract import Actor
from engine.reads.reading import Reading
from engine.reads.tasks import (
    TaskBrief,
    TaskFilter,
    count_tasks,
    holders_of,
    list_pressing,
    list_tasks,
)
from engine.reads.views import SavedView, own_views
from storage.moments import in_china, start_of
from storage.pages import DEFAULT_LIMIT, Page
from storage.people.roles import ROLES
from web.frame import sessions
from web.frame.answers import new_key
from web.frame.clocks.countdown import counting_of
from web.frame.contract import hangji
from web.frame.language import t
from web.frame.naming import names_for, task_name
from web.frame.reading import cursor, search_text, seen
from web.frame.site import site
from web.frame.work import View, held_by, rows_of, told_whose, with_next
from web.pages.inspections.papers import offered_paper
from web.pages.tasks.emergencies import with_all_that_is_asked
from web.pages.tasks.filters import (
    FILTERS,
    asked_of,
    chips_of,
    kinds_of,
    narrowed,
    order_of,
    query_text,
    sorts_of,
)
from web.pages.tasks.told import told_onward

VIEWS = ("mine", "team", "today", "late", "watched", "done", "all")
MOST_COUNTED = 999
"""Nobody reads a larger number than this on a tab."""


def query_of(view: str, reading: Reading) -> TaskFilter:
    """The filter of a view; an unknown view is the first one.

    What is late, due today or supervised is one's own, but for those who watch over the work of
    others. A list that holds the work of others has one row a case, however many have a task of it;
    an emergency is one row in every list.
    """
    now = reading.now
    whose: Literal["mine"] | None = None if _watches(reading.actor) else "mine"
    tomorrow = start_of(in_china(now).date() + timedelta(days=1))
    queries = {
        "team": TaskFilter(whose="team", is_one_an_emergency=True),
        "today": TaskFilter(
            whose=whose,
            due_from=now,
            due_before=tomorrow,
            is_paused=False,
            is_one_a_case=whose is None,
            is_one_an_emergency=True,
        ),
        "late": TaskFilter(
            whose=whose,
            overdue_at=now,
            is_one_a_case=whose is None,
            is_one_an_emergency=True,
        ),
        "watched": TaskFilter(
            whose=whose,
            supervised=True,
            is_one_a_case=whose is None,
            is_one_an_emergency=True,
        ),
        "done": TaskFilter(whose="mine", state="done"),
        "all": TaskFilter(is_one_a_case=True),
    }
    return queries.get(view, TaskFilter(whose="mine", is_one_an_emergency=True))


def _watches(actor: Actor) -> bool:
    return any(ROLES[post.role].supervises for post in actor.posts)


def counts_of(reading: Reading, views: Sequence[str]) -> dict[str, int]:
    """How long the lists of several views are, each up to one more than is shown."""
    queries = [query_of(view, reading) for view in views]
    counts = count_tasks(reading, queries, most=MOST_COUNTED + 1)
    return dict(zip(views, counts, strict=True))


@site.get("/inbox")
@sessions.embeddable
@sessions.kept_offline
@sessions.signed_in
def inbox() -> Any:
    """Open tasks, the most pressing first."""
    asked = {**asked_of(request.args), "view": request.args.get("view", "mine")}
    hangji().refuse_hostile(asked)
    shown = seen(lambda reading: _look(reading, asked))
    told_ = told_onward()
    return render_template(
        "inbox.html",
        view=asked["view"],
        asked=asked,
        told=told_,
        offered=offered_paper(),
        key=new_key(),
        **shown,
    )


@site.get("/inbox/waiting")
@sessions.embeddable
@sessions.signed_in
def waiting() -> Any:
    """How much waits for its reader, for the menu of the pages that do not count it themselves."""
    (mine,) = views_of(seen(lambda reading: counts_of(reading, ["mine"])), [])[:1]
    sessions.keep_not()
    return jsonify(count=mine.shown_count if mine.count else "")


def list_asked(
    reading: Reading, asked: Mapping[str, str], *, at: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[TaskBrief]:
    """The requested page of tasks: emergencies first, what is paused last."""
    view = asked.get("view", "mine")
    wanted = narrowed(query_of(view, reading), asked, now=reading.now)
    if wanted.state == "done" or wanted.is_newest_first:
        return list_tasks(reading, wanted, cursor=at, limit=limit)
    return list_pressing(reading, wanted, cursor=at, limit=limit)


def _look(reading: Reading, asked: Mapping[str, str]) -> dict[str, Any]:
    """What the page shows, in the words of its template."""
    q, view = search_text(), asked["view"]
    page = list_asked(reading, asked, at=cursor())
    own = own_views(reading)
    wanted = narrowed(query_of(view, reading), asked, now=reading.now)
    kinds = kinds_of(reading, wanted, most=MOST_COUNTED)
    counts, kept, found = _counted(reading, own, asked)
    is_of_area = view in _of_area(reading.actor)
    numbers = [task.case.number for task in page.items] if is_of_area else []
    holders = holders_of(reading, numbers)
    people = [each for its in holders.values() for each in its]
    names = names_for(
        reading,
        posts=(post for _, post in people),
        officers=(officer for officer, _ in people),
        areas=(*(task.area for task in page.items), asked.get("area")),
        businesses=(task.case.business for task in page.items),
    )
    rows = rows_of(page.items, names, now=reading.now, actor=reading.actor)
    rows = with_all_that_is_asked(reading, rows)
    chosen_area = {code: names.area(code) for code in [asked.get("area")] if code}
    is_first = asked.get("sort") != "new" and cursor() is None
    rows = with_next(rows) if is_first else [replace(row, is_next=False) for row in rows]
    if is_of_area:
        rows = held_by(rows, holders, names, reading.actor)
    else:
        rows = told_whose(rows, page.items, reading.actor)
    return {
        "me": reading.actor,
        "counting": counting_of(reading),
        "q": q,
        "rows": rows,
        "order": order_of(asked),
        "next": hangji().seal(page.next),
        "views": views_of(counts, _of_area(reading.actor)),
        "chips": chips_of(reading, asked, chosen_area, _tasks_among(page.items), kinds),
        "found": found,
        "sorts": sorts_of(asked),
        "kept": list(zip(own, kept, strict=True)),
        "query": query_text(asked),
        "empty": empty_views()[view if view in VIEWS else "mine"],
    }


def _tasks_among(tasks: Sequence[TaskBrief]) -> dict[str, str]:
    """The tasks of a page by id, called what its column calls them."""
    return {task.name: task_name(task.label, task.name) for task in tasks}


def _counted(
    reading: Reading, own: Sequence[SavedView], asked: Mapping[str, str]
) -> tuple[dict[str, int], list[View], str]:
    """Count the tabs, the saved views and what was searched for in one statement."""
    tabs = [name for name in VIEWS if name != "done"]
    wanted = [query_of(name, reading) for name in tabs]
    lists = [asked_of(dict(parse_qsl(view.query))) for view in own]
    is_narrowed = asked["view"] != "done" and any(asked.get(name) for name in ("q", *FILTERS))
    for one in [*lists, *([asked] if is_narrowed else [])]:
        base = query_of(one.get("view", "mine"), reading)
        wanted.append(narrowed(base, one, now=reading.now))
    counts = count_tasks(reading, wanted, most=MOST_COUNTED + 1)
    kept = [
        View(
            str(view.id),
            view.name,
            f"{url_for('web.inbox')}?{view.query}",
            count,
            most=MOST_COUNTED,
        )
        for view, count in zip(own, counts[len(tabs) :], strict=False)
    ]
    found = View("", "", "", counts[-1], most=MOST_COUNTED).shown_count if is_narrowed else ""
    return dict(zip(tabs, counts, strict=False)), kept, found


def _of_area(actor: Actor) -> list[str]:
    """The views that hold the work of others as well."""
    return ["late", "today", "watched", "all"] if _watches(actor) else ["all"]


def views_of(counts: Mapping[str, int], of_area: Sequence[str]) -> list[View]:
    """The views as tabs or tiles with what was counted, one's own first."""
    names = {
        "mine": t("我的待办", "Mine"),
        # Beside one's own, so that a narrow screen shows it without a swipe.
        "late": t("已超期", "Overdue"),
        "today": t("今日到期", "Due today"),
        "team": t("本岗待办", "My post's"),
        "watched": t("督办中", "Supervised"),
        "done": t("我办过的", "Done by me"),
        "all": t("辖区全部", "All in my areas"),
    }
    views = [
        View(
            name,
            label,
            url_for("web.inbox", view=name),
            counts.get(name),
            most=MOST_COUNTED,
            is_late=name == "late",
            is_of_area=name in of_area,
        )
        for name, label in names.items()
    ]
    if "late" in of_area:
        # Who watches over others has the areas beside their own tasks.
        return sorted(views, key=lambda view: (view.name != "mine", not view.is_of_area))
    return sorted(views, key=lambda view: view.is_of_area)


def empty_views() -> dict[str, str]:
    """The text of an empty list, by view."""
    return {
        "mine": t("没有待办。", "Nothing waits for you."),
        "team": t("本岗没有待办。", "Nothing waits for your post."),
        "today": t("今天没有到期的环节。", "Nothing of yours is due today."),
        "late": t("没有超期的环节。", "Nothing is overdue."),
        "watched": t("没有督办中的环节。", "Nothing is supervised."),
        "done": t("还没有办过的环节。", "Nothing done yet."),
        "all": t("辖区内没有在办环节。", "Nothing is open."),
    }
