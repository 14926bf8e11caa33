"""One record of another platform: theirs, ours, and why they are one visit."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for

from storage.sync.records import find_record
from web.frame import sessions
from web.frame.answers import problem_page
from web.frame.language import listed, moment, t
from web.frame.naming import role_name
from web.frame.reading import seen
from web.frame.site import site
from web.frame.words import word
from web.frame.writing import ask
from web.pages.sync import words


@site.get("/sync/records/<row:record_id>")
@sessions.signed_in
def sync_record(record_id: int) -> Any:
    """Theirs on the left, ours on the right."""
    answer = ask("sync_compared.read", {"record_id": str(record_id)}, {})
    if answer.is_problem:
        return problem_page(answer)
    record = answer.data
    return render_template(
        "sync/record.html",
        record=record,
        name=words.source(record["source"]),
        relation=words.relations()[record["relation"]],
        why=words.why(record["reason"]) if record["relation"] == "linked" else "",
        theirs=_theirs(record["theirs"]),
        ours=_ours(record["ours"]),
    )


@site.get("/sync/<code:source>/record")
@sessions.signed_in
def sync_record_named(source: str) -> Any:
    """The record of an id of theirs, for who may see records."""
    if not sessions.holds("admin_system"):
        return redirect(url_for("web.sync_board"), code=303)
    external_id = request.args.get("id", "")
    found = seen(lambda reading: find_record(reading.session, source, external_id))
    if found is None:
        return redirect(url_for("web.sync_board"), code=303)
    return redirect(url_for("web.sync_record", record_id=found.id), code=303)


def _ours(case: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    if case is None:
        return []
    if "title" not in case:
        return [(t("内容", "Contents"), t("您无权查看这件事件", "You may not see this case"))]
    closed = case["closed_at"]
    return [
        (t("标题", "Title"), case["title"]),
        (t("来源", "Source"), word(case["source"])),
        (t("立案", "Opened"), moment(case["opened_at"])),
        (t("办结", "Closed"), moment(closed) if closed else t("还在办", "Still open")),
    ]


def _theirs(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What they hold, by the names of its fields; what is empty is left out."""
    named = words.fields()
    return [
        (named[name], _said(name, body[name]))
        for name in named
        if body.get(name) not in (None, "", {})
    ]


def _said(name: str, value: object) -> str:
    if isinstance(value, bool):
        return t("是", "Yes") if value else t("否", "No")
    if name == "visited_at":
        return moment(str(value))
    if name == "unit":
        return role_name(str(value))
    if isinstance(value, Mapping):
        return listed(f"{key} {said}" for key, said in value.items())
    return str(value)
