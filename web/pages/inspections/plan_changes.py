"""Changing a plan before it starts, from its page; its draws, with everything to repeat them."""

import csv
import io
from typing import Any

from flask import Response, abort, redirect, request, url_for

from engine.reads.reading import Reading
from handlers.inspections import plans
from handlers.inspections.drawing import BUSINESSES, INSPECTORS, ranked
from storage.inspections.plans import Draw, list_draws
from web.frame import sessions
from web.frame.answers import posted_key
from web.frame.fields import id_of
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import PageAnswer, write
from web.pages.inspections.plans import plan_page

NOT_FOUND = 404
TEXTS = ("reason", "title", "since", "until")
DRAW = "draw"


@site.post("/inspection-plans/<row:plan_id>/change")
@sessions.signed_in
@sessions.keeps_typed
def change_inspection_plan(plan_id: int) -> Any:
    """Change what the page shows of a plan, or draw again."""
    body = _seen_version() | {name: request.form[name] for name in TEXTS if request.form.get(name)}
    body |= {DRAW: _drawn()} if DRAW in request.form else _picked()
    at = {"plan_id": str(plan_id)}
    return _answered(plan_id, write("inspections.change", at, body, key=posted_key()))


@site.post("/inspection-plans/<row:plan_id>/cancel")
@sessions.signed_in
@sessions.keeps_typed
def cancel_inspection_plan(plan_id: int) -> Any:
    """Cancel a plan, with the reason."""
    body = _seen_version() | {"reason": request.form.get("reason", "").strip()}
    at = {"plan_id": str(plan_id)}
    return _answered(plan_id, write("inspections.cancel", at, body, key=posted_key()))


@site.get("/inspection-plans/<row:plan_id>/draws/<row:number>.csv")
@sessions.signed_in
def inspection_draw_file(plan_id: int, number: int) -> Response:
    """The whole draw as a table: who could be drawn by which number, in order."""

    def look(reading: Reading) -> list[Draw]:
        plans.look(reading.session, plan_id, actor=reading.actor, now=reading.now)
        return list_draws(reading.session, plan_id)

    draws = seen(look)
    if number > len(draws):
        abort(NOT_FOUND)
    content = _sheet_of(draws[number - 1]).encode("utf-8-sig")
    response = Response(content, content_type="text/csv; charset=utf-8")
    name = f"hangji-draw-{plan_id}-{number}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _sheet_of(draw: Draw) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["seed", draw.seed])
    writer.writerow(["kind", "place", "id", "sha256(seed:kind:id)", "drawn"])
    for kind in (BUSINESSES, INSPECTORS):
        for place, (rank, key) in enumerate(ranked(draw, kind), 1):
            is_drawn = key in draw.drawn[kind]
            writer.writerow([kind, place, key, rank, "yes" if is_drawn else "no"])
    return out.getvalue()


def _drawn() -> dict[str, int]:
    """How many are drawn."""
    counts = {"count": "count", "inspectors": "drawn_inspectors"}
    return {name: id_of(request.form.get(field, "")) or 0 for name, field in counts.items()}


def _picked() -> dict[str, list[int]]:
    """The businesses and inspectors that are ticked, where the page shows them."""
    return {
        name: [key for key in map(id_of, request.form.getlist(name)) if key is not None]
        for name in ("businesses", "inspectors")
        if f"shows_{name}" in request.form
    }


def _seen_version() -> dict[str, Any]:
    version = id_of(request.form.get("base", ""))
    return {} if version is None else {"base_version": version}


def _answered(plan_id: int, answer: PageAnswer) -> Any:
    if answer.is_problem:
        return plan_page(plan_id, failed=answer)
    return redirect(url_for("web.inspection_plan", plan_id=plan_id), code=303)
