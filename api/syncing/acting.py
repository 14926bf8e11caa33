"""What a person does with a platform: pause, resume, take in or discard what was refused."""

from datetime import datetime
from typing import Final

from api.syncing.platforms import Platforms
from api.syncing.pulling import element_of
from api.syncing.pushing import push_again
from engine.background.operations import Doing, OperationKind
from engine.delivery.partners import RECEIVER
from handlers.sync.mapping import UnreadableError
from handlers.sync.protocol import UnreadRecord
from storage.cases import incidents
from storage.database.session import Session
from storage.delivery import outbox
from storage.errors import Conflict, Refused
from storage.moments import Json
from storage.people.actors import Actor
from storage.sync import dead, sources
from storage.sync.dead import DeadLetter

READ: Final = "sync_source_read"
TITLE: Final = {"zh": "读取对接平台", "en": "Read another platform"}


def pause(session: Session, source: str, *, reason: str) -> None:
    """Read nothing more until somebody resumes."""
    sources.get_source(session, source)
    sources.update_source(session, source, paused=True, paused_reason=reason)


def resume(platforms: Platforms, session: Session, source: str, *, actor: Actor) -> None:
    """Read again from where it stopped, and send what was given up meanwhile."""
    now = platforms.composition.clock.now()
    sources.get_source(session, source)
    sources.resume_source(session, source, at=now)
    incidents.resolve_element(session, element_of(source), at=now)
    resend(session, source, actor=actor, at=now)


def resend(session: Session, source: str, *, actor: Actor, at: datetime) -> int:
    """Send again what nobody took over there in twelve tries; return how many these are."""
    given_up = outbox.requeue_of(session, f"{RECEIVER}{source}", at=at)
    incidents.resolve_deliveries(session, given_up, at=at, by=actor.id)
    return len(given_up)


def retry(platforms: Platforms, session: Session, dead_id: int, *, actor: Actor) -> DeadLetter:
    """Take in once more what was refused, or send it once more.

    Raises:
        Refused: it is refused again, for the reason that is named.
    """
    letter = _open_letter(session, dead_id)
    now = platforms.composition.clock.now()
    if letter.direction == "push":
        push_again(session, letter, at=now)
        dead.decide_dead(session, dead_id, "resolved", by=actor.id, at=now)
        return dead.get_dead(session, dead_id)
    taking = platforms.taking(letter.source)
    raw = dead.open_body(session, dead_id, keys=platforms.composition.vault_keys)
    record = taking.mapping.record_of(raw)
    if isinstance(record, UnreadRecord):
        raise _again(record.message)
    try:
        taking.take(session, record)
    except UnreadableError as error:
        raise _again(str(error)) from error
    dead.decide_dead(session, dead_id, "resolved", by=actor.id, at=now)
    return dead.get_dead(session, dead_id)


def discard(platforms: Platforms, session: Session, dead_id: int, *, actor: Actor) -> DeadLetter:
    """Leave out what was refused; the row stays."""
    _open_letter(session, dead_id)
    now = platforms.composition.clock.now()
    dead.decide_dead(session, dead_id, "discarded", by=actor.id, at=now)
    return dead.get_dead(session, dead_id)


def operation_kind(platforms: Platforms) -> OperationKind:
    """Reading a platform as long work, for the list of kinds."""

    def read(doing: Doing) -> Json:
        source = str(doing.arguments["source"])
        counts = platforms.pulling(source).run()
        taken = sum(counts[name] for name in ("created", "linked", "updated", "review"))
        return {
            **counts,
            "summary": {
                "zh": f"读取{counts['read']}条，新增或更新{taken}条，未能处理{counts['dead']}条",
                "en": f"{counts['read']} read, {taken} new or changed, {counts['dead']} refused",
            },
        }

    return OperationKind(READ, TITLE, read)


def _open_letter(session: Session, dead_id: int) -> DeadLetter:
    letter = dead.get_dead(session, dead_id)
    if letter.state != "open":
        message = "这条记录已经处理过了。"
        raise Conflict(message, code="sync_dead_closed")
    return letter


def _again(reason: str) -> Refused:
    message = f"仍然不能处理：{reason}。"
    return Refused(message, code="sync_refused_again")
