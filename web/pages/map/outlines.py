"""Outlines of areas from a file: first a look at how it may be read, then the import."""

from typing import Any, Final

from flask import abort, redirect, request, url_for

from engine.reads.reading import Reading
from handlers.map.boundary_files import MOST_BYTES, read_in_each_system
from handlers.map.fitting import Fitting, fit_each
from storage.errors import FormInvalid
from storage.imports.kinds import kinds_of
from storage.map.boundaries import list_boundary_sets
from storage.moments import in_china
from storage.places.levels import AreaLevel
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, rendered
from web.frame.language import t
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import PageAnswer, write
from web.pages.map.shown import level_name

_ENVELOPE: Final = 64 << 10
_TEXTS: Final = ("source", "review_number", "on", "crs")


@site.get("/map/outlines")
@sessions.signed_in
def map_outlines() -> Any:
    """Which outlines are in force, and the form for a file of one level."""
    _require_keeper()
    return _shown()


@site.post("/map/outlines")
@sessions.signed_in
def import_outlines() -> Any:
    """Look at a file in each system it may be in, or put its outlines in force."""
    _require_keeper()
    file = request.files.get("file")
    if file is None or not file.filename:
        return _shown(problems=[t("请选择一个文件。", "Choose a file.")], status=422)
    if request.form.get("look"):
        return _looked(file.read(), file.filename)
    body = {**{name: request.form.get(name, "") for name in _TEXTS}, "file": file}
    answer = write("map_boundaries.bring_in", {}, body, key=posted_key())
    if not answer.is_problem:
        return redirect(url_for("web.map_outlines", done=answer.data["areas"]), code=303)
    file.seek(0)
    if answer.data.get("code") == "crs_unknown":
        return _looked(file.read(), file.filename, status=answer.status)
    return _shown(problems=_said(answer), status=answer.status)


import_outlines.__dict__["hangji_limit"] = MOST_BYTES + _ENVELOPE


def _require_keeper() -> None:
    actor = sessions.actor()
    if actor is None or "areas" not in kinds_of(actor):
        abort(403)


def _looked(content: bytes, name: str, *, status: int = 200) -> Any:
    """The file in each system it may be in, as pictures with the businesses in it."""
    try:
        readings = read_in_each_system(content, name=name)
        fittings = seen(lambda reading: fit_each(reading.session, readings))
    except FormInvalid as refused:
        return _shown(problems=[message for _, message in refused.errors], status=422)
    return _shown(fittings=fittings, status=status)


def _said(answer: PageAnswer) -> list[str]:
    errors = answer.data.get("errors") or []
    return [str(error["message"]) for error in errors] or [detail(answer)]


def _shown(
    *,
    fittings: list[Fitting] | None = None,
    problems: list[str] | None = None,
    status: int = 200,
) -> Any:
    return rendered(
        "map/outlines.html",
        status,
        **seen(_in_force),
        fittings=fittings,
        best=_best(fittings or []),
        problems=problems or [],
        given={name: request.form.get(name, "") for name in _TEXTS},
        systems=_systems(),
        done=request.args.get("done", type=int),
        key=new_key(),
    )


def _best(fittings: list[Fitting]) -> str:
    """The system in which more businesses lie in their own areas than in any other; "" for none."""
    most = max((fitting.inside for fitting in fittings), default=0)
    systems = [fitting.system for fitting in fittings if fitting.inside == most]
    return systems[0] if len(systems) == 1 and len(fittings) > 1 else ""


def _in_force(reading: Reading) -> dict[str, Any]:
    sets = list_boundary_sets(reading.session, on=in_china(reading.now).date())
    return {"sets": [(level_name(AreaLevel(each.level)), each) for each in sets]}


def _systems() -> dict[str, str]:
    return {
        "": t("文件里写明的", "As the file says"),
        "wgs84": "WGS-84",
        "cgcs2000": t("CGCS2000 经纬度", "CGCS2000 in degrees"),
        "EPSG:4528": t("CGCS2000 三度带 40 带（带号）", "CGCS2000, zone 40 with its number"),
        "EPSG:4549": t("CGCS2000 三度带 120°E", "CGCS2000, central meridian 120° E"),
        "EPSG:4527": t("CGCS2000 三度带 39 带（带号）", "CGCS2000, zone 39 with its number"),
        "EPSG:4548": t("CGCS2000 三度带 117°E", "CGCS2000, central meridian 117° E"),
        "gcj02": t("GCJ-02（高德、腾讯）", "GCJ-02"),
        "bd09": t("BD-09（百度）", "BD-09"),
    }
