"""Webhooks of the feed: registered receivers, and what was sent to each."""

from typing import Any
from urllib.parse import urlsplit

from flask import redirect, render_template, request, url_for

from engine.reads.reading import Reading
from handlers.feed import webhook_keeping as keeping
from storage.delivery import feed_deliveries
from storage.delivery.feed_deliveries import FeedDelivery
from storage.errors import NotAllowed
from storage.feed import webhooks
from storage.feed.published import FEED
from storage.feed.webhooks import Webhook
from storage.moments import in_china
from storage.places.areas import list_areas
from storage.places.levels import AreaLevel
from web.frame import sessions
from web.frame.answers import detail, new_key, posted_key, problem_page, rendered
from web.frame.contract import hangji
from web.frame.naming import Names, names_for
from web.frame.reading import cursor, seen
from web.frame.site import site
from web.frame.writing import PageAnswer, write
from web.pages.feed import words

_LEVELS = (AreaLevel.CITY, AreaLevel.COUNTY, AreaLevel.TOWN)


@site.get("/feed/webhooks")
@sessions.signed_in
def webhook_list() -> Any:
    """The registered receivers."""
    return _list_page()


@site.post("/feed/webhooks")
@sessions.signed_in
def add_webhook() -> Any:
    """Register a receiver; its secret is on the page that follows, once."""
    body = {
        "url": request.form.get("url", "").strip(),
        "kinds": request.form.getlist("kinds"),
        "area": request.form.get("area", ""),
    }
    answer = write("webhooks.add", {}, body, key=posted_key())
    if answer.is_problem:
        return _list_page(answer)
    return _page(answer.data["id"], secret=answer.data["secret"])


@site.get("/feed/webhooks/<row:webhook_id>")
@sessions.signed_in
def webhook_page(webhook_id: int) -> Any:
    """One receiver, and what was sent to it."""
    return _page(webhook_id)


@site.post("/feed/webhooks/<row:webhook_id>/rotate")
@sessions.signed_in
def rotate_webhook(webhook_id: int) -> Any:
    """Make a new secret, shown once."""
    answer = write("webhooks.rotate", _which(webhook_id), {}, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return _page(webhook_id, secret=answer.data["secret"])


@site.post("/feed/webhooks/<row:webhook_id>/change")
@sessions.signed_in
def change_webhook(webhook_id: int) -> Any:
    """Pause or resume a receiver."""
    body = {"state": request.form.get("state", "")}
    return _back(write("webhooks.change", _which(webhook_id), body, key=posted_key()), webhook_id)


@site.post("/feed/webhooks/<row:webhook_id>/test")
@sessions.signed_in
def try_webhook(webhook_id: int) -> Any:
    """Send an event that only shows whether it is taken."""
    return _back(write("webhooks.try_out", _which(webhook_id), {}, key=posted_key()), webhook_id)


@site.post("/feed/webhooks/<row:webhook_id>/redeliver")
@sessions.signed_in
def redeliver_to_webhook(webhook_id: int) -> Any:
    """Send an event again."""
    given = request.form.get("delivery", "")
    body = {"delivery": int(given) if given.isdecimal() and len(given) <= len("1" * 15) else 0}
    answer = write("webhooks.redeliver", _which(webhook_id), body, key=posted_key())
    return _back(answer, webhook_id)


@site.post("/feed/webhooks/<row:webhook_id>/remove")
@sessions.signed_in
def remove_webhook(webhook_id: int) -> Any:
    """Remove a receiver."""
    answer = write("webhooks.remove", _which(webhook_id), {}, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.webhook_list"), code=303)


def _which(webhook_id: int) -> dict[str, str]:
    return {"webhook_id": str(webhook_id)}


def _back(answer: PageAnswer, webhook_id: int) -> Any:
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.webhook_page", webhook_id=webhook_id), code=303)


def _list_page(refused: PageAnswer | None = None) -> Any:
    problem = None if refused is None else detail(refused)
    status = 200 if refused is None else refused.status
    return rendered("feed/webhooks.html", status, problem=problem, key=new_key(), **seen(_look))


def _look(reading: Reading) -> dict[str, Any]:
    _require_keeper(reading)
    listed = webhooks.list_webhooks(reading.session)
    names = names_for(reading, areas=[each.area_code for each in listed])
    on = in_china(reading.now).date()
    areas = [
        (area.code, area.name, level is AreaLevel.TOWN)
        for level in _LEVELS
        for area in list_areas(reading.session, on=on, level=level)
    ]
    return {
        "rows": [_row(each, names) for each in listed],
        "areas": areas,
        "kinds": [(rule.kind, words.kind(rule.kind)) for rule in FEED.values()],
        "typed": request.form,
        "chosen": request.form.getlist("kinds"),
    }


def _page(webhook_id: int, *, secret: str | None = None) -> Any:
    def look(reading: Reading) -> dict[str, Any]:
        _require_keeper(reading)
        webhook = webhooks.get_webhook(reading.session, webhook_id)
        page = feed_deliveries.list_deliveries(
            reading.session, webhook.receiver, cursor=cursor(), limit=50
        )
        names = names_for(reading, areas=[webhook.area_code])
        return {
            "hook": _row(webhook, names),
            "deliveries": [_delivery(each) for each in page.items],
            "next": hangji().seal(page.next),
        }

    return render_template("feed/webhook.html", secret=secret, key=new_key(), **seen(look))


def _require_keeper(reading: Reading) -> None:
    if not keeping.keeps_webhooks(reading.actor):
        message = "只有系统管理员可以查看事件推送。"
        raise NotAllowed(message, code="webhooks_not_yours")


def _row(webhook: Webhook, names: Names) -> dict[str, Any]:
    parts = urlsplit(webhook.url)
    return {
        "id": webhook.id,
        "url": webhook.url,
        "host": parts.hostname or "",
        "path": parts.path,
        "area": names.area(webhook.area_code),
        "kinds": [words.kind(kind) for kind in webhook.kinds],
        "is_active": webhook.state == webhooks.ACTIVE,
        "since": f"{in_china(webhook.created_at):%Y-%m-%d}",
        "paused": None
        if webhook.paused_at is None
        else f"{in_china(webhook.paused_at):%m-%d %H:%M}",
        "why": words.why(webhook.pause_reason),
    }


def _delivery(delivery: FeedDelivery) -> dict[str, Any]:
    shade, word = words.delivery_state(delivery.state, delivery.attempts)
    is_waiting = delivery.state == "pending"
    return {
        "id": delivery.id,
        "kind": words.kind(delivery.template),
        "subject": delivery.subject or "",
        "at": f"{in_china(delivery.created_at):%m-%d %H:%M:%S}",
        "shade": shade,
        "word": word,
        "attempts": delivery.attempts,
        "why": words.why(delivery.last_error),
        "again": f"{in_china(delivery.next_at):%H:%M}" if is_waiting and delivery.attempts else "",
        "is_waiting": is_waiting,
    }
