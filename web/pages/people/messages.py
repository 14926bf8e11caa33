"""The message box: notifications, the newest first; opening one marks it as read."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import redirect, render_template, request, url_for

from engine.reads.messages import MessageShown, list_messages, read_message
from engine.reads.reading import Reading
from web.frame import sessions
from web.frame.answers import new_key, posted_key, problem_page
from web.frame.contract import hangji
from web.frame.language import said_of, t
from web.frame.naming import Names, names_for, titles_for
from web.frame.reading import cursor, seen
from web.frame.site import site
from web.frame.work import View
from web.frame.writing import write

UNSIGNED = "alert_not_acknowledged"
"""The notice that names the post which has not signed an alert."""
ICONS = {
    "emergency": "siren",
    UNSIGNED: "siren",
    "case_supervised": "eye",
    "overdue_supervised": "eye",
    "chase_supervise": "eye",
    "case_chased": "megaphone",
    "case_closed": "circle-check",
}


@site.get("/messages")
@sessions.signed_in
def messages() -> Any:
    """The notifications of the signed-in officer."""
    return render_template("messages.html", key=new_key(), icons=ICONS, **seen(_look))


@site.post("/messages/read")
@sessions.signed_in
def read_messages() -> Any:
    """Mark everything as read."""
    answer = write("messages.read_all", {}, {}, key=posted_key())
    return problem_page(answer) if answer.is_problem else _back()


@site.post("/messages/<row:ident>/open")
@sessions.signed_in
def open_message(ident: int) -> Any:
    """Mark a notification as read and go to its case."""
    answer = write("messages.read_message", {"ident": str(ident)}, {}, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    number = seen(lambda reading: read_message(reading, ident)).case
    return _back() if number is None else redirect(url_for("web.case", number=number), code=303)


@site.post("/messages/<row:ident>/acknowledge")
@sessions.signed_in
def acknowledge_message(ident: int) -> Any:
    """Acknowledge a chase or a supervision."""
    answer = write("messages.acknowledge_message", {"ident": str(ident)}, {}, key=posted_key())
    return problem_page(answer) if answer.is_problem else _back()


def _back() -> Any:
    return redirect(url_for("web.messages", show=request.form.get("show") or None), code=303)


def _look(reading: Reading) -> dict[str, Any]:
    unread = request.args.get("show") == "unread"
    page = list_messages(reading, unread=unread, cursor=cursor())
    titles, names = titles_for(reading), names_for(reading, posts=_silent(page.items))
    views = [
        View("", t("全部", "All"), url_for("web.messages")),
        View("unread", t("未读", "Unread"), url_for("web.messages", show="unread")),
    ]
    return {
        "told": [(each, _title(each, titles, names)) for each in page.items],
        "views": views,
        "show": "unread" if unread else "",
        "next": hangji().seal(page.next),
    }


def _silent(messages: Iterable[MessageShown]) -> list[str | None]:
    """The posts that have not signed the alerts these messages are about."""
    return [told.post for told in messages if told.template == UNSIGNED]


def _title(told: MessageShown, titles: Callable[[str], str], names: Names) -> str:
    name = t(told.name_zh, told.name_en)
    tail = (told.case or "")[-4:]
    about = titles(told.title) if told.title else told.label or ""
    title = said_of(name, f"{tail} {about}").strip()
    if told.template != UNSIGNED or not told.post:
        return title
    silent = names.post(told.post)
    return t(f"{title}，{silent}没有签收", f"{title}; {silent} has not signed")
