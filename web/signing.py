"""Signing in and out of the pages."""

from typing import Any

from flask import redirect, render_template, request, url_for

from web import sessions
from web.answers import detail, rendered
from web.site import site

FAILED = 401


@site.get("/sign-in")
def sign_in_page() -> str:
    """The sign-in form."""
    return render_template("sign_in.html", next=request.args.get("next", ""), username="")


@site.post("/sign-in")
@sessions.same_site
def enter() -> Any:  # noqa: ANN401 - any answer of Flask
    """Exchange user name and password for a sign-in."""
    username, next_ = request.form.get("username", ""), request.form.get("next", "")
    body = {"username": username.strip(), "password": request.form.get("password", "")}
    answer = sessions.client().post("/tokens", body)
    if answer.is_problem:
        status = max(answer.status, FAILED)
        shown = {"username": username, "next": next_, "problem": detail(answer)}
        return rendered("sign_in.html", status, **shown)
    response = redirect(sessions.inside(next_), code=303)
    sessions.sign_in(response, answer.data["access_token"])
    return response


@site.post("/sign-out")
@sessions.signed_in
def leave() -> Any:  # noqa: ANN401 - any answer of Flask
    """End the sign-in."""
    response = redirect(url_for("web.home"), code=303)
    sessions.sign_out(response)
    return response
