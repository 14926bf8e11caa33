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
    """The API as the caller of this request sees it."""
    sign_in, composition = current(), hangji()
    token = None
    if sign_in is not None:
        with composition.database.reading() as session:
            version = people.find_token_version(session, sign_in.officer_id)
        now = composition.clock.now()
        token = composition.tokens.issue(sign_in.officer_id, version or 0, now=now)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's own way
    return Client(app, token, chosen(), request.remote_addr or "?")


def sign_in(response: AnyResponse, token: str) -> None:
    """Open a sign-in for the officer a token of the API was issued to."""
    composition = hangji()
    now = composition.clock.now()
    officer_id, _ = composition.tokens.read(token, now=now)
    with composition.database.transaction() as session:
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
    response.delete_cookie(cookie_name(), path="/", secure=request.is_secure, httponly=True)


def signed_in(page: Page) -> Page:
    """Send whoever is not signed in to the sign-in page, and check the CSRF token of a form."""

    @wraps(page)
    def guarded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any answer of Flask
        sign_in_ = current()
        if sign_in_ is None:
            return redirect(url_for("web.sign_in_page", next=request.full_path))
        if request.method not in SAFE and not _csrf_fits(sign_in_):
            abort(FORBIDDEN)
        return page(*args, **kwargs)

    return guarded  # type: ignore[return-value]  # wraps keeps the signature


def same_site(page: Page) -> Page:
    """For forms of the public, who have no sign-in: refuse posts that come from another site."""

    @wraps(page)
    def guarded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any answer of Flask
        origin = request.headers.get("Origin")
        if request.method not in SAFE and origin and urlsplit(origin).netloc != request.host:
            abort(FORBIDDEN)
        return page(*args, **kwargs)

    return guarded  # type: ignore[return-value]  # wraps keeps the signature


def inside(path: str | None) -> str:
    """Where to go after signing in: a path of this site and nothing else."""
    if path and path.startswith("/") and not path.startswith(("//", "/\\")):
        return path
    return url_for("web.inbox")


def _csrf_fits(sign_in_: SignIn) -> bool:
    given = request.form.get("csrf") or request.headers.get("X-CSRF-Token") or ""
    return compare_digest(given, sign_in_.csrf)


__all__ = [
    "client",
    "current",
    "hangji",
    "inside",
    "same_site",
    "sign_in",
    "sign_out",
    "signed_in",
]
