"""Webhooks: registered receivers of the feed, with their secrets sealed by the vault key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, insert, select, update

from storage.audit.log import COMMAND_LINE, add_audit
from storage.database.session import Session
from storage.errors import NotFound
from storage.moments import Json, from_text, to_text
from storage.people.seals import key_id, open_sealed, seal
from storage.tables import webhook

ACTIVE: Final = "active"
PAUSED: Final = "paused"
REMOVED: Final = "removed"
BOTH_HOLD: Final = timedelta(days=1)
"""How long requests are signed with the former secret as well, once there is a new one."""

_REASON_LENGTH: Final = 500


@dataclass(frozen=True, slots=True)
class Webhook:
    """A registered receiver; `kinds` is empty when it gets every kind."""

    id: int
    url: str
    kinds: tuple[str, ...]
    area_code: str
    state: str
    cursor: int
    version: int
    created_at: datetime
    created_by: int
    paused_at: datetime | None
    pause_reason: str | None

    @property
    def receiver(self) -> str:
        """How deliveries name it."""
        return receiver_of(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhook:
    """A receiver about to be registered."""

    url: str
    kinds: Sequence[str]
    area_code: str


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secret that signs, and the former one while both hold."""

    current: str
    former: str | None = None
    former_until: datetime | None = None

    def at(self, now: datetime) -> list[str]:
        """List the secrets that sign at a moment."""
        holds = self.former_until is not None and now < self.former_until
        return [self.current, *([self.former] if self.former is not None and holds else [])]


_FIELDS: Final = tuple(
    webhook.c[name]
    for name in (
        *("id", "url", "kinds", "area_code", "state", "cursor", "version"),
        *("created_at", "created_by", "paused_at", "pause_reason"),
    )
)
_KEPT: Final[Select[Any]] = select(*_FIELDS).where(webhook.c.state != REMOVED)


def receiver_of(webhook_id: int) -> str:
    """Return how deliveries name a webhook."""
    return f"webhook:feed/{webhook_id}"


def id_of(receiver: str) -> int:
    """Return the webhook a delivery names."""
    return int(receiver.rpartition("/")[2])


def add_webhook(
    session: Session,
    new: NewWebhook,
    secret: str,
    *,
    key: bytes,
    cursor: int,
    by: int,
    at: datetime,
) -> Webhook:
    """Register a receiver; it gets what happens after `cursor`."""
    values: dict[str, Any] = {"url": new.url, "kinds": list(new.kinds)}
    values["area_code"] = new.area_code
    values |= {"state": ACTIVE, "cursor": cursor, "version": 1, "created_at": at, "created_by": by}
    values |= {"sealed": b"", "key_id": key_id(key)}
    made = session.execute(insert(webhook).values(values).returning(webhook.c.id)).scalar_one()
    put_secrets(session, made, Secrets(secret), key=key)
    return get_webhook(session, made)


def get_webhook(session: Session, webhook_id: int) -> Webhook:
    """Get a webhook; NotFound when there is none, or it was removed."""
    row = session.execute(_KEPT.where(webhook.c.id == webhook_id)).first()
    if row is None:
        message = "没有这个推送登记。"
        raise NotFound(message, code="webhook_not_found")
    return _webhook(row)


def list_webhooks(session: Session, *, state: str | None = None) -> list[Webhook]:
    """List the registered receivers in the order they were registered."""
    question = _KEPT.order_by(webhook.c.id)
    if state is not None:
        question = question.where(webhook.c.state == state)
    return [_webhook(row) for row in session.execute(question)]


def list_behind(session: Session, last: int) -> list[Webhook]:
    """List the active webhooks that events up to a number were not queued for yet."""
    behind = _KEPT.where(webhook.c.state == ACTIVE, webhook.c.cursor < last)
    return [_webhook(row) for row in session.execute(behind.order_by(webhook.c.id))]


