"""Cases: the list, one case with its six steps, its diagrams and its file."""

from typing import Any

from flask import Response, redirect, render_template, request, url_for

from web.frame import sessions, unsent
from web.frame.answers import FINAL, detail, new_key, next_key, posted_key, problem_page, rendered
from web.frame.client import Client
from web.frame.language import t
from web.frame.naming import names_for
from web.frame.site import site
from web.pages.cases.record import Words, photos_apart, steps_of, words_of

CASE_ACTIONS = frozenset({"note", "chase", "supervise"})
Failed = dict[str, Any]
"""An action that was not done: its name, text, next key, why, and whether pressing again helps."""

MOST_ENTRIES = 2000
A_PAGE = 200


@site.get("/cases")
@sessions.signed_in
def case_list() -> Any:
    """The cases one may see, newest first."""
    status, q = request.args.get("status"), request.args.get("q")
    client = sessions.client()
    answer = client.get("/cases", status=status, q=q, cursor=request.args.get("cursor"))
    if answer.is_problem:
        return problem_page(answer)
    found = {"items": answer.items, "next": answer.data["next"], "status": status, "q": q}
    names = names_for(client, areas=(one["area"] for one in answer.items), matters=True)
    return render_template("case_list.html", views=views(), names=names, **found)


@site.get("/cases/<number>")
@sessions.signed_in
def case(number: str) -> Any:
    """One case."""
    return _page(sessions.client(), number)


@site.post("/cases/<number>/<action>")
@sessions.signed_in
@sessions.keeps_typed
def act_on_case(number: str, action: str) -> Any:
    """A note, a chase or supervised handling."""
    client, text = sessions.client(), (request.form.get("text") or "").strip()
    if action not in CASE_ACTIONS:
        return redirect(url_for("web.case", number=number), code=303)
    path, key = f"/cases/{number}/{action}", posted_key()
    failed: Failed = {"action": action, "text": text, "key": key.removesuffix(f"-{action}")}
    if unsent.is_for_review():
        return _page(client, number, failed=failed, status=unsent.OUT_OF_DATE)
    answer = client.post(path, {"text": text}, key=key)
    if answer.is_problem:
        failed |= {"problem": detail(answer), "key": next_key(answer, used=failed["key"])}
        failed |= {"is_final": answer.status in FINAL}
        return _page(client, number, failed=failed, status=answer.status)
    return redirect(url_for("web.case", number=number, done=action), code=303)


@site.get("/cases/<number>/file.zip")
@sessions.signed_in
def case_file(number: str) -> Any:
    """The case file, to keep and to verify offline."""
    answer = sessions.client().get(f"/cases/{number}/file", format="zip")
    if answer.is_problem:
        return problem_page(answer)
    name = f"attachment; filename={number}.zip"
    headers = {"Content-Disposition": name, "Content-Type": "application/zip"}
    return Response(answer.response.get_data(), headers=headers)


def views() -> list[tuple[str, str, str]]:
    """The views of the list with their names and what an empty one says."""
    return [
        ("", t("全部", "All"), t("辖区内还没有案件。", "There is no case in your areas yet.")),
        ("open", t("办理中", "Open"), t("没有在办案件。", "No case is open.")),
        ("closed", t("已办结", "Closed"), t("没有已办结的案件。", "No case is closed.")),
    ]


def entries_of(client: Client, number: str) -> list[dict[str, Any]]:
    """The whole file; a longer one than anybody reads on a page ends in the download."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(found) < MOST_ENTRIES:
        answer = client.get(f"/cases/{number}/events", cursor=cursor, limit=str(A_PAGE))
        found += answer.items
        cursor = None if answer.is_problem else answer.data["next"]
        if cursor is None:
            break
    return found


def read_file(client: Client, shown: dict[str, Any]) -> tuple[list[dict[str, Any]], Words]:
    """The entries of a case and every word they need."""
    entries = entries_of(client, shown["number"])
    return entries, words_of(client, shown["number"], entries, [shown["area"]])


def _page(client: Client, number: str, *, failed: Failed | None = None, status: int = 200) -> Any:
    found = client.get(f"/cases/{number}")
    if found.is_problem:
        return problem_page(found)
    shown = found.data
    entries, words = read_file(client, shown)
    steps = steps_of(entries, words)
    return rendered(
        "case.html",
        status,
        case=shown,
        photos=photos_apart(steps, shown["photos"]),
        words=words,
        names=words.names,
        steps=steps,
        business=_business(client, shown),
        diagrams=_diagrams(client, number, shown),
        actions=[one for one in actions() if one[0] in _offered(shown)],
        key=failed["key"] if failed else new_key(),
        failed=failed or {},
        told=_told(request.args.get("done")),
    )


def _offered(shown: dict[str, Any]) -> set[str]:
    """What may be done and would change something: a supervised case is not supervised again."""
    allowed = set(shown["allowed_actions"])
    return allowed - {"supervise"} if shown["supervised"] else allowed


def actions() -> list[tuple[str, str, str]]:
    """What may be done with a case as a whole: name, label, what the text is."""
    return [
        ("note", t("写备注", "Add a note"), t("备注内容", "Note")),
        ("chase", t("催办", "Chase"), t("催办要求", "What is asked")),
        ("supervise", t("督办", "Supervise"), t("督办要求", "What is asked")),
    ]


def _business(client: Client, shown: dict[str, Any]) -> str:
    if shown["business"] is None:
        return ""
    found = client.get(f"/businesses/{shown['business']}")
    return str(shown["business"]) if found.is_problem else str(found.data["name"])


def _diagrams(client: Client, number: str, shown: dict[str, Any]) -> list[dict[str, Any]]:
    """Diagrams that were entered, the one to look at open: where the first open task is drawn."""
    answer = client.get(f"/cases/{number}/diagram")
    if answer.is_problem:
        return []
    entered = [one for one in answer.data["diagrams"] if one["visited"] or one["active"]]
    waiting = {one["process"] for one in shown["tasks"]}
    first = entered[0]["process"] if entered else ""
    looked_at = next((one["process"] for one in entered if one["process"] in waiting), first)
    return [{**one, "is_open": one["process"] == looked_at} for one in entered]


def _told(code: str | None) -> str | None:
    sentences = {
        "reported": t("已上报，案件已建档。", "Filed; the case has its file."),
        "note": t("备注已记入案卷。", "The note is on file."),
        "chase": t("已催办，已记入案卷。", "Chased, and on file."),
        "supervise": t("已转督办，已记入案卷。", "Under supervised handling, and on file."),
    }
    return sentences.get(code or "")
