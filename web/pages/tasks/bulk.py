"""One act on many tasks: first a preview for each, then the result of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for

from engine.reads.colleagues import OfficerChoice, read_colleagues
from engine.reads.reading import Reading
from engine.reads.tasks import TaskFilter, list_tasks
from storage.cases.tasks import read_task_key
from web.frame import sessions
from web.frame.answers import detail, posted_key, rendered
from web.frame.fields import id_of
from web.frame.language import t
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.work import WorkRow, rows_of
from web.frame.writing import PageAnswer, write

MOST = 80
"""More fields a page may not send."""
ACTS = ("accept", "claim", "delegate", "extend", "chase")
WITH_REASON = frozenset({"delegate", "extend"})


@dataclass(frozen=True, slots=True)
class Line:
    """One task: whether the act can be done to it, and once it was tried, why it was not."""

    row: WorkRow
    can: bool
    problem: str | None = None


@site.post("/inbox/bulk")
@sessions.signed_in
def bulk() -> Any:
    """Show what the act would do to each ticked task, or do it."""
    act, keys = request.form.get("act", ""), request.form.getlist("task")[:MOST]
    if act not in ACTS or not keys:
        return redirect(url_for("web.inbox"), code=303)
    lines, officers = seen(lambda reading: _look(reading, act, keys))
    if act == "chase":
        return redirect(_chase_form(lines), code=303)
    is_done = bool(request.form.get("confirmed"))
    if is_done:
        # Each is tried again under its own key: what was done already answers as it did.
        lines = [_tried(act, line, posted_key()) for line in lines]
    return _shown(act, lines, officers, is_done=is_done)


def _chase_form(lines: Sequence[Line]) -> str:
    """The one form cases are chased by, with those that may be."""
    numbers = dict.fromkeys(line.row.number for line in lines if line.can)
    return url_for("web.chase_cases", case=list(numbers))


def _shown(
    act: str, lines: Sequence[Line], officers: Sequence[OfficerChoice], *, is_done: bool
) -> Any:
    return rendered(
        "bulk.html",
        act=act,
        label=labels()[act],
        lines=lines,
        officers=officers,
        is_done=is_done,
        done=_done_words(act, officers),
        key=posted_key(),
        query=request.form.get("query", ""),
        has_reason=act in WITH_REASON,
    )


def _done_words(act: str, officers: Sequence[OfficerChoice]) -> str:
    """What was done to each task, and for whom."""
    if act == "delegate":
        chosen = id_of(request.form.get("officer", ""))
        whom = next((officer.name for officer in officers if officer.id == chosen), "")
        return t(f"已委派给{whom}", f"Delegated to {whom}") if whom else t("已委派", "Delegated")
    words = {
        "accept": t("已签收", "Accepted"),
        "claim": t("已认领", "Claimed"),
        "extend": t("已申请延期", "Asked for more time"),
    }
    return words[act]


def labels() -> dict[str, str]:
    """What the acts are called."""
    return {
        "accept": t("签收", "Accept"),
        "claim": t("认领", "Claim"),
        "delegate": t("委派", "Delegate"),
        "extend": t("申请延期", "Ask for more time"),
    }


def _look(
    reading: Reading, act: str, keys: Sequence[str]
) -> tuple[list[Line], list[OfficerChoice]]:
    for key in keys:
        read_task_key(key)
    page = list_tasks(reading, TaskFilter(keys=tuple(keys)), limit=MOST)
    names = names_for(
        reading,
        areas=(task.area for task in page.items),
        businesses=(task.case.business for task in page.items),
    )
    rows = rows_of(page.items, names, now=reading.now, actor=reading.actor)
    by_key = {row.key: row for row in rows}
    lines = [_line(act, by_key.get(key) or _gone(key)) for key in keys]
    first = next((line.row.key for line in lines if line.can), None)
    is_asked = act == "delegate" and first is not None
    return lines, read_colleagues(reading, first or "").officers if is_asked else []


def _line(act: str, row: WorkRow) -> Line:
    return Line(row, act in row.acts)


def _gone(key: str) -> WorkRow:
    """A task that was ticked and is open no longer."""
    return WorkRow(
        href=url_for("web.task", key=key),
        step="",
        left="",
        title=t("已办结或已收回的环节", "A task done or taken back"),
        task="",
        due="",
        number="",
        key=key,
    )


def _tried(act: str, line: Line, key: str) -> Line:
    answer = _do(act, line.row, f"{key}-{line.row.key}")
    return Line(line.row, can=True, problem=detail(answer) if answer.is_problem else "")


def _do(act: str, row: WorkRow, key: str) -> PageAnswer:
    reason = (request.form.get("reason") or "").strip()
    name = "complete" if act == "accept" else act
    return write(f"tasks.{name}_task", {"key": row.key}, _body(act, reason, row), key=key)


def _body(act: str, reason: str, row: WorkRow) -> Mapping[str, Any]:
    # The page says it of a task that is gone by the second press, too.
    is_alert = row.key in request.form.getlist("alert")
    bodies: dict[str, Mapping[str, Any]] = {
        # Whoever acknowledges an alert answers nothing: their acknowledgement is the answer.
        "accept": {"form": {} if is_alert else {"answer": "accept"}},
        "delegate": {"reason": reason, "officer": id_of(request.form.get("officer", ""))},
        "extend": {"reason": reason},
    }
    return bodies.get(act, {})
