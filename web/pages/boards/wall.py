"""The wall: an area's numbers from across a room, opened by a link, with counts alone."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from flask import abort, redirect, render_template, request, url_for

from engine.contract import Actor
from engine.reads.clocks import clocks_of
from engine.reads.forecast import forecast
from engine.reads.places import areas_below
from engine.reads.reading import Reading
from handlers.dashboards.boards import read_board, rows_at
from handlers.map.schematic import lay_out
from storage.city.rules import installed
from storage.dashboards.displays import find_display_link, list_display_links
from storage.moments import in_china
from storage.people.actors import load_actor
from storage.places.areas import overlaps, smallest_around
from storage.places.levels import CODE_LENGTHS, LEVEL_OF_LENGTH, AreaLevel
from web.codes import qr_in_page
from web.frame import sessions
from web.frame.answers import new_key, posted_key, problem_page
from web.frame.language import moment, t, weekday
from web.frame.naming import names_for
from web.frame.reading import seen, seen_by_anyone
from web.frame.site import site
from web.frame.words import step_words
from web.frame.writing import write
from web.pages.boards import asked, foreseen, leader
from web.pages.boards.drawn import Looked, area_lines
from web.pages.boards.tiles import Tile, tiles

NOT_FOUND: Final = 404
MOST_LINES: Final = 18
"""So many lines are read from across a room."""
_HALF_WIDE, _HALF_HIGH = 54.0, 62.6
"""Half of a hexagon with the gap beside it."""
_AROUND: Final = 60


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
    towns = _towns(looked)
    lines = area_lines(towns.board, towns.names, towns.clocks, period="month", down="")
    return {
        "name": looked.names.areas.get(looked.area or "", ""),
        "clock": now.strftime("%H:%M"),
        "day": f"{now.month}月{now.day}日 {weekday(now)}",
        "tiles": _five(looked),
        "lines": lines[:MOST_LINES],
        "more": len(lines[MOST_LINES:]),
        "more_open": sum(line.open.count for line in lines[MOST_LINES:]),
        "totals": leader.totals(looked),
        "words": step_words(),
        **_cells(looked),
        "hours": _without_links(foreseen.hours(looked)),
        "trend": leader.trend(looked),
    }


def _five(looked: Looked) -> list[Tile]:
    """The five numbers, with the emergencies in the place of what is supervised."""
    five = tiles(looked)
    urgent = [case for case in looked.board.cases if case.first.priority == "urgent"]
    posts = len({task.post_id for case in urgent for task in case.tasks})
    five[3] = {"icon": "siren", "label": t("突发", "Emergencies"), "count": len(urgent)}
    five[3]["is_alarm"] = bool(urgent)
    if posts:
        five[3]["note"] = (t(f"{posts} 个单位还没办完", f"{posts} offices have not acted"), "")
    five[4]["shares"] = f"{looked.board.rate.resolved} / {looked.board.rate.eligible}"
    return five


def _towns(looked: Looked) -> Looked:
    """The same board by towns: of a city a wall names all of its towns, not its few counties."""
    reading, board, towns = looked.reading, looked.board, AreaLevel.TOWN
    above = looked.area or ""
    if len(above) >= CODE_LENGTHS[AreaLevel.COUNTY] or reading.someone is None:
        return looked
    rows = rows_at(reading.session, looked.clocks, board, actor=reading.someone, level=towns)
    names = names_for(reading, areas=[row.code for row in rows])
    return replace(looked, board=replace(board, areas=rows), names=names)


def _without_links(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "href"} for row in rows]


def _cells(looked: Looked) -> dict[str, Any]:
    """Areas as hexagons, where the map has them and as dark as there."""
    rows = looked.board.areas
    maps, level = (
        installed().map,
        LEVEL_OF_LENGTH.get(max((len(row.code) for row in rows), default=0)),
    )
    placed = lay_out([row.code for row in rows], maps.positions)
    limits = maps.limits("open", level) if level else ()
    cells = [
        {
            "x": round(_AROUND + cell.x * _HALF_WIDE, 1),
            "y": round(_AROUND + cell.y * _HALF_HIGH, 1),
            "shade": 1 + sum(row.counts.open >= limit for limit in limits),
            "name": looked.names.areas.get(row.code, row.code),
            "open": row.counts.open,
            "overdue": row.counts.overdue,
        }
        for row, cell in zip(rows, placed, strict=True)
    ]
    return {
        "cells": cells,
        "shades": [0, *limits],
        "wide": 2 * _AROUND + _HALF_WIDE * max((cell.x for cell in placed), default=0),
        "high": 2 * _AROUND + _HALF_HIGH * max((cell.y for cell in placed), default=0),
    }
