"""Signing in and out of the pages."""

from typing import Any

from flask import Response, redirect, render_template, request, url_for

from web.frame import sessions, unsent
from web.frame.answers import detail, rendered
from web.frame.site import site
from web.frame.writing import write_as_anyone

FAILED = 401


@site.get("/sign-in")
def sign_in_page() -> str:
    """The sign-in form."""
    return render_template("sign_in.html", next=request.args.get("next", ""), username="")


@site.post("/sign-in")
@sessions.same_site
def enter() -> Any:
    """Exchange user name and password for a sign-in."""
    username, next_ = request.form.get("username", ""), request.form.get("next", "")
    body = {"username": username.strip(), "password": request.form.get("password", "")}
    answer = write_as_anyone("tokens.sign_in", {}, body)
    if answer.is_problem:
        status = max(answer.status, FAILED)
        shown = {"username": username, "next": next_, "problem": detail(answer)}
        return rendered("sign_in.html", status, kept=_still_kept(), **shown)
    officer_id, secret = sessions.sign_in(answer.data["access_token"])
    response = _onwards(officer_id, secret)
    sessions.remember(response, secret)
    return response


def _onwards(officer_id: int, secret: str) -> Any:
    """Where one goes after signing in: to what one had typed, or to the page one wanted."""
    sealed = request.form.get("kept")
    if not sealed:
        return redirect(sessions.inside(request.form.get("next")), code=303)
    typed = unsent.opened(sealed)
    if typed is None or typed.officer_id != officer_id:
        done = "too_old" if typed is None else "of_another"
        return redirect(url_for("web.inbox", done=done), code=303)
    shown = unsent.shown_again(typed, sessions.cookies_of(secret))
    if shown.location:
        return redirect(shown.location, code=303)
    status = 200 if shown.status_code == unsent.OUT_OF_DATE else shown.status_code
    return Response(shown.get_data(), status, mimetype="text/html")


def _still_kept() -> unsent.KeptForm | None:
    sealed = request.form.get("kept", "")
    typed, sign_in = unsent.opened(sealed), sessions.current()
    if typed is None:
        return None
    is_foreign = sign_in is not None and sign_in.officer_id != typed.officer_id
    return unsent.KeptForm(sealed, typed.photos, is_foreign)


@site.post("/sign-out")
@sessions.signed_in
def leave() -> Any:
    """End the sign-in."""
    response = redirect(url_for("web.home"), code=303)
    # Photos that were shown are in the cache of the browser.
    response.headers["Clear-Site-Data"] = '"cache"'
    sessions.sign_out(response)
    return response
