"""The audit log on a page: who did what outside a case, narrowed by its address."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from flask import render_template, request, url_for

from engine.reads.file import officer_of
from engine.reads.reading import Reading
from storage.moments import in_china
from web.frame import sessions
from web.frame.answers import problem_page
from web.frame.contract import hangji
from web.frame.language import in_brackets, t
from web.frame.reading import seen
from web.frame.site import site
from web.frame.words import AUDIT_ACTS, word
from web.frame.writing import ask

FILTERS: Final = ("since", "until", "actor", "action", "subject")
FACTS: Final = {
    "format": ("格式", "format"),
    "version": ("版本", "version"),
    "purpose": ("目的", "purpose"),
    "count": ("数量", "count"),
    "reason": ("理由", "reason"),
    "file": ("文件", "file"),
    "kind": ("类别", "kind"),
}
"""The names of what is told of an act; any other is shown as it is stored."""


@site.get("/audit")
@sessions.signed_in
def audit() -> Any:
    """Acts that are no step of a case, newest first; the API checks who may read them."""
    wanted = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    query = {**wanted, "cursor": request.args["cursor"]} if "cursor" in request.args else wanted
    answer = ask("audit.search", {}, query)
    if answer.is_problem:
        return problem_page(answer)
    rows = answer.data["items"]
    names = seen(lambda reading: _names(reading, rows))
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


def _last_days() -> list[str]:
    """Today and the two days before."""
    today = in_china(hangji().clock.now()).date()
    return [(today - timedelta(days=back)).isoformat() for back in range(3)]


def _names(reading: Reading, rows: list[dict[str, Any]]) -> Mapping[int, str]:
    """The names of the officers these acts are by and about."""
    about = (officer_of(str(row[side])) for row in rows for side in ("actor", "subject"))
    return reading.learn(officers=about).officers


def _named(reference: str, names: Mapping[int, str]) -> str:
    """A reference with its name before its number."""
    ident = officer_of(reference)
    name = None if ident is None else names.get(ident)
    return reference if name is None else name + in_brackets(str(ident))


def _shown(row: dict[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    """One act in the words of the template."""
    known = {name: value for name, value in row["data"].items() if value is not None}
    facts = t("，", ", ").join(f"{_fact(name)} {value}" for name, value in known.items())
    return {
        "at": row["at"],
        "who": _named(row["actor"], names),
        "what": word(row["action"]),
        "about": _named(row["subject"], names),
        "facts": facts,
        "seal": t(f"第 {row['seq']} 条", f"no. {row['seq']}")
        if row["seq"]
        else t("待封存", "open"),
        "same": url_for("web.audit", subject=row["subject"]),
    }


def _fact(name: str) -> str:
    known = FACTS.get(name)
    return name if known is None else t(*known)
