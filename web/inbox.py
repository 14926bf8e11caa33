"""The inbox: what waits for me, for my post, and what I have done."""

from typing import Any

from flask import render_template, request

from web import sessions
from web.answers import problem_page
from web.language import t
from web.site import site

QUERIES: dict[str, dict[str, str]] = {
    "mine": {"mine": "true"},
    "team": {"team": "true"},
    "late": {"mine": "true", "overdue": "true"},
    "done": {"mine": "true", "state": "done"},
    "all": {},
}


@site.get("/inbox")
@sessions.signed_in
def inbox() -> Any:  # noqa: ANN401 - any answer of Flask
    """Open tasks by due time."""
    view = request.args.get("view", "mine")
    client, q = sessions.client(), request.args.get("q")
    query = QUERIES.get(view, QUERIES["mine"])
    answer = client.get("/tasks", **query, q=q, cursor=request.args.get("cursor"))
    if answer.is_problem:
        return problem_page(answer)
    return render_template(
        "inbox.html",
        active="inbox",
        me=client.get("/me").data,
        view=view,
        views=_views(),
        q=q,
        told=told(request.args.get("done")),
        items=answer.data["items"],
        next=answer.data["next"],
    )


def told(code: str | None) -> str | None:
    """The sentence after an action; only known ones are said."""
    sentences = {
        "completed": t("已提交，案件已流转到下一步。", "Submitted; the case has moved on."),
        "draft": t("草稿已保存。", "Draft saved."),
        "acted": t("已完成。", "Done."),
        "reported": t("已上报。", "Report filed."),
    }
    return sentences.get(code or "")


def _views() -> list[tuple[str, str]]:
    return [
        ("mine", t("我的待办", "Mine")),
        ("team", t("本岗待办", "My post's")),
        ("late", t("已超期", "Overdue")),
        ("done", t("我办过的", "Done by me")),
        ("all", t("辖区全部", "All in my areas")),
    ]
