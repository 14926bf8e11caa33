"""The audit log on a page: who did what outside a case, narrowed by its address."""

from datetime import timedelta
from typing import Any, Final

from flask import render_template, request, url_for

from storage.moments import in_china
from web.frame import sessions
from web.frame.answers import problem_page
from web.frame.contract import hangji
from web.frame.language import t
from web.frame.site import site
from web.frame.words import AUDIT_ACTS, word
from web.frame.writing import ask

FILTERS: Final = ("since", "until", "actor", "action", "subject")


@site.get("/audit")
@sessions.signed_in
def audit() -> Any:
    """Acts that are no step of a case, newest first; the API checks who may read them."""
    wanted = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    query = {**wanted, "cursor": request.args["cursor"]} if "cursor" in request.args else wanted
    answer = ask("audit.search", {}, query)
    if answer.is_problem:
        return problem_page(answer)
    today = in_china(hangji().clock.now()).date()
    return render_template(
        "audit.html",
        rows=[_shown(row) for row in answer.data["items"]],
        wanted=wanted,
        actions=[(action, word(action)) for action in AUDIT_ACTS],
        next=answer.data["next"],
        days=[(today - timedelta(days=back)).isoformat() for back in range(3)],
    )


@site.get("/audit/days/<day>")
@sessions.signed_in
def audit_day(day: str) -> Any:
    """One day as a signed file."""
    answer = ask("audit.export_day", {"day": day}, {})
    return problem_page(answer) if answer.is_problem else answer.data


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """One act in the words of the template."""
    known = {name: value for name, value in row["data"].items() if value is not None}
    facts = t("，", ", ").join(f"{name} {value}" for name, value in known.items())
    return {
        "at": row["at"],
        "who": row["actor"],
        "what": word(row["action"]),
        "about": row["subject"],
        "facts": facts,
        "seal": t(f"第 {row['seq']} 条", f"no. {row['seq']}")
        if row["seq"]
        else t("待封存", "open"),
        "same": url_for("web.audit", subject=row["subject"]),
    }
