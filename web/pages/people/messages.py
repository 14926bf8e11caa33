"""The message box: one entry a case, the newest first; opening one marks it as read."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from flask import redirect, render_template, request, url_for

from engine.reads.messages import MessageShown, list_messages_by_case, read_message
from engine.reads.reading import Reading
from engine.reads.supervised.signatures import Signature, signatures_of
from web.frame import sessions
from web.frame.answers import new_key, posted_key, problem_page
from web.frame.contract import hangji
from web.frame.language import day_of, listed, said_of, t
from web.frame.naming import Names, names_for, task_name, titles_for
from web.frame.reading import cursor, seen
from web.frame.site import site
from web.frame.work import View
from web.frame.writing import write
from web.pages.boards.signed import SIGNED_BY, signed_words, unsigned_words

UNSIGNED = "alert_not_acknowledged"
"""The notice that names the post which has not signed an alert."""
ALERTS: Final = frozenset({"emergency", UNSIGNED})
"""The notices about an alert that several posts sign."""
MOST_AT_ONCE: Final = 50
MOST_LINES: Final = 6
"""Different sentences an entry shows, the newest first; the others are on file."""
ICONS = {
    "emergency": "siren",
    UNSIGNED: "siren",
    "case_supervised": "eye",
    "overdue_supervised": "eye",
    "chase_supervise": "eye",
    "supervision_answered": "message-square",
    "supervision_ended": "circle-check",
    "supervision_late": "eye",
    "case_chased": "megaphone",
    "chase_urge": "megaphone",
    "case_closed": "circle-check",
}


class BoxLine(NamedTuple):
    """One sentence of an entry: when it was told last, and how often."""

    words: str
    at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class BoxEntry:
    """What a box holds of one case."""

    first: MessageShown
    title: str
    lines: list[BoxLine]
    count: int
    unread: int
    is_urgent: bool
    waiting: list[int]
    """The notifications that want to be acknowledged."""
    acknowledged_at: datetime | None
    signed: str
    """Who has signed the alert of an emergency since, and who has not; empty for the others."""


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
    """Acknowledge what was told of a case and wants to be, each on file; all of it is read."""
    key, idents = posted_key(), [*request.form.getlist("of"), str(ident)][:MOST_AT_ONCE]
    for each in dict.fromkeys(one for one in idents if one.isdecimal()):
        named = {"ident": each}
        answer = write("messages.acknowledge_message", named, {}, key=f"{key}-{each}")
        if answer.is_problem:
            return problem_page(answer)
    write("messages.read_message", {"ident": str(ident)}, {}, key=f"{key}-read")
    return _back()


def _back() -> Any:
    return redirect(url_for("web.messages", show=request.form.get("show") or None), code=303)


def _look(reading: Reading) -> dict[str, Any]:
    unread = request.args.get("show") == "unread"
    page = list_messages_by_case(reading, unread=unread, cursor=cursor())
    titles = titles_for(reading)
    every = [told for entry in page.items for told in entry]
    alerts = {told.case for told in every if told.case and told.is_open and told.template in ALERTS}
    signed = signatures_of(reading, alerts, form=SIGNED_BY)
    signing = [each.post for its in signed.values() for each in its]
    names = names_for(reading, posts=[*_silent(every), *signing])
    views = [
        View("", t("全部", "All"), url_for("web.messages")),
        View("unread", t("未读", "Unread"), url_for("web.messages", show="unread")),
    ]
    return {
        "told": [
            _entry(
                entry,
                titles,
                names,
                signed=signed.get(entry[0].case or "", []),
                now=reading.now,
            )
            for entry in page.items
        ],
        "views": views,
        "show": "unread" if unread else "",
        "next": hangji().seal(page.next),
    }


def _entry(
    told: Sequence[MessageShown],
    titles: Callable[[str], str],
    names: Names,
    *,
    signed: Iterable[Signature],
    now: datetime,
) -> BoxEntry:
    """One case of the box: what was told last on top, each different sentence once below."""
    unread = [each for each in told if each.read_at is None]
    urgent = [each for each in unread if each.is_urgent]
    first = (urgent or unread or told)[0]
    lines = dict[str, BoxLine]()
    for each in told:
        words = _line(each, names, told, now=now)
        known = lines.get(words)
        # An alert was told of once for each post it names.
        is_first = known is None or each.template == UNSIGNED
        times = 1 if known is None or is_first else known.times + 1
        at = each.created_at if known is None else known.at
        lines[words] = BoxLine(words, at, times)
    return BoxEntry(
        first=first,
        title=_title(first, titles),
        lines=list(lines.values())[:MOST_LINES],
        count=len(told),
        unread=len(unread),
        is_urgent=bool(urgent),
        waiting=[each.id for each in told if _waits(each)],
        acknowledged_at=max(
            (each.acknowledged_at for each in told if each.acknowledged_at), default=None
        ),
        signed=_signed(signed, names, now=now),
    )


def _signed(signed: Iterable[Signature], names: Names, *, now: datetime) -> str:
    """Who has signed and when, then who has not."""
    every = list(signed)
    words = (signed_words(every, names, now=now), unsigned_words(every, names))
    return t("；", "; ").join(filter(None, words))


def _waits(told: MessageShown) -> bool:
    return told.needs_acknowledgement and told.acknowledged_at is None


def _silent(messages: Iterable[MessageShown]) -> list[str | None]:
    """The posts that have not signed the alerts these messages are about."""
    return [told.post for told in messages if told.template == UNSIGNED]


def _title(told: MessageShown, titles: Callable[[str], str]) -> str:
    name = t(told.name_zh, told.name_en)
    tail = (told.case or "")[-4:]
    about = titles(told.title) if told.title else told.label or ""
    return said_of(name, f"{tail} {about}").strip()


def _line(told: MessageShown, names: Names, of: Sequence[MessageShown], *, now: datetime) -> str:
    """What a message says: of an alert who has not signed, of a reminder which step until when."""
    name = t(told.name_zh, told.name_en)
    if told.template == UNSIGNED:
        silent = listed(dict.fromkeys(names.post(post) for post in _silent(of) if post))
        return said_of(name, t(f"{silent}没有签收", f"not signed by {silent}")) if silent else name
    day = day_of(told.due_at, now=now)
    if told.text:
        is_asked = told.template == "case_supervised" and day
        until = t(f"，{day} 前答复", f", answer by {day}") if is_asked else ""
        return said_of(name, told.text + until)
    about = [task_name(told.label, None)] if told.label else []
    about += [t(f"期限 {day}", f"due {day}")] if day else []
    return said_of(name, listed(about)) if about else name