def lock_webhook(session: Session, webhook_id: int) -> Webhook | None:
    """Lock an active webhook until the transaction ends; None when it is active no more."""
    question = _KEPT.where(webhook.c.id == webhook_id, webhook.c.state == ACTIVE)
    row = session.execute(question.with_for_update()).first()
    return None if row is None else _webhook(row)


def move_cursor(session: Session, webhook_id: int, *, to: int) -> None:
    """Note up to which event deliveries were queued."""
    session.execute(update(webhook).where(webhook.c.id == webhook_id).values(cursor=to))


def put_state(
    session: Session,
    webhook_id: int,
    state: str,
    *,
    at: datetime | None = None,
    reason: str | None = None,
) -> None:
    """Pause, resume or remove a webhook; of a removed one the secrets go."""
    values: Mapping[str, Any] = {
        "state": state,
        "paused_at": at,
        "pause_reason": None if reason is None else reason[:_REASON_LENGTH],
        "version": webhook.c.version + 1,
        **({"sealed": b""} if state == REMOVED else {}),
    }
    session.execute(update(webhook).where(webhook.c.id == webhook_id).values(**values))


# -- secrets --------------------------------------------------------------------------------------


def put_secrets(session: Session, webhook_id: int, secrets: Secrets, *, key: bytes) -> None:
    """Seal the secrets of a webhook."""
    until = secrets.former_until
    document: dict[str, Json] = {
        "current": secrets.current,
        "former": secrets.former,
        "former_until": None if until is None else to_text(until),
    }
    session.execute(
        update(webhook)
        .where(webhook.c.id == webhook_id)
        .values(
            sealed=seal(document, key, bound_to=_bound_to(webhook_id)),
            key_id=key_id(key),
            version=webhook.c.version + 1,
        )
    )


def open_secrets(session: Session, webhook_id: int, *, keys: Sequence[bytes]) -> Secrets:
    """Open the secrets of a webhook.

    Raises:
        NotFound: it was removed.
        Refused: none of the keys is the one they were sealed with.
    """
    question = select(webhook.c.sealed, webhook.c.key_id).where(
        webhook.c.id == webhook_id, webhook.c.state != REMOVED
    )
    row = session.execute(question).first()
    if row is None:
        message = "没有这个推送登记。"
        raise NotFound(message, code="webhook_not_found")
    bound_to = _bound_to(webhook_id)
    document = open_sealed(bytes(row.sealed), row.key_id, keys, bound_to=bound_to)
    until = document["former_until"]
    return Secrets(
        document["current"], document["former"], None if until is None else from_text(until)
    )


def count_by_key(session: Session) -> dict[str, int]:
    """Count the webhooks by the id of the key that opens their secrets."""
    counted = select(webhook.c.key_id, func.count()).where(webhook.c.state != REMOVED)
    return {row.key_id: row[1] for row in session.execute(counted.group_by(webhook.c.key_id))}


def reseal(session: Session, *, keys: Sequence[bytes], at: datetime) -> int:
    """Seal with the first key what another one of them sealed; return how many webhooks."""
    sealed_with = [key_id(key) for key in keys[1:]]
    former = select(webhook.c.id).where(
        webhook.c.key_id.in_(sealed_with), webhook.c.state != REMOVED
    )
    ids = list(session.execute(former.order_by(webhook.c.id)).scalars())
    for webhook_id in ids:
        secrets = open_secrets(session, webhook_id, keys=keys)
        put_secrets(session, webhook_id, secrets, key=keys[0])
    if ids:
        add_audit(
            session,
            at=at,
            actor=COMMAND_LINE,
            action="webhooks_resealed",
            subject_kind="vault_key",
            subject=key_id(keys[0]),
            data={"webhooks": len(ids)},
        )
    return len(ids)


def _bound_to(webhook_id: int) -> str:
    return f"hangji:webhook:{webhook_id}"


def _webhook(row: Any) -> Webhook:
    return replace(Webhook(*row), kinds=tuple(row.kinds))
