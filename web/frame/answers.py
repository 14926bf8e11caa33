"""Pages for refusals: the reason, under the same status."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from flask import Response, make_response, redirect, render_template, request, url_for

from web.frame import unsent
from web.frame.language import t
from web.frame.writing import PageAnswer

SIGNED_OUT = 401
FINAL = frozenset({403, 404, 409})
"""Refusals that stay as long as the case stays as it is."""
_KEY = re.compile(r"[a-z0-9-]{32,64}")
PROBLEM = "application/problem+json"
BASE = "/api/v1"


def problem_page(answer: PageAnswer) -> Any:
    """A page with the refusal of the API and its reason; signed out, the sign-in page."""
    return page_of_problem(answer.data)


def page_of_problem(problem: Mapping[str, Any]) -> Any:
    """A page with the refusal and its reason; signed out, the sign-in page."""
    status = problem["status"]
    if status == SIGNED_OUT and request.method == "GET":
        return redirect(url_for("web.sign_in_page", next=request.path))
    kept = unsent.offered(status)
    title = problem.get("title")
    return rendered("problem.html", status, title=title, detail=detail_of(problem), unsent=kept)


def detail(answer: PageAnswer) -> str:
    """The text of a refusal of the API for readers of a page."""
    return detail_of(answer.data)


def detail_of(data: Mapping[str, Any]) -> str:
    """The text of a problem for readers of a page, without its clause."""
    if data.get("code") == "key_reused":
        return t(
            "这份内容刚才已经提交过一次，之后又有改动。请先看看是否已经办好；再按一次会另外提交一份。",
            "This was sent before and changed since. Look first whether it is done already; "
            "pressing again sends another one.",
        )
    return str(data.get("detail") or data.get("title") or data["status"])


def rendered(template: str, status: int = 200, **values: Any) -> Response:
    """A page in a status of its own: a form that was refused is a 422."""
    return make_response(render_template(template, **values), status)


def new_key() -> str:
    """A key for one submission of one rendered form."""
    return uuid4().hex


def posted_key() -> str:
    """The key of the posted page; one this server did not make is replaced."""
    given = request.form.get("key", "")
    return given if _KEY.fullmatch(given) else new_key()


def next_key(answer: PageAnswer, *, used: str) -> str:
    """The key for the next submit: the same as long as the first may have succeeded."""
    return used if answer.status in unsent.UNSURE else new_key()


def as_page(response: Response) -> Response:
    """Render a problem, or an unknown address, as a page."""
    if response.mimetype != PROBLEM or not _is_for_people():
        return response
    title, text = _says(response.status_code)
    kept = unsent.offered(response.status_code)
    response.set_data(render_template("problem.html", title=title, detail=text, unsent=kept))
    response.mimetype = "text/html"
    return response


def _is_for_people() -> bool:
    if request.blueprint == "web":
        return True
    is_api = request.path.startswith((f"{BASE}/", "/health", "/metrics"))
    return request.url_rule is None and not is_api and request.accept_mimetypes.accept_html


def _says(status: int) -> tuple[str, str]:
    if unsent.is_for_review():
        text = t(
            "这是重新登录之前按下的，没有办理。", "Pressed before you signed in again; not done."
        )
        return t("还没有提交", "Not sent yet"), text
    known = {
        403: (
            t("页面已失效", "This page is out of date"),
            t("请返回上一页，刷新后重新提交。", "Go back, reload the page and send it again."),
        ),
        404: (
            t("没有这个页面", "There is no such page"),
            t("网址可能有误，或内容已移走。", "The address may be wrong, or it has moved."),
        ),
        405: (
            t("不能这样打开", "This cannot be opened like this"),
            t("请从页面上的按钮操作。", "Use the buttons of the pages."),
        ),
        413: (
            t("内容太大", "Too large"),
            t("照片太大或太多，请减少后重新提交。", "Too many or too large photos: send fewer."),
        ),
    }
    sorry = t("系统出错", "Something went wrong here")
    return known.get(status, (sorry, t("请稍后再试。", "Try again in a moment.")))
