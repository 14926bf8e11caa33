"""The pages put together: one blueprint, the words templates use, the headers pages need."""

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, redirect, render_template, request, url_for

from web import assets, sessions
from web.choices import areas_below
from web.fields import shown_value
from web.language import COOKIE, LANGUAGES, chosen, moment, pick, t
from web.words import word

if TYPE_CHECKING:
    from web.contract import Hangji

site = Blueprint("web", __name__, template_folder="templates")

_YEAR = 365 * 24 * 3600
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)


def add_pages(app: Flask, composition: "Hangji") -> None:
    """Add every page to the application; `composition` is found again through the app."""
    del composition  # kept by the app under "hangji"
    from web import cases, inbox, public, reports, signing, tasks  # noqa: F401, PLC0415 - they register

    app.register_blueprint(site)
    assets.register(app)


@site.app_context_processor
def words() -> dict[str, Any]:
    """What every template may use."""
    sign_in = sessions.current()
    return {
        "t": t,
        "pick": pick,
        "moment": moment,
        "word": word,
        "shown_value": shown_value,
        "language": chosen(),
        "asset": assets.address,
        "csrf": "" if sign_in is None else sign_in.csrf,
        "is_signed_in": sign_in is not None,
    }


@site.after_request
def harden(response: Response) -> Response:
    """Pages run their own scripts and styles and nobody else's; personal data is not cached."""
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@site.post("/language")
@sessions.same_site
def choose_language() -> Any:  # noqa: ANN401 - any answer of Flask
    """Remember the language and go back to where one was."""
    wanted = request.form.get("language")
    response = redirect(sessions.inside(request.form.get("back")))
    if wanted in LANGUAGES:
        response.set_cookie(COOKIE, wanted, max_age=_YEAR, samesite="Lax", httponly=True)
    return response


@site.get("/")
def home() -> Any:  # noqa: ANN401 - any answer of Flask
    """The inbox for officers, the public page for everybody else."""
    page = "web.inbox" if sessions.current() is not None else "web.public_home"
    return redirect(url_for(page))


@site.get("/areas-below")
def choose_below() -> str:
    """A further select for choosing an area more exactly; part of a page."""
    name, code = request.args.get("name", "area"), request.args.get(request.args.get("name", ""))
    below = areas_below(sessions.client(), code) if code and code.isdigit() else []
    return render_template("areas_below.html", name=name, below=below, code=code)


__all__ = ["add_pages", "site"]
