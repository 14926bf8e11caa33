"""The home of leaders and supervisors: what is urgent, who holds it, what is due next."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from flask import url_for

from engine.reads.clocks import clocks_of
from engine.reads.forecast import forecast
from engine.reads.reading import Reading
from engine.reads.supervised.signatures import signatures_of
from engine.reads.tasks import brief_tasks
from handlers.dashboards.boards import AreaRow, read_board
from handlers.dashboards.failures import list_failures, watches_failures
from handlers.dashboards.open_cases import AGES, STEPS, OpenCase
from storage.cases.events import last_chased
from storage.cases.incidents import Incident
from storage.cases.tasks import task_key
from storage.dashboards.open_work import WaitingTask, list_with_cases
from storage.moments import in_china
from storage.people.actors import Actor
from storage.people.roles import ROLES
from storage.places.areas import smallest_around
from storage.staffing.on_call import PostOnCall, list_on_call
from web.frame.language import day_of, listed, t
from web.frame.naming import Names, names_for, task_name
from web.frame.words import step_words, word
from web.frame.work import in_words, left_in_words
from web.pages.boards import asked, foreseen
from web.pages.boards.drawn import (
    Looked,
    age_in_words,
    area_lines,
    chased_before,
    holder_lines,
    minutes_in_words,
)
from web.pages.boards.signed import SIGNED_BY, signed_words
from web.pages.boards.tiles import tiles

MOST_AREAS: Final = 8
MOST_HOLDERS: Final = 6
MOST_ALARMS: Final = 3
_MOST_PRINTED: Final = 20
"""Emergencies named on paper, where no list can be opened."""


def leads(actor: Actor) -> bool:
    """Whether somebody's first page is a board: they watch over the work of others."""
    return any(ROLES[post.role].supervises for post in actor.posts)


def look(reading: Reading) -> Looked:
    """Read the board of an address."""
    clocks, area, period = clocks_of(reading), asked.area(), asked.period_name()
    within = asked.period_of(period, reading.now)
    board = read_board(reading.session, clocks, actor=reading.actor, period=within, area=area)
    names = names_for(
        reading,
        posts={row.post for row in board.holders},
        areas={*(row.code for row in board.areas), *scope_of(reading.actor, area)},
        officers={row.officer for row in board.holders if row.officer},
    )
    return Looked(reading, board, clocks, names, period, area, forecast(reading, board.tasks))


def home(reading: Reading) -> dict[str, Any]:
    """What the home of a leader shows, in the words of its template."""
    looked = look(reading)
    lines = area_lines(
        looked.board,
        looked.names,
        looked.clocks,
        period=looked.period,
        down=url_for("web.my_home"),
    )
    holders = holder_lines(looked.board.holders, looked.names, looked.clocks, area=looked.area)
    urgent = _urgent(looked)
    return {
        **frame(looked),
        "me": reading.actor,
        "alarms": _alarms(looked, urgent[:_MOST_PRINTED]),
        "more_alarms": len(urgent[MOST_ALARMS:]),
        "all_alarms": asked.open_list(area=looked.area, figure="emergency"),
        "tiles": tiles(looked),
        "areas": lines[:MOST_AREAS],
        "rest": _rest(looked.board.areas[MOST_AREAS:]),
        "totals": totals(looked),
        "holders": holders[:MOST_HOLDERS],
        "holder_count": len(holders),
        "forecast": foreseen.hours(looked),
        "foreseen": foreseen.sums(looked),
        "trend": trend(looked),
        "incidents": incidents(reading)[:MOST_ALARMS],
        "may_retry": watches_failures(reading.actor),
    }


def frame(looked: Looked) -> dict[str, Any]:
    """The frame of every board: area, time, period."""
    actor, now = looked.reading.actor, in_china(looked.reading.now)
    return {
        "area": looked.area,
        "scope_name": scope_name(actor, looked.names, looked.area),
        "places": _places(looked),
        "office_left": _office_left(looked),
        "period": looked.period,
        "periods": asked.period_words(),
        "updated": now.strftime("%H:%M"),
        "words": step_words(),
        "may_display": leads(actor),
    }


def scope_of(actor: Actor, area: str | None) -> list[str]:
    """The area a board is of, as a list to be named: none where one's areas lie apart."""
    whole = area or smallest_around(actor.prefixes)
    return [whole] if whole else []


def scope_name(actor: Actor, names: Names, area: str | None) -> str:
    """What the area of a board is called, else the post of who reads it."""
    called = [names.areas.get(code, "") for code in scope_of(actor, area)]
    titles = (post.title for post in actor.posts)
    return next(filter(None, called), "") or next(titles, "")


def _rest(rows: list[AreaRow]) -> dict[str, Any] | None:
    """The areas without a bar of their own, in numbers: one more bar would stretch the scale."""
    if not rows:
        return None
    steps = {step: sum(row.steps.get(step, 0) for row in rows) for step in STEPS}
    return {"areas": len(rows), "steps": {step: n for step, n in steps.items() if n}}


def _places(looked: Looked) -> list[tuple[str, str]]:
    """The boards one may go on to, codes with names: all of one's areas, and each one below."""
    below = sorted(
        (row.code, looked.names.areas.get(row.code, row.code))
        for row in looked.board.areas
        if not row.is_here
    )
    return [("", t("全部辖区", "All my areas")), *below] if looked.area else below


