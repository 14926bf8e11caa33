"""Taking the lists of a board out for a spreadsheet."""

from typing import Any

from flask import render_template, request

from engine.reads.clocks import clocks_of
from engine.reads.reading import Reading
from storage.dashboards.facts import TimeRange
from web.frame import sessions
from web.frame.answers import problem_page
from web.frame.language import t
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.writing import ask
from web.pages.boards import asked, leader


@site.get("/boards/export")
@sessions.signed_in
def export_page() -> Any:
    """Which list, in which form."""
    return render_template("boards/export.html", **seen(_look))


@site.get("/boards/export/<name>.<form>")
@sessions.signed_in
def export_file(name: str, form: str) -> Any:
    """One list as a file."""
    kept = ("area", "closed_from", "closed_before")
    query = {key: request.args[key] for key in kept if request.args.get(key)}
    answer = ask("dashboard_exports.export", {}, {**query, "list": name, "format": form})
    return problem_page(answer) if answer.is_problem else answer.data


def _look(reading: Reading) -> dict[str, Any]:
    period, area = asked.period_name(), asked.area()
    within = asked.period_of(period, clocks_of(reading).now)
    return {
        "area": area,
        "scope_name": leader.scope_name(
            reading.actor,
            names_for(reading, areas=leader.scope_of(reading.actor, area)),
            area,
        ),
        "period": period,
        "periods": asked.period_words(),
        "closed": {
            "closed_from": within.since.isoformat(),
            "closed_before": within.before.isoformat(),
        },
        "lists": [
            ("open", t("在办案件", "Open cases"), t("此刻", "now")),
            ("closed", t("办结案件", "Closed cases"), _days(within)),
            ("areas", t("各地办理情况", "Areas"), _days(within)),
            ("holders", t("谁手里有什么", "Who has what"), t("此刻", "now")),
        ],
    }


def _days(within: TimeRange) -> str:
    """The first and the last day of a period."""
    first, last = within.days
    return t(f"{first} 至 {last}", f"{first} to {last}")
