"""What both routes do before and at verification: enforcement reports back, a second person looks.

The first verifier and the path after a failed verification differ; each diagram defines them.
"""

from typing import Any

from engine.contract import Actor, Case, Form, NotAllowed
from storage.people.posts import Staffing


def note_enforcement(case: Case, form: Form, officer: Actor) -> dict[str, Any]:
    """Put the result of enforcement on file; return who handled the case."""
    post = next((post.id for post in officer.posts if post.role == "enforcement"), None)
    case.note(
        "enforcement_reported",
        post=post,
        measure=form["measure"],
        enforcement_case=form.get("enforcement_case"),
    )
    return {"handled_by": officer.id, "handled_post": post or case.owner}


def note_verification(case: Case, form: Form, officer: Actor) -> str:
    """Put the result of a verification on file and return it.

    Raises:
        NotAllowed: an officer who handled the case, or stands in for who did, may not verify it.
    """
    if case.data.get("handled_by") in {officer.id, *officer.stand_ins.values()}:
        message = "经手处置的人不能核查自己办的事件，请由其他人核查。"
        raise NotAllowed(message, code="verifier_handled_it", clause="R42")
    result = str(form["verify_result"])
    case.note("verified", result=result, handled_by=case.data.get("handled_post"))
    return result


def may_verify(case: Case, staffing: Staffing) -> bool:
    """Whether somebody there neither handled it nor is the business it is about (R42, R54)."""
    return staffing.is_filled(
        without_business=case.row["business_id"], without_officer=case.data.get("handled_by")
    )
