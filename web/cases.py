"""Cases: the list, one case with its six steps, its diagrams and its file."""

from typing import Any

from flask import Response, redirect, render_template, request, url_for

from web import assets, sessions
from web.answers import detail, new_key, problem_page, rendered
from web.client import Client
from web.language import t
from web.records import entries_of
from web.site import site

CASE_ACTIONS = frozenset({"note", "chase", "supervise"})
ENTRIES = "200"


@site.get("/cases")
@sessions.signed_in
def case_list() -> Any:  # noqa: ANN401 - any answer of Flask
    """The cases one may see, newest first."""
    status, q = request.args.get("status"), request.args.get("q")
    cursor = request.args.get("cursor")
    answer = sessions.client().get("/cases", status=status, q=q, cursor=cursor)
    if answer.is_problem:
        return problem_page(answer)
    return render_template(
        "case_list.html",
        active="cases",
        views=[
            ("", t("全部", "All")),
            ("open", t("办理中", "Open")),
            ("closed", t("已办结", "Closed")),
        ],
        status=status,
        q=q,
        items=answer.data["items"],
        next=answer.data["next"],
    )


@site.get("/cases/<number>")
@sessions.signed_in
def case(number: str) -> Any:  # noqa: ANN401 - any answer of Flask
    """One case."""
    return _page(sessions.client(), number)


@site.post("/cases/<number>/<action>")
@sessions.signed_in
def act_on_case(number: str, action: str) -> Any:  # noqa: ANN401 - any answer of Flask
    """A note, a chase or supervised handling."""
    client = sessions.client()
    if action not in CASE_ACTIONS:
        return redirect(url_for("web.case", number=number))
    body = {"text": (request.form.get("text") or "").strip()}
    answer = client.post(f"/cases/{number}/{action}", body, key=request.form.get("key"))
    if answer.is_problem:
        return _page(client, number, problem=detail(answer), status=answer.status)
    return redirect(url_for("web.case", number=number), code=303)


@site.get("/cases/<number>/file.zip")
@sessions.signed_in
def case_file(number: str) -> Any:  # noqa: ANN401 - any answer of Flask
    """The case file, to keep and to verify offline."""
    answer = sessions.client().get(f"/cases/{number}/file", format="zip")
    if answer.is_problem:
        return problem_page(answer)
    name = f"attachment; filename={number}.zip"
    headers = {"Content-Disposition": name, "Content-Type": "application/zip"}
    return Response(answer.response.get_data(), headers=headers)


def _page(client: Client, number: str, *, problem: str | None = None, status: int = 200) -> Any:  # noqa: ANN401
    found = client.get(f"/cases/{number}")
    if found.is_problem:
        return problem_page(found)
    diagrams = client.get(f"/cases/{number}/diagram")
    events = client.get(f"/cases/{number}/events", limit=ENTRIES)
    roles = {post["role"] for post in client.get("/me").data["posts"]}
    return rendered(
        "case.html",
        status,
        active="cases",
        case=found.data,
        diagrams=[] if diagrams.is_problem else diagrams.data["diagrams"],
        entries=entries_of([] if events.is_problem else events.data["items"]),
        may_supervise="supervisor" in roles,
        styles=assets.styles("src/case.js"),
        key=new_key(),
        problem=problem,
    )
