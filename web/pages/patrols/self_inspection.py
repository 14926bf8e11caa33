"""Self-inspection: what a business owes and did, and who is watched more closely."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from flask import redirect, render_template, request, url_for

from engine.reads.reading import Reading
from engine.reads.tasks import list_tasks
from handlers.patrols.representatives import require_department, require_watching
from storage.moments import in_china
from storage.patrols import watching
from storage.patrols.obligations import list_answers
from storage.registry.businesses import get_business
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, problem_page, rendered
from web.frame.language import moment, t
from web.frame.naming import matter_names
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import ask, write
from web.pages.patrols import words
from web.pages.tasks.inbox import query_of

MOST = 100
_WEEK: Final = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
_BESIDE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})-\d+", re.ASCII)
"""The key of a period a station asked for: its day and the case, which nobody has to read."""


@site.get("/my-obligations")
@sessions.kept_offline
@sessions.signed_in
def my_obligations() -> Any:
    """What the reader's business has to do now, what comes next, what was closed."""
    answer = ask("self_inspections.mine", {}, {})
    if answer.is_problem:
        return problem_page(answer)
    looked = seen(_look)
    owed = _owed(answer.data, {one["row"].period: one for one in looked["reports"]})
    planned = {item["task"] for item in owed}
    asked = [task for task in looked.pop("inspections") if task["task"] not in planned]
    return render_template("patrols/obligations.html", **looked, owed=[*asked, *owed])


@site.get("/self-inspections")
@sessions.signed_in
def self_inspections() -> Any:
    """Closed periods of one's areas, missed ones first asked for, and who is watched more."""
    return render_template("patrols/watched.html", **seen(_watched))


@site.get("/businesses/<row:business_id>/account")
@sessions.signed_in
def business_account(business_id: int) -> Any:
    """Open the account of a business."""
    return _account(business_id)


@site.post("/businesses/<row:business_id>/account")
@sessions.signed_in
def open_business_account(business_id: int) -> Any:
    """Open the account; its link is shown this once."""
    body = {name: request.form.get(name, "").strip() for name in ("username", "name")}
    at = {"business_id": str(business_id)}
    answer = write("self_inspections.open_for_business", at, body, key=posted_key())
    if answer.is_problem:
        return _account(business_id, problem=detail(answer), status=answer.status)
    return _account(business_id, made=answer.data)


@site.post("/businesses/<row:business_id>/obligations")
@sessions.signed_in
def plan_obligations_again(business_id: int) -> Any:
    """Plan what the business owes by its category and posts of today."""
    at = {"business_id": str(business_id)}
    answer = write("self_inspections.plan_again", at, {}, key=posted_key())
    if answer.is_problem:
        return _account(business_id, problem=detail(answer), status=answer.status)
    return redirect(url_for("web.business_account", business_id=business_id), code=303)


def _account(business_id: int, **more: Any) -> Any:
    def look(reading: Reading) -> dict[str, Any]:
        known = get_business(reading.session, business_id)
        require_watching(reading.actor, known)
        return {"shop": known, "people": watching.list_accounts(reading.session, business_id)}

    status = more.pop("status", 200)
    values = {"made": None, "problem": "", **more}
    periods = words.periods()
    return rendered(
        "patrols/account.html",
        status,
        **seen(look),
        **values,
        periods=periods,
        key=new_key(),
        typed=request.form,
    )


def _look(reading: Reading) -> dict[str, Any]:
    tasks = list_tasks(reading, query_of("mine", reading), limit=MOST).items
    office = reading.names.posts.get
    page = watching.list_reports(reading.session, actor=reading.actor, limit=MOST)
    state = watching.find_state(reading.session, reading.actor.business_id or 0)
    return {
        "orders": [
            (task, moment(task.due_at), office(task.asked_by or "", ""))
            for task in tasks
            if task.name != "inspect_self"
        ],
        "inspections": [
            {"period": t("另外要求的", "Asked for: "), "task": task.id, "due": moment(task.due_at)}
            for task in tasks
            if task.name == "inspect_self"
        ],
        "reports": [_report(row) for row in page.items],
        "answers": list_answers(
            reading.session, (row.id for row in page.items), task_id="inspect_self"
        ),
        "state": words.states().get(state, ""),
        "matters": matter_names(reading),
    }


def _owed(data: Any, reports: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "period": words.periods()[item["period"]],
            "task": item["task"],
            "due": moment(item["due_at"]) if item["due_at"] else "",
            "next": moment(item["next_at"]),
            "closed": reports.get(item["current"] or ""),
        }
        for item in data["items"]
    ]


def _named(key: str) -> str:
    """A period as people say it; what was asked for beside the calendar has the day alone."""
    if week := _WEEK.fullmatch(key):
        first = date.fromisocalendar(int(week[1]), int(week[2]), 1)
        last = first + timedelta(days=6)
        return f"{first:%Y-%m-%d} {t('至', 'to')} {last:%m-%d}"
    if beside := _BESIDE.fullmatch(key):
        return f"{beside[1]} {t('另外要求', 'asked for')}"
    return key


def _watched(reading: Reading) -> dict[str, Any]:
    session, actor = reading.session, reading.actor
    require_department(actor)
    missed = watching.list_reports(session, actor=actor, outcome="missed", limit=MOST)
    states = words.states()
    return {
        "missed": [_report(row) for row in missed.items],
        "watched": [
            {
                "row": row,
                "state": states[row.state],
                "since": f"{in_china(row.since):%Y-%m-%d}",
                "why": _why(row.because),
            }
            for row in watching.list_watched(session, actor.prefixes, limit=MOST)
        ],
    }


def _why(because: dict[str, Any]) -> list[str]:
    words = {
        "missed": t("近四期未自查", "Periods missed of four"),
        "found_by_others": t("他人发现而未自查出", "Found by others, not by the business"),
        "unrectified": t("逾期未改", "Not put right in time"),
    }
    return [f"{words[name]} {because[name]}" for name in words if because.get(name)]


def _report(row: watching.SelfReport) -> dict[str, Any]:
    is_done = row.outcome == "done"
    return {
        "row": row,
        "kind": words.periods()[row.obligation],
        "name": _named(row.period),
        "closed": f"{in_china(row.closed_at):%Y-%m-%d}",
        "is_done": is_done,
        "outcome": words.outcomes()[row.outcome][1],
    }