def _office_left(looked: Looked) -> str:
    """How long offices are still open today; empty once they are not."""
    left = looked.clocks.office_time_left
    return in_words(left, day=looked.clocks.office_day) if left else ""


def totals(looked: Looked) -> list[tuple[str, int, str]]:
    """The steps of urgency of the whole board, as legend and doors."""
    area = looked.area
    return [
        (step, count, asked.open_list(area=area, step=step))
        for step, count in looked.board.steps.items()
    ]


def trend(looked: Looked) -> list[dict[str, Any]]:
    """What was opened and closed on each of the last days."""
    return [
        {"on": day.on.strftime("%m-%d"), "opened": day.opened, "closed": day.closed}
        for day in looked.board.trend
    ]


def loops(looked: Looked) -> list[dict[str, Any]]:
    """Open cases by age, each with its list (R45)."""
    return [
        {
            "label": age_in_words(first, before),
            "count": count,
            "href": asked.open_list(area=looked.area, age_from=first, age_before=before),
        }
        for (first, before), count in zip(AGES, looked.board.loops, strict=True)
    ]


def times(looked: Looked) -> Mapping[str, str]:
    """How long the cases took that closed in the period."""
    of = looked.board.times
    return {
        "median": minutes_in_words(of.median, looked.clocks),
        "p90": minutes_in_words(of.p90, looked.clocks),
    }


def incidents(reading: Reading) -> list[Incident]:
    """Cases that could not go on, for whoever may let them try again."""
    return list(list_failures(reading.session, reading.actor).items)


def _urgent(looked: Looked) -> list[OpenCase]:
    """The open emergencies, those that wait for the reader's own posts first."""
    actor = looked.reading.actor
    urgent = [case for case in looked.board.cases if case.first.priority == "urgent"]
    return sorted(urgent, key=lambda case: not _own(case, actor))


def _own(case: OpenCase, actor: Actor) -> list[WaitingTask]:
    """The tasks of a case that wait for a post of the reader's own."""
    return [task for task in case.tasks if actor.holds(task.post_id)]


def _alarms(looked: Looked, urgent: list[OpenCase]) -> list[dict[str, Any]]:
    """Emergencies, while a post that must act has not."""
    keys = [one.key for case in urgent for one in case.tasks]
    found = list_with_cases(looked.reading.session, keys, actor=looked.reading.actor)
    briefs = brief_tasks(looked.reading, found.values())
    numbers = {case.first.number for case in urgent}
    signed = signatures_of(looked.reading, numbers, form=SIGNED_BY)
    signing = {each.post for its in signed.values() for each in its}
    names = names_for(
        looked.reading,
        posts={*(brief.holder.post for brief in briefs), *signing},
        areas={brief.area for brief in briefs},
    )
    said = {brief.case.number: brief.case.description for brief in briefs}
    waiting = [task.post_id for case in urgent for task in case.tasks]
    reading = looked.reading
    there = list_on_call(reading.session, waiting, actor=reading.actor, at=reading.now)
    chased = last_chased(reading.session, [case.first.case_id for case in urgent])
    alarms = []
    for place, case in enumerate(urgent):
        alarm = _alarm(case, names, looked, said.get(case.first.number, ""), there)
        marks = _marks(case, chased.get(case.first.case_id), reading)
        marks += filter(
            None, [signed_words(signed.get(case.first.number, []), names, now=reading.now)]
        )
        alarms.append({**alarm, "marks": marks, "is_beyond": place >= MOST_ALARMS})
    return alarms


def _marks(case: OpenCase, chased: datetime | None, reading: Reading) -> list[str]:
    """What others have done about it already: two supervisors need not ring both."""
    marks = [t("督办中", "supervised") if case.first.supervised else ""]
    return list(filter(None, [*marks, chased_before(chased, reading.now)]))


def _alarm(
    case: OpenCase, names: Names, looked: Looked, said: str, there: Iterable[PostOnCall]
) -> dict[str, Any]:
    own = _own(case, looked.reading.actor)
    first = own[0] if own else case.first
    urgency = looked.clocks.urgency(first)
    waiting = {task.post_id for task in case.tasks}
    posts = list(dict.fromkeys(names.post(one.post_id) for one in case.tasks))
    return {
        "number": first.number,
        "title": names.title(first),
        "text": said,
        "place": names.area(first.area_code),
        "opened": day_of(first.case_opened_at, now=looked.reading.now),
        "source": word(first.source),
        "waits": listed(posts),
        "waits_first": _first_of(posts),
        "on_call": [one for one in there if one.id in waiting],
        "own": url_for("web.task", key=task_key(*first.key)) if own else "",
        "act": task_name(first.label, first.task_id),
        "step": case.step,
        "left": left_in_words(urgency),
    }


def _first_of(posts: list[str]) -> str:
    """The first of some posts and how many they are, for a line of a phone."""
    if len(posts) == 1:
        return posts[0]
    return t(f"{posts[0]}等 {len(posts)} 岗", f"{posts[0]} and {len(posts) - 1} more")
