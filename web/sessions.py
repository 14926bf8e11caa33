"""Who is signed in to the pages: a server-side sign-in behind a cookie, and its CSRF token."""

from datetime import timedelta
from functools import wraps
from hmac import compare_digest
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from storage import people
from storage.sessions import SignIn, add_sign_in, end_sign_in, find_sign_in
from web.client import Client
from web.contract import Hangji
from web.language import chosen

SIGN_IN_LIFE = timedelta(hours=12)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITE = frozenset({"same-origin", "none"})
FORBIDDEN = 403


class View(Protocol):
    """A page."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any answer of Flask
        """Answer the request."""
        ...


Page = TypeVar("Page", bound=View)


def hangji() -> Hangji:
    """The composition this application was made of."""
    composition: Hangji = current_app.extensions["hangji"]
    return composition


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


def client() -> Client:
    """The API as the caller of this request sees it; one for the whole request."""
    if "client" not in g:
        g.client = _client(_token())
    made: Client = g.client
    return made


def public_client() -> Client:
    """The API as the public sees it, whoever is signed in: a citizen's report is a citizen's."""
    return _client(None)


def _client(token: str | None) -> Client:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way
    return Client(app, token, chosen(), request.remote_addr or "?")


def _token() -> str | None:
    sign_in_, composition = current(), hangji()
    if sign_in_ is None:
        return None
    with composition.database.reading() as session:
        version = people.find_token_version(session, sign_in_.officer_id)
    return composition.tokens.issue(sign_in_.officer_id, version or 0, now=composition.clock.now())


def sign_in(response: AnyResponse, token: str) -> None:
    """Open a sign-in for the officer a token of the API was issued to; an earlier one ends."""
    composition = hangji()
    now = composition.clock.now()
    officer_id, _ = composition.tokens.read(token, now=now)
    earlier = request.cookies.get(cookie_name())
    with composition.database.transaction() as session:
        if earlier:
            end_sign_in(session, earlier)
        secret, _ = add_sign_in(session, officer_id, at=now, expires_at=now + SIGN_IN_LIFE)
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=int(SIGN_IN_LIFE.total_seconds()),
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def sign_out(response: AnyResponse) -> None:
    """End the sign-in here and in the browser."""
    secret = request.cookies.get(cookie_name())
    if secret:
        with hangji().database.transaction() as session:
            end_sign_in(session, secret)
    response.delete_cookie(
        cookie_name(), path="/", secure=request.is_secure, httponly=True, samesite="Lax"
    )


def signed_in(page: Page) -> Page:
    """Send whoever is not signed in to the sign-in page, and check the CSRF token of a form."""

    @wraps(page)
    def guarded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any answer of Flask
        found = current()
        if found is None:
            return redirect(url_for("web.sign_in_page", next=here()), code=303)
        if request.method not in SAFE and not _csrf_fits(found):
            abort(FORBIDDEN)
        return page(*args, **kwargs)

    return guarded  # type: ignore[return-value]  # wraps keeps the signature


def same_site(page: Page) -> Page:
    """For forms without a sign-in: refuse posts that another site made a browser send."""

    @wraps(page)
    def guarded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any answer of Flask
        if request.method not in SAFE and not _is_from_here():
            abort(FORBIDDEN)
        return page(*args, **kwargs)

    return guarded  # type: ignore[return-value]  # wraps keeps the signature


def photos_allowed(page: Page) -> Page:
    """Mark a page that takes photos along, so that its body may be large."""
    page.__dict__["takes_photos"] = True
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
    return origin is None or urlsplit(origin).netloc == request.host


def _csrf_fits(sign_in_: SignIn) -> bool:
    given = request.form.get("csrf") or request.headers.get("X-CSRF-Token") or ""
    return compare_digest(given.encode(), sign_in_.csrf.encode())


__all__ = [
    "client",
    "current",
    "hangji",
    "here",
    "inside",
    "photos_allowed",
    "public_client",
    "same_site",
    "sign_in",
    "sign_out",
    "signed_in",
]
