"""Who looks after what could not go on: stopped cases, and accounts whose password is tried."""

from typing import Final

from storage.cases.incidents import Incident, count_open, get_incident, list_incidents
from storage.database.session import Session
from storage.errors import NotFound
from storage.pages import DEFAULT_LIMIT, Page
from storage.people.actors import Actor
from storage.staffing.people import GUARDS

WATCHERS: Final = frozenset({"supervisor", "admin_system"})
OF_ACCOUNTS: Final = "account_under_guessing"


def watches_failures(actor: Actor) -> bool:
    """Whether an actor looks after any of it."""
    return bool(actor.roles & (WATCHERS | GUARDS))


def list_failures(
    session: Session,
    actor: Actor,
    *,
    state: str | None = "open",
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Incident]:
    """List what an actor looks after, newest first."""
    if not watches_failures(actor):
        return Page((), None)
    return list_incidents(
        session, state=state, error_code=_concern(actor), cursor=cursor, limit=limit
    )


def count_failures(session: Session, actor: Actor) -> int:
    """Count the open ones an actor looks after."""
    return count_open(session, error_code=_concern(actor)) if watches_failures(actor) else 0


def require_watching(session: Session, actor: Actor, incident_id: int) -> None:
    """Refuse what is not the actor's to look after.

    Raises:
        NotFound: there is no such incident, or it is about a case.
    """
    incident, concern = get_incident(session, incident_id), _concern(actor)
    if concern is not None and incident.error_code != concern:
        message = "没有这个故障记录。"
        raise NotFound(message, code="incident_not_found")


def _concern(actor: Actor) -> str | None:
    return None if actor.roles & WATCHERS else OF_ACCOUNTS
