"""The audit log on a page: who did what outside a case, narrowed by its address."""

from datetime import timedelta
from typing import Any, Final

from flask import render_template, request, url_for

from engine.reads.file import officer_of
from storage.moments import in_china
from storage.people.posts import reference_of
from web.frame import sessions
from web.frame.answers import problem_page
from web.frame.contract import hangji
from web.frame.fields import id_of
from web.frame.language import t
from web.frame.naming import Names
from web.frame.reading import seen
from web.frame.site import site
from web.frame.words import AUDIT_ACTS, word
from web.frame.writing import ask
from web.pages.audit import told

FILTERS: Final = ("since", "until", "actor", "action", "subject")


@site.get("/audit")
@sessions.signed_in
def audit() -> Any:
    """Acts that are no step of a case, newest first; the API checks who may read them."""
    wanted = _wanted()
    query = {**wanted, "cursor": request.args["cursor"]} if "cursor" in request.args else wanted
    answer = ask("audit.search", {}, query)
    if answer.is_problem:
        return problem_page(answer)
    rows = answer.data["items"]
    names = seen(lambda reading: told.names_of(reading, rows))
    return render_template(
        "audit.html",
        rows=[_shown(row, names) for row in rows],
        wanted=wanted,
        actions=[(action, word(action)) for action in AUDIT_ACTS],
        next=answer.data["next"],
        days=_last_days(),
    )


@site.get("/audit/days/<day>")
@sessions.signed_in
def audit_day(day: str) -> Any:
    """One day as a signed file."""
    answer = ask("audit.export_day", {"day": day}, {})
    return problem_page(answer) if answer.is_problem else answer.data


def _wanted() -> dict[str, str]:
    """The filter of the address; a person is written as a reference, or as the number shown."""
    wanted = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    number = id_of(wanted.get("actor", ""))
    return wanted if number is None else {**wanted, "actor": reference_of(number)}


def _last_days() -> list[str]:
    """Today and the two days before."""
    today = in_china(hangji().clock.now()).date()
    return [(today - timedelta(days=back)).isoformat() for back in range(3)]


def _shown(row: dict[str, Any], names: Names) -> dict[str, Any]:
    """One act in the words of the template."""
    return {
        "at": row["at"],
        "who": told.who(str(row["actor"]), names),
        "what": word(row["action"]),
        "about": told.about(row, names),
        "facts": told.facts(row, names),
        "seal": t(f"第 {row['seq']} 条", f"no. {row['seq']}")
        if row["seq"]
        else t("待封存", "open"),
        "same": url_for("web.audit", subject=row["subject"]),
        "by": url_for("web.audit", actor=row["actor"]) if officer_of(row["actor"]) else None,
    }
