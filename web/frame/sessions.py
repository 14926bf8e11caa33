"""Who is signed in to the pages: a server-side sign-in behind a cookie, and its CSRF token."""

from datetime import timedelta
from functools import wraps
from hmac import compare_digest
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from flask import Response, abort, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.contract import Actor
from handlers.registry.searching import areas_within
from storage.audit.log import add_audit
from storage.database.session import Session
from storage.delivery.notifications import count_unread
from storage.people.posts import reference_of
from storage.people.roles import roles_that
from storage.people.sessions import SignIn, add_sign_in, end_sign_in, find_sign_in, spend_ticket
from web.frame import unsent
from web.frame.contract import hangji
from web.frame.language import COOKIE, chosen

SIGN_IN_LIFE = timedelta(hours=12)
TICKET_LIFE = timedelta(minutes=5)
"""How long the row of a spent ticket stays: longer than the ticket is good for."""
PHOTO_BYTES = 64 << 20
"""How much a page with photos may bring along; each photo is looked at by the API."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITE = frozenset({"same-origin", "none"})
SIGNED_OUT = 401
FORBIDDEN = 403
OK = 200


class PageView(Protocol):
    """A page."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Answer the request."""
        ...


Page = TypeVar("Page", bound=PageView)


def cookie_name() -> str:
    """`__Host-` binds the cookie to this host, but browsers take it over TLS only."""
    return "__Host-hangji" if request.is_secure else "hangji"


def current() -> SignIn | None:
    """The sign-in of this request, looked up once."""
    if "sign_in" not in g:
        secret = request.cookies.get(cookie_name())
        g.sign_in = None
        if secret:
            with hangji().database.reading() as session:
                g.sign_in = find_sign_in(session, secret, at=hangji().clock.now())
    found: SignIn | None = g.sign_in
    return found


def actor() -> Actor | None:
    """Who is signed in, with posts and rights; None for the public."""
    if "actor" not in g:
        sign_in = current()
        g.actor = None if sign_in is None else hangji().actor(sign_in.officer_id)
    made: Actor | None = g.actor
    return made


def unread() -> int:
    """How many notifications wait to be read, up to a hundred."""
    found, me = current(), actor()
    if found is None or me is None or not found.has_unread:
        return 0
    if "unread" not in g:
        with hangji().database.reading() as session:
            g.unread = count_unread(session, me)
    return int(g.unread)


def may_report() -> bool:
    """Whether the signed-in officer may file a report; the route checks the same, see `Needs`."""
    me = actor()
    return me is not None and not me.roles.isdisjoint(roles_that("collects"))


def sees_boards() -> bool:
    """Whether who is signed in answers for an area, so that there is something to compare."""
    someone = actor()
    return someone is not None and bool(roles_that("sees_area") & someone.roles)


def watches() -> bool:
    """Whether who is signed in watches over the work of others."""
    someone = actor()
    return someone is not None and bool(roles_that("supervises") & someone.roles)


def sees_map() -> bool:
    """Whether who is signed in has an area whose businesses they find."""
    someone = actor()
    return someone is not None and areas_within(someone, "") != []


def keeps_staff() -> bool:
    """Whether who is signed in enters people and fills posts."""
    someone = actor()
    return someone is not None and bool(roles_that("appoints") & someone.roles)


def holds(role: str) -> bool:
    """Whether who is signed in has a post of a role."""
    someone = actor()
    return someone is not None and role in someone.roles


def sign_in(token: str) -> tuple[int, str]:
    """Open a sign-in for the officer a token of the API was issued to; an earlier one ends.

    Hands the officer and the secret to `remember`.
    """
    composition = hangji()
    now = composition.clock.now()
    officer_id, _ = composition.tokens.read(token, now=now)
    return officer_id, open_for(officer_id)


def open_for(officer_id: int, *, ticket: str = "") -> str:
    """Open a sign-in for an officer and return its secret; an earlier one of this browser ends.

    "" when it was to be opened by a ticket that was spent before.
    """
    composition = hangji()
    now = composition.clock.now()
    earlier = request.cookies.get(cookie_name())
    with composition.database.transaction() as session:
        until = now + TICKET_LIFE
        if ticket and not spend_ticket(session, ticket, officer_id, until=until):
            return ""
        if ticket:
            _put_on_file(session, officer_id, "signed_in")
        if earlier:
            end_sign_in(session, earlier)
        secret, _ = add_sign_in(session, officer_id, at=now, expires_at=now + SIGN_IN_LIFE)
    # The rest of this request runs as the officer who has just signed in.
    g.pop("sign_in", None)
    g.pop("actor", None)
    return secret


def remember(response: AnyResponse, secret: str, *, is_framed: bool = False) -> None:
    """Let the browser keep a sign-in; in the frame of an app it is kept for that app alone."""
    is_apart = is_framed and request.is_secure
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=int(SIGN_IN_LIFE.total_seconds()),
        secure=request.is_secure,
        httponly=True,
        samesite="None" if is_apart else "Lax",
        partitioned=is_apart,
        path="/",
    )


def cookies_of(secret: str) -> dict[str, str]:
    """What the browser will send along from now on."""
    return {cookie_name(): secret, COOKIE: chosen()}


