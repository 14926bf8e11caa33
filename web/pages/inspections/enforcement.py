"""The cases enforcement filed: number, where the lead came from, what was decided."""

from typing import Any

from flask import render_template, request, url_for

from engine.reads.reading import Reading
from storage.inspections.enforcement import EnforcementCase, list_enforcement_cases
from web.frame import sessions
from web.frame.contract import hangji
from web.frame.language import listed, moment, t
from web.frame.naming import Names, names_for
from web.frame.reading import cursor, seen
from web.frame.site import site
from web.pages.cases.remarks import MEASURES

FEN_OF_A_YUAN = 100


@site.get("/enforcement-cases")
@sessions.signed_in
def enforcement_cases() -> Any:
    """Those of one's brigade and of cases one may see, open ones or decided ones."""
    return render_template("inspections/enforcement.html", **seen(_listed))


def _listed(reading: Reading) -> dict[str, Any]:
    state = request.args.get("state")
    state = state if state in {"open", "decided"} else None
    page = list_enforcement_cases(
        reading.session, reading.actor, state=state, cursor=cursor(), limit=50
    )
    names = names_for(
        reading,
        posts=[found.unit for found in page.items],
        areas=[found.area for found in page.items],
    )
    query: dict[str, Any] = {"state": state, "cursor": page.next and hangji().seal(page.next)}
    return {
        "state": state,
        "rows": [_row(found, names) for found in page.items],
        "next": page.next and url_for("web.enforcement_cases", **query),
    }


def _row(found: EnforcementCase, names: Names) -> dict[str, Any]:
    decided = None
    if found.measure is not None:
        parts = [t(*MEASURES[found.measure]), found.document, _money(found)]
        decided = t("，", ", ").join(part for part in parts if part)
    return {
        "number": found.number,
        "unit": names.post(found.unit),
        "origin": found.origin,
        "title": found.title,
        "area": names.area(found.area),
        "filed": moment(found.filed_at),
        "officers": listed(found.officers),
        "decided": decided,
    }


def _money(found: EnforcementCase) -> str:
    """Fines and what was confiscated, in yuan."""
    words = []
    if found.fine_fen:
        words.append(t(f"罚款 {_yuan(found.fine_fen)} 元", f"fine {_yuan(found.fine_fen)} yuan"))
    if found.confiscation_fen:
        taken = _yuan(found.confiscation_fen)
        words.append(t(f"没收 {taken} 元", f"confiscated {taken} yuan"))
    return t("，", ", ").join(words)


def _yuan(fen: int) -> str:
    yuan, rest = divmod(fen, FEN_OF_A_YUAN)
    return f"{yuan:,}.{rest:02}" if rest else f"{yuan:,}"
