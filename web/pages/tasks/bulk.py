"""One act on many tasks: first a preview for each, then the result of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for

from engine.actions.tasks import would_extend
from engine.reads.colleagues import OfficerChoice, read_colleagues
from engine.reads.reading import Reading
from engine.reads.tasks import TaskFilter, list_tasks
from storage.cases.cases import get_visible_task
from storage.cases.tasks import read_task_key
from storage.errors import Refused
from web.frame import sessions
from web.frame.answers import detail, detail_of, posted_key, rendered
from web.frame.contract import hangji
from web.frame.fields import id_of
from web.frame.language import chosen, day_of, t
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.work import ACCEPTED_AT_ONCE, WorkRow, rows_of
from web.frame.writing import PageAnswer, write
from web.pages.tasks.emergencies import signed_with

MOST = 80
"""More fields a page may not send."""
ACTS = ("accept", "claim", "delegate", "extend", "chase", "supervise")
FORMS = {"chase": "web.chase_cases", "supervise": "web.supervise_cases"}
"""Acts on cases, which have forms of their own."""
WITH_REASON = frozenset({"delegate", "extend"})
_ALERT = "acknowledge"
"""The form of a task that is answered by taking note of it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One task: whether the act can be done to it, and once it was tried, why it was not."""

    row: WorkRow
    can: bool
    problem: str | None = None
    effect: str = ""
    """What the act would do to this one, or why it cannot be done."""


@site.post("/inbox/bulk")
@sessions.signed_in
def bulk() -> Any:
    """Show what the act would do to each ticked task, or do it."""
    act, keys = request.form.get("act", ""), request.form.getlist("task")[:MOST]
    if act not in ACTS or not keys:
        return redirect(url_for("web.inbox"), code=303)
    lines, officers = seen(lambda reading: _look(reading, act, keys))
    if act in FORMS:
        return redirect(_form_of(act, lines), code=303)
    is_done = bool(request.form.get("confirmed"))
    if is_done:
        # Each is tried again under its own key: what was done already answers as it did.
        lines = [_tried(act, line, posted_key()) for line in lines]
    return _shown(act, lines, officers, is_done=is_done)


def _form_of(act: str, lines: Sequence[Line]) -> str:
    """The one form cases are chased or supervised by, with those that may be."""
    numbers = dict.fromkeys(line.row.number for line in lines if line.can)
    return url_for(FORMS[act], case=list(numbers))


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
    if act == "accept":
        keys = signed_with(reading, keys)[:MOST]
    page = list_tasks(reading, TaskFilter(keys=tuple(keys)), limit=MOST)
    names = names_for(
        reading,
        areas=(task.area for task in page.items),
        businesses=(task.case.business for task in page.items),
    )
    rows = rows_of(page.items, names, now=reading.now, actor=reading.actor)
    by_key = {row.key: row for row in rows}
    lines = [_line(reading, act, by_key.get(key) or _gone(key)) for key in keys]
    first = next((line.row.key for line in lines if line.can), None)
    is_asked = act == "delegate" and first is not None
    return lines, read_colleagues(reading, first or "").officers if is_asked else []


def _line(reading: Reading, act: str, row: WorkRow) -> Line:
    can = act in row.acts
    if can and act == "extend":
        return _of_more_time(reading, row)
    return Line(row, can, effect=_effect(act, row) if can else _why_not(act, row))


def _of_more_time(reading: Reading, row: WorkRow) -> Line:
    """Whether more time may be asked for, by the rules that decide it when it is asked."""
    task, case = get_visible_task(reading.session, row.key, actor=reading.actor)
    try:
        asking = would_extend(reading.runner, reading.session, task, case, actor=reading.actor)
    except Refused as refused:
        why = detail_of(hangji().problem(refused, language=chosen()))
        return Line(row, can=False, effect=why)
    until = day_of(asking.due_at, now=reading.now)
    post = names_for(reading, posts=[asking.approver]).post(asking.approver)
    said = t(
        f"由{post}批准，可延到 {until}；批准以前时限照常计算",
        f"{post} decides; until {until} if granted, the clock runs on until then",
    )
    return Line(row, can=True, effect=said)


def _effect(act: str, row: WorkRow) -> str:
    alert = t("记为您已知道，由谁承办不变", "On file that you know of it; its owner stays")
    effects = {
        "accept": alert if row.form == _ALERT else t("签收，由您承办", "Accepted; yours to handle"),
        "claim": t("由您办理，期限不变", "Yours, within the same limit"),
        "delegate": t("由所选同事办理，期限不变", "The chosen colleague's, within the same limit"),
    }
    return effects.get(act, "")


def _why_not(act: str, row: WorkRow) -> str:
    if act == "extend" and row.form == _ALERT:
        return t("突发告警不能延期，请签收", "An alert has no extension: acknowledge it")
    if act == "accept" and row.number and row.form not in ACCEPTED_AT_ONCE:
        return t("这一步不是签收，请打开办理", "Not to be accepted: open it and handle it")
    if act == "accept" and row.number:
        return t("由别人办理，或您已经手过", "Somebody else has it, or you acted before")
    if act in {"delegate", "extend"} and "accept" in row.acts:
        return t("还没签收，先签收", "Not accepted yet: accept it first")
    if act == "extend" and row.step == "overdue":
        return t("期限已过，不能再申请延期", "Its limit has passed: no more time")
    return t("不能对这一件这样做", "This cannot be done here")


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
