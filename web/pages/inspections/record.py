"""The checklist of an inspection for one thumb: each line answered by one tap, also offline."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, request, url_for

from engine.reads.reading import Reading
from handlers.inspections import recording
from storage.inspections.checklists import ChecklistLine
from storage.inspections.records import Item
from storage.people.posts import list_names
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, rendered
from web.frame.fields import id_of
from web.frame.language import t
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import write

ANSWERS = {
    "yes": ("符合", "Yes"),
    "no": ("不符合", "No"),
    "na": ("不适用", "N/A"),
    "not_visible": ("看不到", "Not seen"),
}
BOTH_TOUCHED = 409


@site.get("/cases/<number>/inspection")
@sessions.kept_offline
@sessions.signed_in
def inspection_record(number: str) -> Any:
    """The checklist as it stands."""
    return _page(number)


@site.post("/cases/<number>/inspection")
@sessions.signed_in
def keep_inspection_record(number: str) -> Any:
    """Write what was answered; lines somebody else changed meanwhile stand side by side."""
    lines = [line for line in map(_line, request.form.getlist("item")) if line is not None]
    if not lines:
        return redirect(url_for("web.inspection_record", number=number), code=303)
    body = {"items": lines}
    answer = write("inspection_records.keep", {"number": number}, body, key=posted_key())
    if answer.is_problem:
        return _page(number, problem=detail(answer), status=answer.status)
    theirs = {one["item"] for one in answer.data["conflicts"]}
    if theirs:
        mine = {line["item"]: line for line in lines if line["item"] in theirs}
        return _page(number, mine=mine, status=BOTH_TOUCHED)
    return redirect(url_for("web.inspection_record", number=number), code=303)


def _line(item: str) -> dict[str, Any] | None:
    """A line that was answered, as it is sent."""
    answer = request.form.get(f"answer-{item}", "")
    if not answer:
        return None
    base = id_of(request.form.get(f"base-{item}", "")) or 0
    remark = request.form.get(f"remark-{item}", "").strip()
    return {"item": item, "base": base, "answer": answer, **({"remark": remark} if remark else {})}


def _page(
    number: str,
    *,
    mine: Mapping[str, Mapping[str, Any]] | None = None,
    problem: str = "",
    status: int = 200,
) -> Any:
    def look(reading: Reading) -> dict[str, Any]:
        record = recording.look(reading.session, number, actor=reading.actor)
        there = {item.item: item for item in record.items}
        names = list_names(reading.session, [item.changed_by for item in record.items])
        return {
            "number": number,
            "about": record.case.description,
            "may_edit": record.may_edit,
            "done": len(there),
            "lines": [
                _shown(line, there.get(line.item), names, (mine or {}).get(line.item))
                for line in record.lines
            ],
        }

    words = [(name, t(*both)) for name, both in ANSWERS.items()]
    values = {"key": new_key(), "problem": problem, "answers": words, "conflicts": len(mine or {})}
    return rendered("inspections/record.html", status, **seen(look), **values)


def _shown(
    line: ChecklistLine,
    there: Item | None,
    names: Mapping[int, str],
    mine: Mapping[str, Any] | None,
) -> dict[str, Any]:
    return {
        "item": line.item,
        "name": t(line.name_zh, line.name_en),
        "clause": line.clause,
        "is_key": line.severity == "key",
        "base": 0 if there is None else there.version,
        "answer": (mine or {}).get("answer") or (there.answer if there else None),
        "remark": (mine or {}).get("remark") or (there.remark if there else None) or "",
        "theirs": None if mine is None or there is None else _said(there, names),
    }


def _said(there: Item, names: Mapping[int, str]) -> str:
    """What the other inspector wrote."""
    who, words = names.get(there.changed_by, ""), t(*ANSWERS[there.answer])
    remark = f" {there.remark}" if there.remark else ""
    return t(f"{who}已填：{words}{remark}", f"{who} wrote: {words}{remark}")
