"""The wall: an area's numbers from across a room, opened by a link, with counts alone."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import sqrt
from typing import Any, Final

from flask import abort, redirect, render_template, request, url_for

from engine.contract import Actor
from engine.reads.clocks import clocks_of
from engine.reads.forecast import forecast
from engine.reads.places import areas_below
from engine.reads.reading import Reading
from handlers.dashboards.boards import AreaRow, read_board
from storage.dashboards.displays import find_display_link, list_display_links
from storage.moments import in_china
from storage.people.actors import load_actor
from storage.places.areas import overlaps, smallest_around
from web.codes import qr_in_page
from web.frame import sessions
from web.frame.answers import new_key, posted_key, problem_page
from web.frame.language import moment, t, weekday
from web.frame.naming import names_for
from web.frame.reading import seen, seen_by_anyone
from web.frame.site import site
from web.frame.words import step_words
from web.frame.writing import write
from web.pages.boards import asked, leader
from web.pages.boards.drawn import Looked, area_lines
from web.pages.boards.tiles import tiles

NOT_FOUND: Final = 404
_ACROSS: Final = ((8, 2), (18, 3))
"""So many hexagons at most stand so many side by side; more stand four."""
_MOST_ACROSS: Final = 4
_SHADES: Final = 5
_WIDE, _HIGH = 108.0, 94.0


@site.get("/board/<token>")
def wall(token: str) -> Any:
    """The board of a link: without a sign-in and without links."""
    shown = seen_by_anyone(lambda reading: _look(reading, token))
    if shown is None:
        return render_template("boards/closed_link.html"), NOT_FOUND
    return render_template("boards/wall.html", **shown)


@site.get("/boards/displays")
@sessions.signed_in
def displays() -> Any:
    """The links one has made for walls."""
    return render_template("boards/displays.html", **seen(_links), key=new_key(), made=None)


@site.post("/boards/displays")
@sessions.signed_in
@sessions.keeps_typed
def make_display() -> Any:
    """Make a link, and show it this once."""
    body = {"area": request.form.get("area", "")}
    answer = write("displays.make_link", {}, body, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    made = url_for("web.wall", token=answer.data["token"], _external=True)
    shown = seen(_links)
    return render_template(
        "boards/displays.html", **shown, key=new_key(), made=made, qr=qr_in_page(made)
    )


@site.post("/boards/displays/<row:link_id>/revoke")
@sessions.signed_in
@sessions.keeps_typed
def revoke_display(link_id: int) -> Any:
    """Revoke a link."""
    answer = write("displays.revoke_link", {"link_id": str(link_id)}, {}, key=new_key())
    return problem_page(answer) if answer.is_problem else redirect(url_for("web.displays"), 303)


def _links(reading: Reading) -> dict[str, Any]:
    if not leader.leads(reading.actor):
        abort(NOT_FOUND)
    links = list_display_links(reading.session, created_by=reading.actor.id, at=reading.now)
    whole = smallest_around(reading.actor.prefixes)
    names = names_for(reading, areas=[whole, *(one.area_code for one in links)])
    own = [] if whole is None else [(whole, names.areas.get(whole, whole))]
    return {
        "areas": [*own, *areas_below(reading, whole or "")],
        "links": [
            {
                "id": one.id,
                "name": names.areas.get(one.area_code, one.area_code),
                "until": moment(one.expires_at),
            }
            for one in links
        ],
    }


def _look(reading: Reading, token: str) -> dict[str, Any] | None:
    """What the wall shows, counted as the leader sees it who made the link; None for no link."""
    link = find_display_link(reading.session, token, at=reading.now)
    if link is None:
        return None
    actor = load_actor(reading.session, link.created_by, at=reading.now)
    if not leader.leads(actor) or not overlaps(link.area_code, actor.prefixes):
        # An officer who has left the post has no board to show.
        return None
    return _shown(_looked(replace(reading, someone=actor), actor, link.area_code))


def _looked(reading: Reading, actor: Actor, area: str) -> Looked:
    clocks = clocks_of(reading)
    period = asked.period_of("month", reading.now)
    board = read_board(reading.session, clocks, actor=actor, period=period, area=area)
    names = names_for(reading, areas=[area, *(row.code for row in board.areas)])
    return Looked(reading, board, clocks, names, "month", area, forecast(reading, board.tasks))


def _shown(looked: Looked) -> dict[str, Any]:
    now = in_china(looked.reading.now)
    five = tiles(looked)
    alarms = looked.board.counts.emergency
    five[3] = {"icon": "siren", "label": t("突发", "Emergencies"), "count": alarms}
    five[3]["is_alarm"] = alarms > 0
    five[4]["shares"] = f"{looked.board.rate.resolved} / {looked.board.rate.eligible}"
    lines = area_lines(looked.board, looked.names, looked.clocks, period="month", down="")
    return {
        "name": looked.names.areas.get(looked.area or "", ""),
        "clock": now.strftime("%H:%M"),
        "day": f"{now.month}月{now.day}日 {weekday(now)}",
        "tiles": five,
        "lines": lines,
        "totals": leader.totals(looked),
        "words": step_words(),
        "cells": list(_cells(looked.board.areas, [line.name for line in lines])),
        "high": 60 + int(_HIGH) * -(-len(lines) // _across(len(lines))),
        "wide": 58 + int(_WIDE) * _across(len(lines)),
        "hours": _without_links(leader.hours(looked)),
        "trend": leader.trend(looked),
    }


def _without_links(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "href"} for row in rows]


def _across(count: int) -> int:
    """How many hexagons stand side by side, so that few of them fill the panel as many do."""
    return next((across for most, across in _ACROSS if count <= most), _MOST_ACROSS)


def _cells(rows: Sequence[AreaRow], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Areas as hexagons side by side: a picture of how much there is, not of where."""
    most = max((row.counts.open for row in rows), default=0) or 1
    across = _across(len(rows))
    for place, (row, name) in enumerate(zip(rows, names, strict=True)):
        line, column = divmod(place, across)
        yield {
            "x": 58 + column * _WIDE + (_WIDE / 2 if line % 2 else 0),
            "y": 60 + line * _HIGH,
            # By the root, so that one town with many leaves the others apart.
            "shade": min(_SHADES, 1 + int(_SHADES * sqrt(row.counts.open / (most + 1)))),
            "name": name,
            "open": row.counts.open,
            "overdue": row.counts.overdue,
        }
