"""The checklist of an inspection for one thumb: each line answered by one tap, also offline."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from flask import redirect, request, url_for

from engine.reads.reading import Reading
from handlers.inspections import recording
from handlers.inspections.filling import INSPECTING
from storage.cases.tasks import list_open_tasks
from storage.inspections.checklists import ChecklistLine
from storage.inspections.records import Item
from storage.people.actors import list_names
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, rendered
from web.frame.fields import id_of, uploads
from web.frame.language import said_of, t
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
REFUSED = 422


@site.get("/cases/<number>/inspection")
@sessions.kept_offline
@sessions.signed_in
def inspection_record(number: str) -> Any:
    """The checklist as it stands."""
    return _page(number)


@site.post("/cases/<number>/inspection")
@sessions.photos_allowed
@sessions.signed_in
def keep_inspection_record(number: str) -> Any:
    """Write what was answered; lines somebody else changed meanwhile stand side by side."""
    errors: dict[str, str] = {}
    typed = {item: _typed(item, errors) for item in request.form.getlist("item")}
    if errors:
        problem = t("有的项还没有保存，请看红字。", "Some lines are not saved; see what is red.")
        return _page(number, typed=typed, errors=errors, problem=problem, status=REFUSED)
    return _kept(number, typed)


def _kept(number: str, typed: Mapping[str, Mapping[str, Any]]) -> Any:
    """Send the lines that were touched; those both inspectors changed come back."""
    lines = [line for line in typed.values() if line["answer"] and not _is_untouched(line)]
    if not lines:
        return redirect(url_for("web.inspection_record", number=number), code=303)
    answer = write("inspection_records.keep", {"number": number}, _body(lines), key=posted_key())
    if answer.is_problem:
        return _page(number, typed=typed, problem=detail(answer), status=answer.status)
    both = {item["item"] for item in answer.data["conflicts"]}
    if both:
        mine = {line["item"]: line for line in lines if line["item"] in both}
        return _page(number, typed=mine, both=both, status=BOTH_TOUCHED)
    return redirect(url_for("web.inspection_record", number=number, done="kept"), code=303)


def _typed(item: str, errors: dict[str, str]) -> dict[str, Any]:
    """A line as it stands on the page; its photos are uploaded, what is wrong goes to `errors`."""
    name = f"photos-{item}"
    photos = request.form.getlist(name)
    for file, answer in uploads(name, posted_key()):
        if answer.is_problem:
            errors[item] = said_of(file.filename or "", detail(answer))
        else:
            photos.append(answer.data["id"])
    chosen = request.form.get(f"answer-{item}", "")
    if photos and not chosen:
        errors.setdefault(item, t("有照片，还没有选结果。", "There are photos and no answer yet."))
    return {
        "item": item,
        "base": id_of(request.form.get(f"base-{item}", "")) or 0,
        "answer": chosen,
        "remark": request.form.get(f"remark-{item}", "").strip(),
        "photos": photos,
    }


def _is_untouched(line: Mapping[str, Any]) -> bool:
    """Whether a line is still as the page showed it."""
    return request.form.get(f"was-{line['item']}", "") == _was(line)


def _was(line: Mapping[str, Any]) -> str:
    said = [line["answer"], line["remark"], line["photos"]]
    return json.dumps(said, ensure_ascii=False)


def _body(lines: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The lines as the API takes them: a remark nobody wrote is left out."""
    return {
        "items": [
            {name: value for name, value in line.items() if name != "remark" or value}
            for line in lines
        ]
    }


def _page(
    number: str,
    *,
    typed: Mapping[str, Mapping[str, Any]] | None = None,
    both: Collection[str] = (),
    errors: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Any:
    def look(reading: Reading) -> dict[str, Any]:
        record = recording.look(reading.session, number, actor=reading.actor)
        there = {item.item: item for item in record.items}
        names = list_names(reading.session, [item.changed_by for item in record.items])
        lines = [
            {
                **_shown(line, there.get(line.item), (typed or {}).get(line.item)),
                "theirs": _said(there[line.item], names) if line.item in both else None,
                "error": (errors or {}).get(line.item),
            }
            for line in record.lines
        ]
        return {
            "number": number,
            "about": record.case.description,
            "may_edit": record.may_edit,
            "task": next(
                (
                    task.key
                    for task in list_open_tasks(reading.session, record.case.id)
                    if task.task_id == INSPECTING and reading.actor.holds(task.post_id)
                ),
                None,
            ),
            "done": len(there),
            "lines": lines,
        }

    words = [(name, t(*both_languages)) for name, both_languages in ANSWERS.items()]
    values = {"key": new_key(), "problem": problem, "answers": words, "conflicts": len(both)}
    is_kept = request.method == "GET" and request.args.get("done") == "kept"
    return rendered("inspections/record.html", status, is_kept=is_kept, **seen(look), **values)


def _shown(
    line: ChecklistLine, there: Item | None, typed: Mapping[str, Any] | None
) -> dict[str, Any]:
    """A line as it is on file, under the input of the page; no photo of either is lost."""
    on_file = {
        "answer": "" if there is None else there.answer,
        "remark": (there.remark if there else None) or "",
        "photos": [] if there is None else there.photos,
    }
    shown = on_file if typed is None else typed
    return {
        "item": line.item,
        "name": t(line.name_zh, line.name_en),
        "clause": line.clause,
        "is_key": line.severity == "key",
        "wants_photo": line.wants_photo,
        "base": 0 if there is None else there.version,
        "was": _was(on_file),
        "answer": shown["answer"],
        "remark": shown["remark"],
        "photos": list(dict.fromkeys([*on_file["photos"], *shown["photos"]])),
    }


def _said(there: Item, names: Mapping[int, str]) -> str:
    """What the other inspector wrote."""
    who, words = names.get(there.changed_by, ""), t(*ANSWERS[there.answer])
    remark = f" {there.remark}" if there.remark else ""
    return t(f"{who}已填：{words}{remark}", f"{who} wrote: {words}{remark}")
