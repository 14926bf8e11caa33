"""One task: its form, what is known of its case, and everything else one may do with it."""

from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for

from web.frame import sessions, unsent
from web.frame.answers import FINAL, detail, new_key, next_key, posted_key, problem_page, rendered
from web.frame.choices import choices_for
from web.frame.client import Answer, Client
from web.frame.fields import Sheet, fitting, posted, shown_again, upload_photos
from web.frame.language import t
from web.frame.site import site
from web.frame.words import word
from web.pages.cases.case import read_file
from web.pages.cases.record import photos_apart, steps_of

BESIDE = ("assist", "consult", "countersign")
AT_ONCE = ("claim", "release", "resume")
WITH_REASON = ("withdraw", "return", "pause", "extend")
DIGITS = 15
EMPTY: dict[str, Any] = {"fields": [], "values": {}}


@dataclass(frozen=True, slots=True)
class Failed:
    """An action that was not done: why, "" when it only is to be looked at, and its next key.

    `is_final` when pressing again would change nothing: then nothing on the page waits to be sent.
    """

    action: str
    problem: str
    key: str
    is_final: bool = False


@site.get("/tasks/<key>")
@sessions.signed_in
def task(key: str) -> Any:
    """A task with its form."""
    return _page(sessions.client(), key)


@site.post("/tasks/<key>")
@sessions.photos_allowed
@sessions.signed_in
@sessions.keeps_typed
def complete(key: str) -> Any:
    """Submit the form, or keep it as a draft."""
    client = sessions.client()
    form = client.get(f"/tasks/{key}/form")
    if form.is_problem:
        return problem_page(form)
    sheet = Sheet(form.data, posted_key(), posted(form.data))
    upload_photos(client, sheet)
    status = shown_again(sheet)
    if status is not None:
        return _page(client, key, sheet=sheet, status=status)
    answer, done = _submit(client, key, sheet)
    if answer.is_problem:
        sheet.refused(answer, next_key(answer, used=sheet.key))
        return _page(client, key, sheet=sheet, status=answer.status)
    return redirect(url_for("web.inbox", done=done), code=303)


@site.post("/tasks/<key>/<action>")
@sessions.signed_in
@sessions.keeps_typed
def act(key: str, action: str) -> Any:
    """Any other action on a task."""
    name = request.form.get("kind", "") if action == "beside" else action
    if name not in (*BESIDE, *AT_ONCE, *WITH_REASON, "delegate"):
        return redirect(url_for("web.task", key=key), code=303)
    client, given = sessions.client(), posted_key()
    used = given.removesuffix(f"-{action}")
    if unsent.is_for_review():
        return _page(client, key, failed=Failed(action, "", used), status=unsent.OUT_OF_DATE)
    answer = client.post(f"/tasks/{key}/{name}", _body(name), key=given)
    if answer.is_problem:
        failed = Failed(action, detail(answer), next_key(answer, used=used), answer.status in FINAL)
        return _page(client, key, failed=failed, status=answer.status)
    if name in {"claim", "resume"}:
        return redirect(url_for("web.task", key=key), code=303)
    done = name if name in {"release", "withdraw"} else "acted"
    return redirect(url_for("web.inbox", done=done), code=303)


def _submit(client: Client, key: str, sheet: Sheet) -> tuple[Answer, str]:
    if request.form.get("draft"):
        return client.put(f"/tasks/{key}/draft", {"form": sheet.values}), "draft"
    answer = client.post(f"/tasks/{key}/complete", {"form": sheet.values}, key=sheet.key)
    return answer, "completed"


def _body(action: str) -> dict[str, Any]:
    reason = (request.form.get("reason") or "").strip()
    if action in AT_ONCE:
        return {}
    if action in BESIDE:
        return {"posts": request.form.getlist("posts"), "question": reason}
    if action == "delegate":
        officer = request.form.get("officer", "")
        is_one = officer.isdecimal() and len(officer) <= DIGITS
        return {"reason": reason, "officer": int(officer) if is_one else None}
    return {"reason": reason}


