"""One task: its form, what is known of its case, and everything else one may do with it."""

from typing import Any

from flask import redirect, request, url_for

from web import sessions
from web.answers import detail, new_key, problem_page, rendered
from web.choices import choices_for
from web.client import Client
from web.fields import Sheet, posted, upload_photos
from web.language import t
from web.site import site
from web.words import word

ASKS_POSTS = frozenset({"consult", "countersign", "assist"})
WITHOUT_FORM = frozenset({"claim", "release", "resume"})
SHOWN = ("claim", "release", "return", "pause", "resume", "extend", "delegate", "consult", "assist")


@site.get("/tasks/<key>")
@sessions.signed_in
def task(key: str) -> Any:  # noqa: ANN401 - any answer of Flask
    """A task with its form."""
    return _page(sessions.client(), key)


@site.post("/tasks/<key>")
@sessions.signed_in
def complete(key: str) -> Any:  # noqa: ANN401 - any answer of Flask
    """Submit the form, or keep it as a draft."""
    client = sessions.client()
    form = client.get(f"/tasks/{key}/form")
    if form.is_problem:
        return problem_page(form)
    sheet = Sheet(form.data, request.form.get("key") or new_key())
    sheet.values = posted(sheet.document)
    upload_photos(client, sheet)
    if request.form.get("draft"):
        answer = client.put(f"/tasks/{key}/draft", {"form": sheet.values})
        return problem_page(answer) if answer.is_problem else _back("draft")
    if sheet.errors:
        return _page(client, key, sheet=sheet, status=422)
    answer = client.post(f"/tasks/{key}/complete", {"form": sheet.values}, key=sheet.key)
    if answer.is_problem:
        sheet.wrong(answer)
        sheet.key = new_key()
        return _page(client, key, sheet=sheet, status=answer.status)
    return _back("completed")


@site.post("/tasks/<key>/<action>")
@sessions.signed_in
def act(key: str, action: str) -> Any:  # noqa: ANN401 - any answer of Flask
    """Any other action on a task."""
    client, body = sessions.client(), _body(action)
    if action not in SHOWN:
        return redirect(url_for("web.task", key=key))
    answer = client.post(f"/tasks/{key}/{action}", body, key=request.form.get("key") or new_key())
    if answer.is_problem:
        return _page(client, key, failed=action, failure=detail(answer), status=answer.status)
    return _back("acted")


def _body(action: str) -> dict[str, Any]:
    if action in WITHOUT_FORM:
        return {}
    reason = (request.form.get("reason") or "").strip()
    if action in ASKS_POSTS:
        return {"posts": request.form.getlist("posts"), "question": reason}
    body: dict[str, Any] = {"reason": reason}
    if action == "delegate":
        officer = request.form.get("officer", "")
        body["officer"] = int(officer) if officer.isdigit() else None
    return body


def _back(done: str) -> Any:  # noqa: ANN401 - any answer of Flask
    return redirect(url_for("web.inbox", done=done), code=303)


def _page(
    client: Client,
    key: str,
    *,
    sheet: Sheet | None = None,
    failed: str | None = None,
    failure: str | None = None,
    status: int = 200,
) -> Any:  # noqa: ANN401 - any answer of Flask
    found = client.get(f"/tasks/{key}")
    if found.is_problem:
        return problem_page(found)
    shown, form = found.data, client.get(f"/tasks/{key}/form")
    if sheet is None:
        document = {"fields": [], "values": {}} if form.is_problem else form.data
        sheet = Sheet(document, new_key(), values=dict(document["values"]))
    actions = shown["allowed_actions"]
    return rendered(
        "task.html",
        status,
        active="inbox",
        task=shown,
        case=client.get(f"/cases/{shown['case']['number']}").data,
        sheet=sheet,
        choices=choices_for(client, sheet.document),
        may_complete="complete" in actions,
        more_actions=[_action(name) for name in SHOWN if name in actions],
        posts=_posts(shown),
        candidates=[one for one in shown["candidates"] if one.get("id")],
        failed=failed,
        failure=failure,
    )


def _action(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": word(name),
        "key": new_key(),
        "asks_posts": name in ASKS_POSTS,
        "asks_officer": name == "delegate",
        "asks_reason": None if name in WITHOUT_FORM else _reason(name),
    }


def _reason(name: str) -> str:
    return t("请他们做什么", "What is asked") if name in ASKS_POSTS else t("理由", "Reason")


def _posts(shown: dict[str, Any]) -> list[tuple[str, str]]:
    posts = shown.get("posts_nearby") or []
    return [(one["id"], one["title"]) for one in posts]
