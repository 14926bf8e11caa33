"""外部平台检查。Drawn in bpmn/external_inspection.bpmn: what was found and settled elsewhere (R29).

The case is closed as soon as it is on file; who reads the other platform names the unit that
looked as its collector, so that nobody below it sees or owns it (R26).
"""

from datetime import datetime
from typing import Any, Final

from engine.contract import Actor, Case, Form, service_task, start_event
from storage.places.matters import read_matter

KIND: Final = "external_inspection"
SOURCE: Final = "external_sync"
UNLISTED: Final = "清单以外的事项"


@start_event(
    asks={
        "business": int,
        "area": str,
        "matter": str,
        "description": str,
        "result": (str, None),
        "visited_at": datetime,
        "external_id": str,
    },
    gives={"external_id": str, "result": str, "visited_at": datetime},
)
def visit_reported(case: Case, form: Form, *, officer: Actor | None) -> dict[str, Any]:  # noqa: ARG001 - as every rule
    """同步到一次检查：主体、地点、事项和情况都来自外部平台。"""
    matter = read_matter(case.session, form["matter"])
    case.change(
        title=UNLISTED if matter is None else matter.name_zh,
        matter=None if matter is None else matter.code,
        area_code=form["area"],
        business_id=form["business"],
        description=form["description"],
        source=SOURCE,
    )
    visited_at = form["visited_at"]
    return {
        "external_id": form["external_id"],
        "result": str(form.get("result") or ""),
        "visited_at": visited_at if isinstance(visited_at, str) else visited_at.isoformat(),
    }


@service_task(reads={"external_id": str, "result": str, "visited_at": datetime}, gives={})
def keep_visit(case: Case) -> None:
    """留档：写明外部编号、检查时间和处置结果。"""
    case.note(
        "visit_kept",
        external_id=case.data["external_id"],
        visited_at=case.data["visited_at"],
        result=case.data["result"],
    )
