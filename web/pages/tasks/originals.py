"""The open cases a task's case may be a duplicate of, listed beside the field that names one."""

from typing import Any

from flask import render_template

from engine.reads.cases import read_with_originals
from engine.reads.reading import Reading
from engine.reads.tasks import read_task
from storage.city.rules import installed
from web.frame import sessions
from web.frame.naming import names_for
from web.frame.reading import seen
from web.frame.site import site
from web.frame.work import case_row_of


@site.get("/tasks/<key>/originals")
@sessions.embeddable
@sessions.signed_in
def originals_of(key: str) -> Any:
    """What may be the same event, with first line and photos."""
    return render_template("originals.html", **seen(lambda reading: _look(reading, key)))


def _look(reading: Reading, key: str) -> dict[str, Any]:
    metres = installed().thresholds.officers_see_metres
    number = read_task(reading, key).case.number
    _, originals = read_with_originals(reading, number, metres=metres)
    briefs = [each.case for each in originals]
    names = names_for(
        reading,
        areas=[brief.area for brief in briefs],
        businesses=[brief.business_id for brief in briefs],
    )
    rows = [case_row_of(brief, names, now=reading.now) for brief in briefs]
    return {"originals": list(zip(originals, rows, strict=True))}
