"""What the calendar starts, on a page: listed, and ended by the administrator."""

from typing import TYPE_CHECKING, Any

from flask import redirect, render_template, url_for

from engine.reads.reading import Reading
from web.frame import sessions
from web.frame.answers import new_key, posted_key, problem_page
from web.frame.language import t
from web.frame.naming import named_processes, names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import ask, write

if TYPE_CHECKING:
    from collections.abc import Callable


@site.get("/recurring")
@sessions.signed_in
def recurring() -> Any:
    """Every start by the calendar that is in force; the API checks who may see them."""
    answer = ask("recurring.search", {}, {})
    if answer.is_problem:
        return problem_page(answer)
    rows = seen(lambda reading: _named(reading, answer.data["items"]))
    return render_template("recurring.html", rows=rows, periods=_periods(), key=new_key())


@site.post("/recurring/<row:recurring_id>/end")
@sessions.signed_in
def end_recurring(recurring_id: int) -> Any:
    """Start nothing more by one of them."""
    answer = write("recurring.end", {"recurring_id": str(recurring_id)}, {}, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.recurring"), code=303)


def _named(reading: Reading, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with their process and what it is started for in words."""
    processes = {version.process_id: name for version, name, _ in named_processes(reading)}
    subjects = {
        kind: [row["subject"] for row in rows if row["subject_kind"] == kind]
        for kind in ("post", "area", "business")
    }
    names = names_for(
        reading,
        posts=subjects["post"],
        areas=subjects["area"],
        businesses=map(int, subjects["business"]),
    )
    say: dict[str, Callable[[str], str]] = {
        "post": names.post,
        "area": names.area,
        "business": lambda ident: names.businesses.get(int(ident), ident),
    }
    return [
        {
            **row,
            "process": processes.get(row["process_id"], row["process_id"]),
            "about": say[row["subject_kind"]](row["subject"]),
        }
        for row in rows
    ]


def _periods() -> dict[str, str]:
    return {
        "day": t("每天", "Every day"),
        "week": t("每周", "Every week"),
        "month": t("每月", "Every month"),
        "quarter": t("每季度", "Every quarter"),
        "half": t("每半年", "Every half year"),
        "year": t("每年", "Every year"),
        "term": t("每学期", "Every school term"),
    }
