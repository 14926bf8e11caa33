"""The wizard of imports: a file, its columns, a rehearsal with counts, then apply or undo."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from flask import Response, abort, redirect, request, url_for

from storage.imports.columns import COLUMNS
from storage.imports.kinds import kinds_of, names_of_columns
from storage.imports.workbooks import PACKED_AT_MOST
from web.frame import sessions
from web.frame.answers import detail as reason_of
from web.frame.answers import new_key, posted_key, problem_page, rendered
from web.frame.contract import hangji
from web.frame.language import t
from web.frame.site import site
from web.frame.writing import PageAnswer, ask, write
from web.pages.imports import words

_ENVELOPE: Final = 128 << 10
_SHOWN: Final = "50"
_UNCHECKED: Final = ("draft", "checked")
_AT_ONCE: Final = "200"
_MOST_REFUSED: Final = 20_000
_CONFLICT: Final = 409
_NOT_FOUND: Final = 404


@site.get("/imports")
@sessions.signed_in
def import_list() -> Any:
    """Imports of the lists I keep, and the form for another file."""
    return _list()


@site.post("/imports")
@sessions.signed_in
def upload_import() -> Any:
    """Upload a file; it is checked beside the pages."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _list(error=t("请选择一个文件。", "Choose a file."), status=422)
    body = {**{name: request.form.get(name, "") for name in ("kind", "source")}, "file": file}
    if body["kind"] == "people":
        body["source"] = "full" if request.form.get("full") else "some"
    if request.form.get("full_registry"):
        body["full"] = "true"
    answer = write("imports.upload", {}, body, key=posted_key())
    if answer.is_problem:
        return _list(error=reason_of(answer), status=answer.status)
    made = answer.data["id"]
    listed = ask("imports.search", {}, {"limit": "200"}).data["items"]
    batch = next(item for item in listed if item["operation_id"] == made)
    return redirect(url_for("web.show_import", import_id=batch["id"]), code=303)


upload_import.__dict__["hangji_limit"] = PACKED_AT_MOST + _ENVELOPE


@site.get("/imports/<row:import_id>")
@sessions.signed_in
def show_import(import_id: int) -> Any:
    """One import: columns, counts, rows, and what can be done with it now."""
    return _shown(import_id)


@site.get("/imports/<row:import_id>/refused.csv")
@sessions.signed_in
def refused_rows(import_id: int) -> Any:
    """The rows that were refused, each with its reason, to be corrected in the file."""
    found: list[Mapping[str, Any]] = []
    query = {"limit": _AT_ONCE, "outcome": "refused"}
    while len(found) < _MOST_REFUSED:
        answer = ask("imports.list_rows", _at(import_id), query)
        if answer.is_problem:
            return problem_page(answer)
        found += answer.data["items"]
        if answer.data["next"] is None:
            break
        query["cursor"] = answer.data["next"]
    heads = (t("行", "Row"), t("原因", "Reason"))
    rows = [(str(row["number"]), words.said(row["message"] or "")) for row in found]
    return _sheet([heads, *rows], f"hangji-refused-{import_id}.csv")


@site.get("/imports/template/<code:kind>.csv")
@sessions.signed_in
def import_template(kind: str) -> Any:
    """An empty list of a kind with the heads that are read."""
    if kind not in _mine():
        abort(_NOT_FOUND)
    return _sheet([[head for head, _, _ in _heads_of(kind)]], f"hangji-{kind}.csv")


@site.post("/imports/<row:import_id>/check")
@sessions.signed_in
def check_import(import_id: int) -> Any:
    """Check again with the columns as chosen on the page."""
    heads, chosen = request.form.getlist("head"), request.form.getlist("column")
    mapping = dict(zip(heads, chosen, strict=False))
    return _done(import_id, write("imports.check", _at(import_id), {"mapping": mapping}))


@site.post("/imports/<row:import_id>/apply")
@sessions.signed_in
def apply_import(import_id: int) -> Any:
    """Write it."""
    body = {"leave_out_refused": request.form.get("leave_out_refused") == "yes"}
    answer = write("imports.apply", _at(import_id), body, key=posted_key())
    if answer.is_problem and answer.status == _CONFLICT:
        return _shown(import_id, error=reason_of(answer), status=answer.status)
    return _done(import_id, answer)


