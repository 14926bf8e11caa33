"""Snapshots: the queue with its picture and one-thumb decision, and all of them by state."""

from typing import Any

from flask import redirect, render_template, request, url_for

from engine.reads.reading import Reading
from storage.kitchens import snapshots
from storage.kitchens.scope import sees_kitchens
from storage.kitchens.snapshots import Snapshot, SnapshotFilter, WaitingSnapshot
from storage.moments import in_china
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, problem_page, rendered
from web.frame.fields import id_of
from web.frame.language import t
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import PageAnswer, ask, write
from web.pages.kitchens import words

WEIGHED = "legal_and_technical_review"


@site.get("/kitchens/queue")
@sessions.signed_in
def snapshot_queue() -> Any:
    """The snapshots that wait for me: the first one large, the others below."""
    return _queue()


@site.post("/kitchens/snapshots/<row:snapshot_id>/review")
@sessions.signed_in
def review_snapshot(snapshot_id: int) -> Any:
    """Decide with one press and go on with the next."""
    reason = request.form.get("reason")
    body: dict[str, Any] = {
        "decision": "dismissed" if reason else request.form.get("decision", ""),
        "wants_evidence": request.form.get("wants_evidence") == "yes",
    }
    body |= {"reason": reason} if reason else {}
    body |= {"account": account} if (account := request.form.get("account", "").strip()) else {}
    return _decided("snapshots.review", snapshot_id, body)


@site.post("/kitchens/snapshots/<row:snapshot_id>/evidence")
@sessions.signed_in
def weigh_snapshot(snapshot_id: int) -> Any:
    """Say whether the picture may be evidence."""
    body = {"passes": request.form.get("passes", ""), "opinion": request.form.get("opinion", "")}
    return _decided("snapshots.weigh", snapshot_id, body)


@site.get("/kitchens/snapshots")
@sessions.signed_in
def snapshot_list() -> Any:
    """All snapshots one may see, by their state."""
    return render_template("kitchens/snapshots.html", **seen(_listed))


@site.get("/kitchens/snapshots/<row:snapshot_id>/picture")
@sessions.signed_in
def snapshot_picture(snapshot_id: int) -> Any:
    """The picture, to be shown in a page; that one looked is on the audit log."""
    answer = ask("snapshots.picture", {"snapshot_id": str(snapshot_id)}, {})
    return problem_page(answer) if answer.is_problem else answer.data


def _queue(refused: PageAnswer | None = None) -> Any:
    problem = None if refused is None else detail(refused)
    status = 200 if refused is None else refused.status
    shown = seen(_waiting)
    return rendered("kitchens/queue.html", status, problem=problem, key=new_key(), **shown)


def _decided(route: str, snapshot_id: int, body: dict[str, Any]) -> Any:
    answer = write(route, {"snapshot_id": str(snapshot_id)}, body, key=posted_key())
    if answer.is_problem:
        return _queue(answer)
    done = answer.data["lead"] or answer.data["snapshot"]["review"]
    return redirect(url_for("web.snapshot_queue", done=done), code=303)


def _waiting(reading: Reading) -> dict[str, Any]:
    waiting = snapshots.list_waiting(reading.session, actor=reading.actor)
    chosen = id_of(request.args.get("id", ""))
    # The chosen one first; the order of the others stays.
    ordered = sorted(waiting, key=lambda each: each.snapshot.id != chosen)
    names = names_for(reading, areas=[each.snapshot.area_code for each in waiting])
    rows = [
        _row(each.snapshot, names.area(each.snapshot.area_code)) | _asked(each) for each in ordered
    ]
    return {
        "first": rows[0] if rows else None,
        "others": rows[1:],
        "count": len(rows),
        "reasons": words.reasons(),
        "told": _told(request.args.get("done", "")),
        "lead": request.args.get("done", "") if request.args.get("done", "").isdecimal() else None,
    }


def _asked(waiting: WaitingSnapshot) -> dict[str, Any]:
    return {
        "appended": waiting.appended,
        "due": f"{in_china(waiting.due_at):%m-%d %H:%M}",
        "is_weighed": waiting.task_id == WEIGHED,
    }


def _told(done: str) -> str:
    if done.isdecimal():
        return t("属实，已转为事件。", "Confirmed and filed as a case.")
    return {
        "dismissed": t("不属实，已记下。", "Dismissed; it is on file."),
        "pending": t("已请餐饮科再看。", "The catering section will look."),
        "confirmed": t("属实，等执法大队审核证据。", "Confirmed; enforcement weighs the evidence."),
    }.get(done, "")


def _listed(reading: Reading) -> dict[str, Any]:
    session, actor = reading.session, reading.actor
    state = request.args.get("review", "")
    state = state if state in snapshots.STATES else ""
    wanted = SnapshotFilter(review=state or None, business=id_of(request.args.get("business", "")))
    page = snapshots.list_snapshots(session, wanted, actor=actor, limit=200)
    names = names_for(reading, areas=[each.area_code for each in page.items])
    counts = snapshots.count_states(session, actor=actor)
    return {
        "rows": [_row(each, names.area(each.area_code)) for each in page.items],
        "views": [_view("", t("全部", "All"), sum(counts.values()))]
        + [_view(name, words.states()[name][1], counts[name]) for name in snapshots.STATES],
        "chosen": state,
        "sees_kitchens": sees_kitchens(actor),
    }


def _view(name: str, label: str, count: int) -> dict[str, Any]:
    href = url_for("web.snapshot_list", review=name or None)
    return {"name": name, "label": label, "href": href, "count": count, "shown_count": str(count)}


def _row(found: Snapshot, area: str) -> dict[str, Any]:
    return {
        "id": found.id,
        "business": found.business_id,
        "name": found.business_name,
        "area": area,
        "position": found.position_in_kitchen,
        "kind": words.kinds()[found.kind],
        "state": words.states()[found.review],
        "reason": words.reasons().get(found.reason or "", ""),
        "evidence": words.evidence().get(found.evidence or "", ""),
        "at": f"{in_china(found.received_at):%Y-%m-%d %H:%M}",
        "has_picture": found.image is not None,
        "clock_is_wrong": found.clock_is_wrong,
        "is_appended": found.appended_to is not None,
        "confidence": None if found.confidence is None else f"{found.confidence:.0%}",
    }
