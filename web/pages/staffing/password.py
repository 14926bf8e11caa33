"""Setting one's own password by a link, without a sign-in."""

from typing import Any

from flask import redirect, request, url_for

from web.frame import sessions
from web.frame.answers import detail, posted_key, rendered
from web.frame.language import t
from web.frame.site import site
from web.frame.writing import write_as_anyone


@site.get("/set-password")
def new_password() -> Any:
    """The form of a link."""
    return rendered("staffing/password.html", link=request.args.get("link", ""), problem="")


@site.post("/set-password")
@sessions.same_site
def set_password() -> Any:
    """Set the password, then sign in with it."""
    link, password = request.form.get("link", ""), request.form.get("password", "")
    if password != request.form.get("again"):
        problem = t("两次输入的密码不一样。", "The two passwords differ.")
        return rendered("staffing/password.html", 422, link=link, problem=problem)
    body = {"link": link, "password": password}
    answer = write_as_anyone("people.set_password", {}, body, key=posted_key())
    if answer.is_problem:
        return rendered("staffing/password.html", answer.status, link=link, problem=detail(answer))
    return redirect(url_for("web.sign_in_page", done="password_set"), code=303)
