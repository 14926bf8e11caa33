"""What the calendar starts, on a page: listed, and ended by the administrator."""

from typing import Any

from flask import redirect, render_template, url_for

from web.frame import sessions
from web.frame.answers import new_key, posted_key, problem_page
from web.frame.language import t
from web.frame.site import site
from web.frame.writing import ask, write


@site.get("/recurring")
@sessions.signed_in
def recurring() -> Any:
    """Every start by the calendar that is in force; the API checks who may see them."""
    answer = ask("recurring.search", {}, {})
    if answer.is_problem:
        return problem_page(answer)
    return render_template(
        "recurring.html", rows=answer.data["items"], periods=_periods(), key=new_key()
    )


@site.post("/recurring/<row:recurring_id>/end")
@sessions.signed_in
def end_recurring(recurring_id: int) -> Any:
    """Start nothing more by one of them."""
    answer = write("recurring.end", {"recurring_id": str(recurring_id)}, {}, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.recurring"), code=303)


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
