"""Saved views: the current filters of the inbox are stored under a name, or a view is removed."""

from typing import Any

from flask import redirect, request, url_for

from web.frame import sessions
from web.frame.answers import posted_key, problem_page
from web.frame.site import site
from web.frame.writing import write


@site.post("/inbox/views")
@sessions.signed_in
def keep_view() -> Any:
    """Keep the query of the list under a name."""
    query = request.form.get("query", "")
    body = {"name": request.form.get("name", "").strip(), "query": query}
    answer = write("views.add_view", {}, body, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(f"{url_for('web.inbox')}?{answer.data['query']}", code=303)


@site.post("/inbox/views/<row:ident>/remove")
@sessions.signed_in
def remove_view(ident: int) -> Any:
    """Remove a view."""
    answer = write("views.remove_view", {"ident": str(ident)}, {}, key=posted_key())
    if answer.is_problem:
        return problem_page(answer)
    return redirect(url_for("web.inbox"), code=303)
