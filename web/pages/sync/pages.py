"""Platforms we exchange records with: how far they are read, what failed, what a person decides."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for

from web.frame import sessions
from web.frame.answers import new_key, posted_key, problem_page
from web.frame.language import t
from web.frame.site import site
from web.frame.writing import PageAnswer, ask, write
from web.pages.sync import words

_ACTS = frozenset({"run", "pause", "resume", "resend"})
_DEAD_ACTS = frozenset({"retry", "discard"})
_TWO_HOURS = 120
_TWO_DAYS = 2880


@site.get("/sync")
@sessions.signed_in
def sync_board() -> Any:
    """Every platform: how far behind, what failed, what both sides hold day by day."""
    answer = ask("sync.list_all", {}, {})
    if answer.is_problem:
        return problem_page(answer)
    boards = [_board(source) for source in answer.data["items"]]
    return render_template("sync/board.html", boards=boards, key=new_key())


@site.post("/sync/<code:source>/<act>")
@sessions.signed_in
def act_on_source(source: str, act: str) -> Any:
    """Read now, pause with a reason, go on, or send again what was given up."""
    if act not in _ACTS:
        return redirect(url_for("web.sync_board"), code=303)
    body = {"reason": request.form.get("reason", "").strip()} if act == "pause" else {}
    answer = write(f"sync.{act}", {"source_id": source}, body, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.sync_board"), code=303)


@site.get("/sync/<code:source>/dead")
@sessions.signed_in
def sync_dead(source: str) -> Any:
    """Records and deliveries that were refused, in words."""
    answer = ask("sync_dead.list_refused", {"source_id": source}, _cursor())
    if answer.is_problem:
        return problem_page(answer)
    given_up = ask("sync_dead.list_undelivered", {"source_id": source}, {})
    if given_up.is_problem:
        return problem_page(given_up)
    return render_template(
        "sync/dead.html",
        undelivered=[_told(item) for item in given_up.data["items"]],
        source=source,
        name=words.source(source),
        items=answer.data["items"],
        next=answer.data["next"],
        key=new_key(),
    )


@site.post("/sync/dead/<row:dead_id>/<act>")
@sessions.signed_in
def decide_dead(dead_id: int, act: str) -> Any:
    """Try one again, or discard it."""
    source = request.form.get("source", "")
    if act not in _DEAD_ACTS:
        return redirect(url_for("web.sync_board"), code=303)
    answer = write(f"sync_dead.{act}", {"dead_id": str(dead_id)}, {}, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.sync_dead", source=source), code=303)


@site.get("/sync/reviews")
@sessions.signed_in
def sync_reviews() -> Any:
    """Records that fit several cases, the oldest first."""
    answer = ask("sync_reviews.search", {}, _cursor())
    if answer.is_problem:
        return problem_page(answer)
    items = [_asked(item) for item in answer.data["items"]]
    return render_template(
        "sync/reviews.html", items=items, next=answer.data["next"], key=new_key()
    )


@site.post("/sync/reviews/<row:review_id>/decide")
@sessions.signed_in
def decide_sync_review(review_id: int) -> Any:
    """Say which case it is, or that it is none of them."""
    number = request.form.get("case", "")
    body = {"case": number} if number else {}
    answer = write("sync_reviews.decide", {"review_id": str(review_id)}, body, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.sync_reviews"), code=303)


def _told(item: Mapping[str, Any]) -> dict[str, Any]:
    return {**item, "event": words.event(item["event"])}


def _cursor() -> dict[str, str]:
    cursor = request.args.get("cursor")
    return {"cursor": cursor} if cursor else {}


def _board(source: Mapping[str, Any]) -> dict[str, Any]:
    compared: PageAnswer = ask("sync.reconciliation", {"source_id": source["id"]}, {})
    return {
        **source,
        "name": words.source(source["id"]),
        "behind": _behind(source["lag_seconds"]),
        "days": [] if compared.is_problem else compared.data["items"],
    }


def _behind(seconds: int | None) -> str:
    """How long ago the newest record that was read changed over there."""
    if seconds is None:
        return t("还没有读到记录", "Nothing read yet")
    minutes = max(seconds, 0) // 60
    if minutes < _TWO_HOURS:
        return t(f"{minutes} 分钟前", f"{minutes} minutes ago")
    if minutes < _TWO_DAYS:
        return t(f"{minutes // 60} 小时前", f"{minutes // 60} hours ago")
    return t(f"{minutes // 1440} 天前", f"{minutes // 1440} days ago")


def _asked(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **item,
        "name": words.source(item["source"]),
        "candidates": [
            {**candidate, "evidence": words.evidence(candidate)} for candidate in item["candidates"]
        ],
    }
