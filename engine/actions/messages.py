"""Reading and acknowledging notifications; an acknowledgement is an entry of the case file."""

from engine.contract import Actor
from engine.run.protocol import Runs
from engine.run.record import Act, Entry, write_entry
from storage.cases import cases
from storage.cases.cases import lock_case_for_step
from storage.database.session import Session
from storage.delivery import notifications
from storage.delivery.notices import kind_of
from storage.delivery.notifications import Notification
from storage.errors import Refused
from storage.people.roles import capacity

__all__ = ["acknowledge_notice"]


def acknowledge_notice(runner: Runs, session: Session, ident: int, *, actor: Actor) -> Notification:
    """Acknowledge a chase or a supervision; a repeated acknowledgement changes nothing.

    Raises:
        Refused: this kind of notification is not acknowledged.
    """
    told, now = notifications.get_notification(session, actor, ident), runner.clock.now()
    is_acknowledged = kind_of(told.template).is_acknowledged
    # Who has left the post writes nothing into the file any more.
    if told.case_id is None or not (is_acknowledged and told.sees_case):
        message = "这条消息不需要签收。"
        raise Refused(message, code="not_acknowledged")
    # The case is locked first, so that two presses at once find each other here.
    main = [one for one in cases.list_processes(session, told.case_id) if one.asked_by is None][-1]
    locked = lock_case_for_step(session, running_id=main.id)
    if notifications.mark_acknowledged(session, told.id, at=now):
        notifications.mark_read(session, actor.id, at=now, ident=told.id)
        data = {"notice": told.template, "told_at": told.created_at.isoformat()}
        posts = actor.posts
        act = Act("notice_acknowledged", data, capacity(posts[0].role) if posts else None)
        write_entry(session, locked, None, Entry(act), actor=actor, now=now)
    return notifications.get_notification(session, actor, ident)
