"""The way in from the city's app: a ticket that is signed, short-lived and good for one sign-in.

docs/city-app.md specifies the ticket for the makers of the app.
"""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any, NamedTuple

from flask import redirect, request

from storage.people.actors import find_officer
from web.frame import sessions
from web.frame.answers import rendered
from web.frame.contract import hangji
from web.frame.language import t
from web.frame.site import site

LIFE_SECONDS = 60
CLOCKS_APART = 30
"""By how much the clock of the app may run ahead of ours."""
PAGES = frozenset({"/report", "/inbox"})
REFUSED = 403
_MOST = 1000


class AppTicket(NamedTuple):
    """The content of a ticket."""

    username: str
    page: str


@site.get("/from-city-app")
@sessions.embeddable
def from_city_app() -> Any:
    """Exchange a ticket for a sign-in and go on to the page it names."""
    text = request.args.get("ticket", "")
    ticket = _opened(text)
    officer_id = None if ticket is None else _officer(ticket.username)
    # The body alone is spent: a signature can be written in more than one way.
    body = text.partition(".")[0]
    secret = "" if officer_id is None else sessions.open_for(officer_id, ticket=body)
    if ticket is None or not secret:
        return _refused()
    response = redirect(ticket.page, code=303)
    sessions.remember(response, secret, is_framed=True)
    return response


def _opened(text: str) -> AppTicket | None:
    """Read a ticket; None when its signature is not valid, it is too old, or names no page."""
    secret = hangji().settings.city_app_secret
    body, _, signature = text.partition(".")
    if not secret or len(text) > _MOST or not _fits(body, signature, secret):
        return None
    try:
        told = json.loads(_bytes(body))
        age = hangji().clock.now().timestamp() - float(told["at"])
        ticket = AppTicket(str(told["officer"]), str(told["page"]))
    except (ValueError, TypeError, KeyError):
        return None
    is_fresh = -CLOCKS_APART <= age <= LIFE_SECONDS
    return ticket if is_fresh and ticket.page in PAGES else None


def _fits(body: str, signature: str, secret: str) -> bool:
    try:
        given = _bytes(signature)
    except ValueError:
        return False
    return hmac.compare_digest(
        hmac.new(secret.encode(), body.encode(), hashlib.sha256).digest(), given
    )


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(text) from error


def _officer(username: str) -> int | None:
    with hangji().database.reading() as session:
        found = find_officer(session, username)
    return found.id if found is not None and found.active else None


def _refused() -> Any:
    title = t("请从城市应用重新进入", "Please enter from the app again")
    text = t(
        "进入凭证无效、已用过或已过期，没有登录。请返回应用，再点一次入口。",
        "The ticket is not valid, was used, or has expired; nobody is signed in. "
        "Go back to the app and enter once more.",
    )
    return rendered("problem.html", REFUSED, title=title, detail=text, unsent={})
