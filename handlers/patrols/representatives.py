"""The account of a business: given by the department that watches over it (R54, R55)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from storage.database.session import Session
from storage.errors import NotAllowed
from storage.people import staffing
from storage.people.actors import Actor
from storage.registry.businesses import Business
from storage.texts import plain

UNOPENED: Final = "!"
"""No password has this hash: the account waits until its link is opened."""

WATCHERS: Final = frozenset({"station", "county", "city"})


def open_account(
    session: Session, known: Business, body: Mapping[str, Any], *, actor: Actor, now: datetime
) -> int:
    """Enter somebody of a business who holds its post; return the account.

    Raises:
        Conflict: the user name is taken.
        NotAllowed: the business is of another area.
    """
    require_watching(actor, known)
    officer_id = staffing.add_officer(
        session,
        username=plain(body["username"]),
        name=body["name"].strip(),
        password_hash=UNOPENED,
        at=now,
        business_id=known.id,
    )
    post = staffing.add_post(session, "business", str(known.id))
    staffing.hold(session, post.id, officer_id, since=now)
    return officer_id


def require_department(actor: Actor) -> None:
    """Refuse who is of no department: self-inspections are not for the grid.

    Raises:
        NotAllowed: no post of the actor is of a department.
    """
    if not actor.roles & WATCHERS:
        message = "自查和检查强度由市场监管部门查看。"
        raise NotAllowed(message, code="not_a_department", clause="R56")


def require_watching(actor: Actor, known: Business) -> None:
    """Refuse who is of no department, and a business of another area.

    Raises:
        NotAllowed: the actor is of no department, or it is of another area.
    """
    require_department(actor)
    if not known.area_code.startswith(actor.prefixes or ("-",)):
        message = "这个主体不在您的辖区。"
        raise NotAllowed(message, code="business_not_yours", clause="R55")
