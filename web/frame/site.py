"""The blueprint of the pages: the words templates use, the headers pages need, the way home."""

from typing import Any

from flask import Blueprint, Response, current_app, redirect, request, url_for

from storage.city.rules import installed
from web.frame import assets, sessions, unsent
from web.frame.contract import hangji
from web.frame.language import (
    COOKIE,
    LANGUAGES,
    chosen,
    in_brackets,
    listed,
    pick,
    said_of,
    stamp,
    t,
)
from web.frame.naming import role_name, task_name
from web.frame.words import link_word, word

site = Blueprint("web", __name__, template_folder="../templates")

FORM_PARTS = 100
SEE_OTHER = 303
NO_CONTENT = 204
_YEAR = 365 * 24 * 3600
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; object-src 'none'; "
    "frame-ancestors {ancestors}; base-uri 'self'; form-action 'self'"
)


@site.before_request
def make_room() -> None:
    """Allow pages more form fields than the API accepts in one body."""
    request.max_form_parts = FORM_PARTS


@site.app_context_processor
def words() -> dict[str, Any]:
    """Values every template may use."""
    city = installed()
    return {
        "t": t,
        "pick": pick,
        "listed": listed,
        "in_brackets": in_brackets,
        "said_of": said_of,
        "moment": stamp,
        "word": word,
        "link_word": link_word,
        "role_name": role_name,
        "task_name": task_name,
        "language": chosen(),
        "asset": assets.address,
        "icon": assets.icon,
        "city_name": t(city.city.zh, city.city.en),
        "portal_name": t(city.portal.zh, city.portal.en),
        "hotlines": city.hotlines,
        "first_help": city.first_help,
        "styles_of": assets.styles,
        "csrf": sessions.csrf(),
        "is_signed_in": sessions.current() is not None,
        "unread": sessions.unread(),
        "may_report": sessions.may_report,
        "sees_boards": sessions.sees_boards,
        "watches": sessions.watches,
        "sees_map": sessions.sees_map,
        "keeps_staff": sessions.keeps_staff,
        "holds": sessions.holds,
        "officer": sessions.actor,
        "here": sessions.here(),
        "is_for_review": unsent.is_for_review(),
        "photos_left_behind": unsent.photos_left_behind(),
        "printed_at": lambda: stamp(hangji().clock.now()),
        "most_bytes": sessions.PHOTO_BYTES,
        "words_of_matter": lambda code: " ".join(sorted(city.common_words.get(code, ()))),
    }


@site.after_app_request
def harden(response: Response) -> Response:
    """Pages run only scripts and styles of this server; personal data is not cached."""
    if response.mimetype == "text/html" and request.blueprint in {"web", None}:
        response.headers.setdefault("Content-Security-Policy", _policy())
        response.headers.setdefault("Cache-Control", "no-store")
        # With `no-referrer` browsers send `Origin: null`, and no form could be told from a forged
        # one; other sites still learn nothing.
        response.headers.setdefault("Referrer-Policy", "same-origin")
    return response


def _policy() -> str:
    """The policy of a page; those an officer works with may be framed by the city's app."""
    view = current_app.view_functions.get(request.endpoint or "")
    origins = installed().city_app if getattr(view, "embeddable", False) else ()
    return _POLICY.format(ancestors=" ".join(origins) or "'none'")


@site.after_request
def keep_on_a_phone(response: Response) -> Response:
    """Let a phone keep the pages an officer works with where there is no signal."""
    sessions.keep_for(response)
    return response


@site.after_request
def lead_a_script(response: Response) -> Response:
    """Tell a script that sent a form where to go next: redirects are hidden from scripts."""
    if response.status_code == SEE_OTHER and request.headers.get("X-Sent-By") == "script":
        response.headers["X-Go-To"] = response.headers.pop("Location")
        response.status_code = NO_CONTENT
        response.set_data(b"")
    return response


@site.post("/language")
@sessions.same_site
def choose_language() -> Any:
    """Remember the language and go back to where one was."""
    wanted = request.form.get("language")
    response = redirect(sessions.inside(request.form.get("back")), code=303)
    if wanted in LANGUAGES:
        response.set_cookie(
            COOKIE,
            wanted,
            max_age=_YEAR,
            samesite="Lax",
            httponly=True,
            secure=request.is_secure,
        )
    return response


@site.get("/")
def home() -> Any:
    """Their own first page for officers, the public one for everybody else."""
    page = "web.my_home" if sessions.current() is not None else "web.public_home"
    return redirect(url_for(page))