def sign_out(response: AnyResponse) -> None:
    """End the sign-in here and in the browser."""
    secret = request.cookies.get(cookie_name())
    sign_in = current()
    if secret and sign_in is not None:
        with hangji().database.transaction() as session:
            end_sign_in(session, secret)
            _put_on_file(session, sign_in.officer_id, "signed_out")
    response.delete_cookie(
        cookie_name(), path="/", secure=request.is_secure, httponly=True, samesite="Lax"
    )


def _put_on_file(session: Session, officer_id: int, action: str) -> None:
    who, at = reference_of(officer_id), hangji().clock.now()
    add_audit(session, at=at, actor=who, action=action, subject_kind="account", subject=who)


def csrf() -> str:
    """The token for the forms of this page; "" when nobody is signed in."""
    sign_in = current()
    return "" if sign_in is None else unsent.page_token(sign_in.officer_id, sign_in.csrf)


def signed_in(page: Page) -> Page:
    """Send whoever is not signed in to the sign-in page, and check the token of a form."""

    @wraps(page)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        sign_in = current()
        if sign_in is None or not (request.method in SAFE or _token_fits()):
            barred = _barred(sign_in, keeps_typed=getattr(page, "keeps_typed", False))
            if barred is not None:
                return barred
            unsent.review()
        return page(*args, **kwargs)

    return guarded  # type: ignore[return-value]  # wraps keeps the signature


def _barred(found: SignIn | None, *, keeps_typed: bool) -> Any:
    """What is answered instead of the page; None when it may show the draft, for review."""
    is_kept = keeps_typed and request.method not in SAFE and _is_from_here()
    author = unsent.author() if is_kept else None
    if author is None:
        unsent.keep_nothing()
        if found is not None:
            abort(FORBIDDEN)
        return redirect(url_for("web.sign_in_page", next=here()), code=303)
    if found is not None and found.officer_id == author:
        return None
    kept = unsent.kept(author, is_foreign=found is not None)
    page = render_template("sign_in.html", next=here(), username="", kept=kept)
    return page, SIGNED_OUT if found is None else FORBIDDEN


def keeps_typed(page: Page) -> Page:
    """Mark a page that shows the draft instead of acting on it when `is_for_review` is true.

    It is the innermost decorator, so that `signed_in` sees it.
    """
    page.__dict__["keeps_typed"] = True
    return page


def same_site(page: Page) -> Page:
    """For forms without a sign-in: refuse posts that another site made a browser send."""

    @wraps(page)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if request.method not in SAFE and not _is_from_here():
            unsent.keep_nothing()
            abort(FORBIDDEN)
        return page(*args, **kwargs)

    return guarded  # type: ignore[return-value]  # wraps keeps the signature


def kept_offline(page: Page) -> Page:
    """Mark a page that a phone may keep for places without a signal: see `keep_for`.

    Never one that shows who reported, an export, or the work of others.
    """
    page.__dict__["kept_offline"] = True
    return page


def embeddable(page: Page) -> Page:
    """Mark a page that may be framed by the city's app: `city_app` of the pack."""
    page.__dict__["embeddable"] = True
    return page


def keep_not() -> None:
    """Keep this page on no phone after all: it shows the work of others."""
    g.keeps_no_page = True


def keep_for(response: Response) -> None:
    """Set headers for the service worker: whose page this is, how long it may be kept."""
    view = current_app.view_functions.get(request.endpoint or "")
    found = current() if getattr(view, "kept_offline", False) else None
    is_there = request.method == "GET" and response.status_code == OK
    if found is None or not is_there or g.get("keeps_no_page"):
        return
    response.headers["X-Kept-For"] = str(found.officer_id)
    # Seconds, not a timestamp: the clock of a phone may be wrong.
    left = found.expires_at - hangji().clock.now()
    response.headers["X-Kept-Seconds"] = str(int(left.total_seconds()))


def photos_allowed(page: Page) -> Page:
    """Mark a page that takes photos along, so that its body may be large."""
    page.__dict__["hangji_limit"] = PHOTO_BYTES
    return page


def inside(path: str | None) -> str:
    """Where to go after signing in: a path of this site and nothing else."""
    is_path = bool(path) and str(path).startswith("/") and not str(path).startswith("//")
    # Browsers read a backslash as a slash and drop control characters before they look.
    is_plain = is_path and "\\" not in str(path) and str(path).isprintable()
    return str(path) if is_plain else url_for("web.home")


def here() -> str:
    """The address of this page for coming back to it; the start page when it was no address."""
    adapter = current_app.create_url_adapter(request)
    if adapter is None or not adapter.test(request.path, "GET"):
        return url_for("web.home")
    if request.method in SAFE and request.query_string:
        return request.full_path
    return request.path


def _is_from_here() -> bool:
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site in OWN_SITE
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc == request.host
    except ValueError:
        return False  # no address at all


def _token_fits() -> bool:
    found, drawn = current(), unsent.drawn_for()
    if found is None or drawn is None:
        return False
    return drawn[0] == found.officer_id and compare_digest(drawn[1].encode(), found.csrf.encode())


__all__ = [
    "actor",
    "cookies_of",
    "csrf",
    "current",
    "embeddable",
    "hangji",
    "here",
    "inside",
    "keep_for",
    "keep_not",
    "keeps_typed",
    "kept_offline",
    "photos_allowed",
    "remember",
    "same_site",
    "sign_in",
    "sign_out",
    "signed_in",
]
