"""What the page of a case says of its inspection: who goes or went, and by which plan."""

from typing import Any

from engine.reads.reading import Reading
from handlers.inspections import plans
from storage.cases.cases import find_case_by_number
from storage.errors import NotFound
from storage.inspections.records import find_inspection
from storage.people.actors import list_names
from web.frame.language import listed
from web.pages.inspections.plans import elsewhere_of, kind_name

INSPECTION = "department_inspection"


def inspection_facts(reading: Reading, number: str) -> dict[str, Any] | None:
    """The inspectors of a case the reader may see, and its plan if they may know of it."""
    case = find_case_by_number(reading.session, number)
    found = None if case is None else find_inspection(reading.session, case.id)
    if found is None:
        return None
    names = list_names(reading.session, found.inspectors)
    return {
        "officers": listed(names[key] for key in found.inspectors if key in names),
        "has_ended": found.ended_at is not None,
        "kind": kind_name(found.kind),
        "plan": _plan(reading, found.plan_id),
        "elsewhere": elsewhere_of(reading, [found.business_id]).get(found.business_id, ""),
    }


def _plan(reading: Reading, plan_id: int | None) -> tuple[int, str] | None:
    if plan_id is None:
        return None
    try:
        plan = plans.look(reading.session, plan_id, actor=reading.actor, now=reading.now)
    except NotFound:
        return None
    return plan.id, plan.title
