"""The categories of businesses on a page: what there is, a subtype to add, one to retire."""

from typing import Any

from flask import redirect, render_template, request, url_for

from web.frame import sessions
from web.frame.answers import new_key, posted_key, problem_page
from web.frame.site import site
from web.frame.writing import ask, write


@site.get("/business-categories")
@sessions.signed_in
def category_list() -> Any:
    """Every category under its top one, and the form for a new subtype."""
    answer = ask("business_categories.search", {}, {})
    if answer.is_problem:
        return problem_page(answer)
    items = answer.data["items"]
    tops = [item for item in items if item["parent"] is None]
    below = {top["code"]: [one for one in items if one["parent"] == top["code"]] for top in tops}
    return render_template("registry/categories.html", tops=tops, below=below, key=new_key())


@site.post("/business-categories")
@sessions.signed_in
def add_category() -> Any:
    """Add a subtype."""
    form = request.form
    body = {
        "code": f"{form.get('parent', '')}.{form.get('subtype', '')}",
        "name_zh": form.get("name_zh", ""),
        "name_en": form.get("name_en", ""),
    }
    answer = write("business_categories.add", {}, body, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.category_list"), code=303)


@site.post("/business-categories/<code:category>/retire")
@sessions.signed_in
def retire_category(category: str) -> Any:
    """Retire a subtype."""
    answer = write("business_categories.retire", {"category": category}, {}, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.category_list"), code=303)