def _page(
    client: Client,
    key: str,
    *,
    sheet: Sheet | None = None,
    failed: Failed | None = None,
    status: int = 200,
) -> Any:
    found = client.get(f"/tasks/{key}")
    if found.is_problem:
        return problem_page(found)
    shown = found.data
    case = client.get(f"/cases/{shown['case']['number']}").data
    entries, words = read_file(client, case)
    steps = steps_of(entries, words)
    sheet = sheet or _sheet(client, key)
    acts = _acts(client, key, shown)
    is_there = _has_place(acts, failed)
    return rendered(
        "task.html",
        status,
        task=shown,
        case=case,
        names=words.names,
        photos=photos_apart(steps, case["photos"]),
        latest=[step for step in steps if not step.tone][-1:],
        sheet=sheet,
        choices=choices_for(client, sheet.document, sheet.values),
        acts=acts,
        key=failed.key if failed else new_key(),
        failed=failed,
        given=request.form if failed else {},
        is_there=is_there,
        texts=[] if is_there else unsent.texts(),
        done_by=_done_by(entries, key) if shown["state"] != "open" else None,
    )


def _done_by(entries: list[dict[str, Any]], key: str) -> dict[str, Any] | None:
    """The entry of whoever completed the task; None when nobody did."""
    ended = (one for one in reversed(entries) if one["kind"] == "task_completed")
    keys = ((f"{one['data'].get('running')}-{one['data'].get('token')}", one) for one in ended)
    return next((one for done, one in keys if done == key), None)


def _sheet(client: Client, key: str) -> Sheet:
    form = client.get(f"/tasks/{key}/form")
    document = EMPTY if form.is_problem else form.data
    return Sheet(document, new_key(), values=fitting(document, document["values"]))


def _acts(client: Client, key: str, shown: dict[str, Any]) -> dict[str, Any]:
    """What may be done, in the order a page shows it."""
    allowed = shown["allowed_actions"]
    asked = client.get(f"/tasks/{key}/colleagues") if "delegate" in allowed else None
    near = {"posts": [], "officers": []} if asked is None or asked.is_problem else asked.data
    return {
        "may_complete": "complete" in allowed and shown["state"] == "open",
        "at_once": [(name, _at_once(name)) for name in AT_ONCE if name in allowed],
        "with_reason": [(name, word(name), _asks(name)) for name in WITH_REASON if name in allowed],
        "officers": near["officers"],
        "posts": near["posts"],
        "beside": [(name, word(name), _asks(name)) for name in BESIDE if name in allowed],
    }


def _has_place(acts: dict[str, Any], failed: Failed | None) -> bool:
    """Whether the page still has the form that was sent; it may have been taken away meanwhile."""
    if failed is None:
        return bool(acts["may_complete"])
    if failed.action in {"delegate", "beside"}:
        return bool(acts["officers"] if failed.action == "delegate" else acts["beside"])
    return failed.action in {name for name, *_ in acts["at_once"] + acts["with_reason"]}


def _at_once(name: str) -> str:
    texts = {
        "claim": t("认领（由我办理）", "Claim (I take it)"),
        "release": t("释放（交回本岗）", "Release (back to the post)"),
        "resume": t("恢复办理（时限继续计算）", "Resume (the clock runs on)"),
    }
    return texts[name]


def _asks(name: str) -> str:
    texts = {
        "withdraw": t("撤回理由", "Why you take it back"),
        "return": t("退回理由", "Why it is returned"),
        "pause": t("等待什么（时限停止计算）", "What is waited for (the clock stops)"),
        "extend": t("延期理由（由上一级批准）", "Why (decided one level up)"),
        "assist": t("请对方协助办理一部分工作", "Others do a part of the work"),
        "consult": t("听取对方意见", "Others give advice"),
        "countersign": t("须全部同意", "All have to agree"),
    }
    return texts[name]