@site.post("/imports/<row:import_id>/undo")
@sessions.signed_in
def undo_import(import_id: int) -> Any:
    """Take it back."""
    return _done(import_id, write("imports.undo", _at(import_id), {}, key=posted_key()))


@site.post("/imports/<row:import_id>/passwords")
@sessions.signed_in
def first_passwords(import_id: int) -> Any:
    """Show the links by which new accounts set their first password."""
    answer = write("imports.hand_out", _at(import_id), {})
    if answer.is_problem:
        return problem_page(answer)
    response = rendered(
        "imports/passwords.html",
        import_id=import_id,
        links={
            name: request.url_root.rstrip("/") + link for name, link in answer.data["links"].items()
        },
        is_all=answer.data["is_all"],
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _list(*, error: str | None = None, status: int = 200) -> Any:
    names = ("state", "cursor")
    query = {name: request.args[name] for name in names if request.args.get(name)}
    answer = ask("imports.search", {}, query)
    if answer.is_problem:
        return problem_page(answer)
    return rendered(
        "imports/imports.html",
        status,
        rows=answer.data["items"],
        next=answer.data["next"],
        state=query.get("state"),
        mine=_mine(),
        heads={kind: _heads_of(kind) for kind in _mine()},
        words=_words(),
        error=error,
        key=new_key(),
    )


def _shown(import_id: int, *, error: str | None = None, status: int = 200) -> Any:
    answer = ask("imports.read", _at(import_id), {})
    if answer.is_problem:
        return problem_page(answer)
    outcome = request.args.get("outcome") or None
    listed = ask("imports.list_rows", _at(import_id), _rows_of(outcome))
    if listed.is_problem:
        return problem_page(listed)
    batch, listed = answer.data, listed.data
    return rendered(
        "imports/import.html",
        status,
        batch=batch,
        error=error,
        work=_work(batch),
        rows=listed["items"],
        next=listed["next"],
        outcome=outcome,
        words=_words(),
        columns=COLUMNS[batch["kind"]].every,
        may_map=batch["state"] in _UNCHECKED and batch["heads"],
        key=new_key(),
    )


def _heads_of(kind: str) -> list[tuple[str, str, bool]]:
    """The heads of a kind as they may stand in a file, their words, whether each is needed."""
    names = names_of_columns(kind, hangji().settings.city_folder)
    needed, heads = COLUMNS[kind].required, []
    for column in COLUMNS[kind].every:
        own, *others = names.heads_of(column)
        chinese = next(iter(others), own)
        label = t(chinese, words.columns()[column])
        heads.append((t(chinese, own), label, column in needed))
    return heads


def _sheet(rows: Iterable[Sequence[str]], name: str) -> Response:
    """A file for a spreadsheet, which knows it as UTF-8 by its mark."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    response = Response(out.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _done(import_id: int, answer: PageAnswer) -> Any:
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.show_import", import_id=import_id), code=303)


def _work(batch: Mapping[str, Any]) -> dict[str, Any] | None:
    """The work on it while it goes on, with its progress."""
    answer = ask("operations.read", {"operation_id": str(batch["operation_id"])}, {})
    if answer.is_problem:
        return None
    found = answer.data
    return {"found": found, "is_failed": found["state"] == "failed"}


def _mine() -> list[str]:
    actor = sessions.actor()
    return [] if actor is None else kinds_of(actor)


def _rows_of(outcome: str | None) -> dict[str, str]:
    asked = {"limit": _SHOWN, "outcome": outcome, "cursor": request.args.get("cursor")}
    return {name: text for name, text in asked.items() if text}


def _words() -> dict[str, Any]:
    return {
        "kinds": words.kinds(),
        "sources": words.sources(),
        "columns": words.columns(),
        "states": words.states(),
        "outcomes": words.outcomes(),
        "said": words.said,
    }


def _at(import_id: int) -> dict[str, str]:
    return {"import_id": str(import_id)}
