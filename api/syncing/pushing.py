"""The channel to other platforms: what happened to a case of ours is sent, their id is kept.

A refusal is final and becomes a dead letter that a person sends again or discards; no answer is
tried again by the outbox. Nothing is open in the database while the other side is waited for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from engine.delivery.channels import Letter
from engine.delivery.partners import CHANNEL, OPENED, RECEIVER, key_of
from handlers.sync.mapping import SourceMapping
from handlers.sync.protocol import Adapter, Push, PushAnswer, SchemaChanged, SourceFailed
from handlers.sync.sending import body_for
from storage.cases.steps import NewDelivery
from storage.database.session import Database, Session
from storage.delivery.outbox import add_delivery
from storage.errors import DeliveryFailed, NotFound
from storage.moments import in_china
from storage.sync.dead import DeadLetter, NewDead, add_dead, resolve_dead
from storage.sync.records import NewRecord, add_record, find_record, update_record
from storage.sync.sending import Outgoing, find_outgoing
from storage.sync.sources import list_sources

UNREACHABLE: Final = "sync_unreachable"
RETRIED: Final = "retried"
FOUND: Final = "found"
THEIRS: Final = "theirs"
PUSHED: Final = "case"
"""The kind of a record that we created over there."""


@dataclass(frozen=True, slots=True)
class SyncChannel:
    """Sends what happened to a case to the platform its receiver names."""

    database: Database
    partner_of: Callable[[str], tuple[Adapter, SourceMapping]]
    vault_keys: Sequence[bytes] = field(repr=False)

    def send(self, letter: Letter, *, now: datetime) -> None:
        """Send it, and keep their id or their refusal.

        A case that is linked to a record of theirs stands there already and is not sent.

        Raises:
            DeliveryFailed: the platform is paused, not set up, or did not answer.
        """
        source = letter.receiver.removeprefix(RECEIVER)
        with self.database.reading() as session:
            case = find_outgoing(session, source, str(letter.payload["case"]))
            is_paused = any(one.paused for one in list_sources(session) if one.id == source)
        if is_paused:
            message = f"对接平台 {source} 已暂停，恢复后再推送。"
            raise DeliveryFailed(message, code="sync_paused")
        if case is None or case.origin == THEIRS:
            return
        adapter, mapping = self._partner(source)
        delivery = _push_of(source, letter, case, mapping)
        answer = _pushed(adapter, delivery)
        with self.database.transaction() as session:
            _keep(session, source, case, delivery, answer, now=now, key=self.vault_keys[0])

    def _partner(self, source: str) -> tuple[Adapter, SourceMapping]:
        try:
            return self.partner_of(source)
        except NotFound as error:
            raise DeliveryFailed(error.message, code="sync_not_set_up") from error


def push_again(session: Session, letter: DeadLetter, *, at: datetime) -> None:
    """Queue once more what was refused; what is sent is what is true by then."""
    key = f"{key_of(letter.source, letter.external_id, RETRIED)}:{letter.id}"
    _queue(session, letter.source, letter.external_id, RETRIED, key=key, at=at)


def push_state(session: Session, source: str, number: str, *, at: datetime) -> None:
    """Queue how a case stands whose record was read over there before its answer reached us.

    What happened meanwhile was not sent where the case looked like one of theirs.
    """
    _queue(session, source, number, FOUND, key=key_of(source, number, FOUND), at=at)


def _queue(
    session: Session, source: str, number: str, template: str, *, key: str, at: datetime
) -> None:
    queued = NewDelivery(
        key=key,
        channel=CHANNEL,
        receiver=f"{RECEIVER}{source}",
        template=template,
        payload={"case": number},
        at=at,
    )
    add_delivery(session, queued)


def _pushed(adapter: Adapter, delivery: Push) -> PushAnswer:
    try:
        (answer,) = adapter.push([delivery])
    except (SourceFailed, SchemaChanged) as error:
        message = f"对方平台没有接收：{error}"
        raise DeliveryFailed(message, code=UNREACHABLE) from error
    if answer.verdict == "retry":
        message = f"对方平台请稍后再推送：{answer.message}"
        raise DeliveryFailed(message, code=UNREACHABLE)
    return answer


def _push_of(source: str, letter: Letter, case: Outgoing, mapping: SourceMapping) -> Push:
    """What stands there already is changed; what does not is created once, whatever is sent first.

    Their record is created under the key of the opening, so that an opening whose answer was lost
    and a later event make one.
    """
    key = letter.key if case.external_id else key_of(source, case.number, OPENED)
    body = body_for(mapping, case)
    return Push(key=key, kind=letter.template, external_id=case.external_id, body=body)


def _keep(
    session: Session,
    source: str,
    case: Outgoing,
    delivery: Push,
    answer: PushAnswer,
    *,
    now: datetime,
    key: bytes,
) -> None:
    if answer.verdict == "refused":
        dead = NewDead(
            source=source,
            direction="push",
            external_id=case.number,
            version=None,
            body=dict(delivery.body),
            error="push_refused",
            message=answer.message or "对方平台拒收，没有说明原因。",
        )
        add_dead(session, dead, key=key, at=now)
        return
    resolve_dead(session, source, "push", case.number, at=now)
    external_id = answer.external_id or delivery.external_id
    if external_id is not None:
        _keep_id(session, source, case, external_id, answer, now)


def _keep_id(
    session: Session,
    source: str,
    case: Outgoing,
    external_id: str,
    answer: PushAnswer,
    now: datetime,
) -> None:
    """Their id stands for the case; a pull may have read it before we did."""
    version = answer.version or 1
    known = find_record(session, source, external_id)
    if known is not None:
        if known.origin == "ours" and known.version < version:
            update_record(session, known.id, version=version, changed_at=now)
        return
    new = NewRecord(
        source=source,
        external_id=external_id,
        version=version,
        body_hash="",
        kind=PUSHED,
        origin="ours",
        relation="linked",
        day=in_china(case.opened_at).date(),
        body={},
        changed_at=now,
        subject_kind="case",
        subject_id=case.case_id,
        reason={"by": "pushed"},
    )
    kept = add_record(session, new, at=now)
    if answer.deleted:
        update_record(session, kept, retired=True)
