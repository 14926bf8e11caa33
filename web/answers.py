"""What a page does when the API refuses: a page with the reason, in the same status."""

from typing import Any
from uuid import uuid4

from flask import Response, make_response, redirect, render_template, request, url_for

from web.client import Answer
from web.language import t

SIGNED_OUT = 401


def problem_page(answer: Answer) -> Any:  # noqa: ANN401 - any answer of Flask
    """A page that says what was refused and why; signed out, the sign-in page."""
    if answer.status == SIGNED_OUT:
        return redirect(url_for("web.sign_in_page", next=request.full_path))
    data = answer.data or {}
    title = data.get("title") or t("出错了", "Something went wrong")
    page = render_template("problem.html", title=title, detail=detail(answer))
    return make_response(page, answer.status)


def detail(answer: Answer) -> str:
    """What a problem says to people, with the clause where a rule decided."""
    data = answer.data or {}
    text = str(data.get("detail") or data.get("title") or answer.status)
    clause = data.get("clause")
    return f"{text}（{clause}）" if clause else text


def rendered(template: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 - a template's
    """A page in a status of its own: a form that was refused is a 422."""
    return make_response(render_template(template, **values), status)


def new_key() -> str:
    """A key for one submission of one rendered form."""
    return uuid4().hex
