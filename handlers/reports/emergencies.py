"""Emergencies of both routes: who is alerted, beside whoever handles the case."""

from engine.contract import Case
from storage.people.posts import find_post


def alert(case: Case) -> None:
    """Alert station and county at once (A11)."""
    alerted = []
    for role in ("station", "county"):
        post = find_post(case.session, role, case.area, at=case.now)
        if post is not None:
            case.tell(post.id, "emergency", case=case.number, matter=case.matter)
            alerted.append(post.id)
    case.note("alerted", posts=alerted)
