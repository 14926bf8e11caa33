"""What both routes do at verification: a second person looks.

The first verifier and the path after a failed verification differ; each diagram defines them.
"""

from engine.contract import Actor, Case, Form, NotAllowed
from storage.people.posts import Staffing, receiver_at


def note_verification(case: Case, form: Form, officer: Actor) -> str:
    """Put the result of a verification on file and return it.

    Raises:
        NotAllowed: an officer who handled the case, or stands in for who did, may not verify it.
    """
    if case.data.get("handled_by") in {officer.id, *officer.stand_ins.values()}:
        message = "经手处置的人不能核查自己办的事件，请由其他人核查。"
        raise NotAllowed(message, code="verifier_handled_it", clause="R42")
    result = str(form["verify_result"])
    told = None if result == "passed" else _send_back(case, str(form.get("note") or ""))
    case.note("verified", result=result, handled_by=case.data.get("handled_post"), told=told)
    return result


def _send_back(case: Case, note: str) -> str | None:
    """Tell whoever handled it what the verifier found; what opens now is marked as come back."""
    case.send_back("not_verified")
    post, officer = case.data.get("handled_post"), case.data.get("handled_by")
    receiver = receiver_at(case.session, post, officer, at=case.now)
    if receiver is not None:
        case.tell(receiver, "not_verified", case=case.number, label="重办", text=note)
    return receiver


def may_verify(case: Case, staffing: Staffing) -> bool:
    """Whether somebody there neither handled it nor is the business it is about (R42, R54)."""
    return staffing.is_filled(
        without_business=case.row["business_id"], without_officer=case.data.get("handled_by")
    )
