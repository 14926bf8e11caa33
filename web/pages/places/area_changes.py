"""Changes of areas: filled in, rehearsed with what would follow, then made."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import redirect, request, url_for
from werkzeug.datastructures import MultiDict

from engine.reads.places import area_steps, children_of
from engine.reads.reading import Reading
from storage.imports.kinds import kinds_of
from storage.places.areas import parent_code
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, problem_page, rendered
from web.frame.fields import deepest
from web.frame.language import t
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import ask, rehearse, write

_PLACES: Final = range(1, 5)
"""As many areas as one change takes on the page."""
_ACTION: Final = "area-changes.change"


def _kinds() -> dict[str, str]:
    return {
        "rename": t("更名", "Rename"),
        "move": t("迁移（换上级或换编码）", "Move (another code)"),
        "split": t("拆分", "Split"),
        "merge": t("合并", "Merge"),
    }


def _registers() -> dict[str, str]:
    """What the registers are called that follow a change."""
    return {
        "areas_ended": t("撤销的区域编码", "Codes that end"),
        "areas_added": t("新增的区域编码", "Codes that begin"),
        "areas_renamed": t("更名的区域", "Areas renamed"),
        "open_cases": t("在办案件（保留原编码）", "Open cases (they keep their code)"),
        "posts": t("岗位", "Posts"),
        "holdings": t("任职", "Holdings"),
        "business": t("食品主体", "Businesses"),
        "supervision": t("村居监管人员", "Supervising officers"),
        "jurisdictions": t("乡镇的管辖单位", "Units in charge of towns"),
        "jurisdictions_copied": t("新乡镇的管辖单位", "Units in charge of new towns"),
        "platform_center": t("平台中心", "Platform centres"),
        "fact_case": t("已办结案件的统计", "Statistics of closed cases"),
        "facts_shared": t("按份额划出的统计", "Statistics given to parts"),
        "flag": t("分区开关", "Switches"),
        "responsibility": t("领导责任", "Duties"),
        "recurring": t("定期任务", "Recurring work"),
        "display_link": t("大屏链接", "Wall links"),
    }


@site.get("/area-changes")
@sessions.signed_in
def area_change_list() -> Any:
    """Changes that were made, and the form for another one."""
    return _page(typed=request.args)


@site.post("/area-changes")
@sessions.signed_in
def change_areas() -> Any:
    """Rehearse a change, or make it."""
    body = _body(request.form)
    if request.form.get("act") == "more":
        return _page(typed=request.form)
    if request.form.get("act") != "make":
        answer = rehearse(_ACTION, {}, body)
        if answer.is_problem:
            return _page(typed=request.form, problem=_reason(answer), status=answer.status)
        return _page(typed=request.form, rehearsed=answer.data)
    answer = write(_ACTION, {}, body, key=posted_key())
    if answer.is_problem:
        return _page(typed=request.form, problem=_reason(answer), status=answer.status)
    made = answer.data["operation"]
    return redirect(url_for("web.area_change_list", operation=made), code=303)


def _sources(typed: MultiDict[str, str]) -> list[str]:
    """The codes that change: chosen level by level, or written out."""
    chosen = [deepest(typed.getlist(f"from-{place}")) or "" for place in _PLACES]
    written = typed.get("from", "").replace("，", " ").replace(",", " ").split()
    return [code for code in chosen if code] or written


def _body(form: MultiDict[str, str]) -> dict[str, Any]:
    targets = []
    for place in _PLACES:
        if code := form.get(f"code-{place}", "").strip():
            target: dict[str, Any] = {"code": code}
            if name := form.get(f"name-{place}", "").strip():
                target["name"] = name
            if share := form.get(f"share-{place}", "").strip():
                target["share"] = share
            targets.append(target)
    body = {
        "kind": form.get("kind", ""),
        "from": _sources(form),
        "to": targets,
        "on": form.get("day", ""),
    }
    document = form.get("document", "").strip()
    return {**body, "document": document} if document else body


def _choices(reading: Reading, codes: Sequence[str]) -> dict[str, Any]:
    """The lists to choose the areas of now from, and what lies beside them, with their names."""
    named = [*codes, *("" for _ in _PLACES)][: len(_PLACES)]
    above = {parent for code in codes if (parent := parent_code(code))}
    beside = [area for parent in sorted(above) for area in children_of(reading, parent)]
    return {"sources": [list(area_steps(reading, code)) for code in named], "beside": beside}


def _reason(answer: Any) -> str:
    errors = answer.data.get("errors") or []
    return "".join(error["message"] for error in errors) or detail(answer)


def _page(
    *,
    typed: MultiDict[str, str],
    rehearsed: Mapping[str, Any] | None = None,
    problem: str = "",
    status: int = 200,
) -> Any:
    cursor = request.args.get("cursor")
    listed = ask("area-changes.search", {}, {"cursor": cursor} if cursor else {})
    if listed.is_problem:
        return problem_page(listed)
    actor = sessions.actor()
    codes = _sources(typed)
    return rendered(
        "places/area_changes.html",
        status,
        rows=listed.data["items"],
        next=listed.data["next"],
        may=actor is not None and "areas" in kinds_of(actor),
        kinds=_kinds(),
        registers=_registers(),
        parts=_PLACES,
        **seen(lambda reading: _choices(reading, codes)),
        typed=typed,
        rehearsed=rehearsed,
        ordered=request.args.get("operation"),
        problem=problem,
        key=new_key(),
    )
