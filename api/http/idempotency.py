"""A repeated request gets the first answer: keys, fingerprints, and the transaction of a write.

`storage.delivery.idempotency` stores the answers.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
from itertools import product
from typing import Any, Final, NamedTuple

import orjson

from api.http.request import FORM, Sent
from storage.cases.steps import StoredAnswer
from storage.database.session import Database, Session
from storage.delivery import idempotency
from storage.errors import FormInvalid, HangjiError

_KEY: Final = re.compile(r"[\x21-\x7e]{1,200}")
# 128 bits are 22 characters of base64url or 32 of hex; a UUID with its dashes has 36.
_CLIENT: Final = re.compile(r"[A-Za-z0-9_-]{22,128}")
_CHUNK: Final = 1 << 16
_TO_COME: Final = frozenset({"number", "case", "id"})
_FURTHER: Final = frozenset({"into"})
"""Cases made beside the one that was asked about: the parts of a split."""

_PURPOSE: Final = "hangji fingerprint:"


@dataclass(frozen=True, slots=True)
class KeyedAnswer:
    """The response of a write, complete enough to repeat it exactly."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    is_replayed: bool = False
    unkept: dict[str, Any] = field(default_factory=dict)
    """What is said besides and never kept: a repeated request has it derived again."""


class Ticket(NamedTuple):
    """A keyed request: its caller, its key, and a digest of its content."""

    actor: str
    key: str
    fingerprint: str
    now: datetime
    former_fingerprints: tuple[str, ...] = ()
    """The same under keys that do not sign any more: an answer may have been kept under one."""

    keeps_answer: bool = True
    """False for answers that hold a secret: it is not kept but derived again."""

    refuses_twice: bool = False
    """True where the act itself is refused the second time: only then the key is looked up."""

    def row(self, answer: KeyedAnswer) -> StoredAnswer:
        """Make the row that keeps the first answer."""
        kept = orjson.dumps({"headers": answer.headers, "body": answer.body})
        return StoredAnswer(
            actor=self.actor,
            key=self.key,
            body_hash=self.fingerprint,
            status=answer.status,
            answer=kept.decode() if self.keeps_answer else "",
            at=self.now,
        )


@dataclass(slots=True)
class Attempt:
    """One attempt at a keyed write, and its answer once that is stored with the act."""

    ticket: Ticket
    answer: KeyedAnswer | None = None

    def store(self, answer: KeyedAnswer) -> StoredAnswer:
        """Set the answer; return its row, for the act to write."""
        self.answer = answer
        return self.ticket.row(answer)


class _Rehearsed(Exception):
    """Raised to roll back the transaction of a dry run."""

    def __init__(self, answer: KeyedAnswer) -> None:
        super().__init__()
        self.answer = answer


Work = Callable[[Session, Attempt | None], KeyedAnswer]
"""A write; it may store its answer with what it writes, else that is done after it."""


def perform(database: Database, work: Work, ticket: Ticket | None) -> KeyedAnswer:
    """Do one write in one transaction, once per key.

    A duplicate that loses the race gets the answer of the request that won it.

    Raises:
        Conflict: the key was used with another body.
    """
    try:
        return database.run(partial(_once, work, ticket), is_keyed=ticket is not None)
    except Exception as error:
        if ticket is None or not (isinstance(error, HangjiError) or ticket.refuses_twice):
            raise
        with database.reading() as session:
            winner = _find(session, ticket)
        if winner is None or not ticket.keeps_answer:
            raise
        return winner


def recall(database: Database, ticket: Ticket | None) -> KeyedAnswer | None:
    """Return the answer kept under a key, before anything of the request is done."""
    if ticket is None:
        return None
    with database.reading() as session:
        return _find(session, ticket)


def rehearse(database: Database, work: Work) -> KeyedAnswer:
    """Do a write and roll it back: the answer reports what would happen."""

    def once(session: Session) -> KeyedAnswer:
        raise _Rehearsed(work(session, None))

    try:
        return database.run(once)
    except _Rehearsed as rehearsed:
        answer = rehearsed.answer
        headers = {name: text for name, text in answer.headers.items() if name != "Location"}
        return KeyedAnswer(200, _without_what_is_to_come(answer), {**headers, "Dry-Run": "true"})


def ticket_of(
    sent: Sent,
    *,
    secrets: Sequence[str],
    now: datetime,
    keeps_answer: bool,
    refuses_twice: bool = False,
) -> Ticket | None:
    """Read the key of a write, None when it carries none.

    Raises:
        FormInvalid: the key cannot be one, or an anonymous caller sent no client id.
    """
    key = sent.key
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        message = "An Idempotency-Key has 1 to 200 visible characters."
        raise FormInvalid(message, code="key_malformed")
    fingerprint, *former = _fingerprints(sent, secrets)
    return Ticket(
        actor=_scope(sent),
        key=key,
        fingerprint=fingerprint,
        now=now,
        former_fingerprints=tuple(former),
        keeps_answer=keeps_answer,
        refuses_twice=refuses_twice,
    )


def _without_what_is_to_come(answer: KeyedAnswer) -> Any:
    """Leave out the numbers of cases that were not made: the next real ones may get them."""
    if not isinstance(answer.body, dict):
        return answer.body
    to_come = _FURTHER | (_TO_COME if answer.status == HTTPStatus.CREATED else frozenset())
    return {name: value for name, value in answer.body.items() if name not in to_come}


def _once(work: Work, ticket: Ticket | None, session: Session) -> KeyedAnswer:
    if ticket is None:
        return work(session, None)
    earlier = None if ticket.refuses_twice else _find(session, ticket)
    if earlier is not None and ticket.keeps_answer:
        return earlier
    attempt = Attempt(ticket)
    answer = work(session, attempt)
    if earlier is not None:
        return replace(answer, is_replayed=True)
    if attempt.answer is None:
        idempotency.add_answer(session, ticket.row(answer))
    return answer


def _find(session: Session, ticket: Ticket) -> KeyedAnswer | None:
    kept = idempotency.find_answer(
        session,
        actor=ticket.actor,
        key=ticket.key,
        body_hash=ticket.fingerprint,
        former_hashes=ticket.former_fingerprints,
    )
    if kept is None:
        return None
    if not kept.answer:
        return KeyedAnswer(kept.status, None, is_replayed=True)
    kept_answer = orjson.loads(kept.answer)
    return KeyedAnswer(kept.status, kept_answer["body"], kept_answer["headers"], is_replayed=True)


def _scope(sent: Sent) -> str:
    if sent.actor is not None:
        return sent.actor.reference
    client = sent.client_id
    if not _CLIENT.fullmatch(client):
        message = "Without a sign-in, an Idempotency-Key needs an X-Client-Id of 128 bits."
        raise FormInvalid(message, code="client_id_missing")
    return f"client:{hashlib.sha256(client.encode()).hexdigest()}"


def _fingerprints(sent: Sent, secrets: Sequence[str]) -> list[str]:
    """Return digests of what was asked, one under each key: method, address, query and body.

    Keyed, because a body may name its reporter: from a bare digest in a stolen database a name or
    a telephone number could be found by trying them all.

    Of a multipart body the parts count, not the boundary, which differs each time it is sent.
    """
    seen = [hmac.new(f"{_PURPOSE}{one}".encode(), digestmod=hashlib.sha256) for one in secrets]
    _add(seen, sent.method.encode(), sent.path.encode(), sent.query_string)
    if sent.mimetype == FORM:
        # A part without a name has None for it, which is compared with no other name.
        texts = sorted((name or "", text) for name, text in sent.form.items(multi=True))
        _add(seen, *(f"{name}={text}".encode() for name, text in texts))
        files = [(name or "", part) for name, part in sent.files.items(multi=True)]
        for name, part in sorted(files, key=lambda item: item[0]):
            _add(seen, name.encode())
            for chunk in iter(partial(part.stream.read, _CHUNK), b""):
                _add(seen, chunk)
            part.stream.seek(0)
    else:
        _add(seen, _canonical(sent))
    return [one.hexdigest() for one in seen]


def _canonical(sent: Sent) -> bytes:
    try:
        return sent.canonical()
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return sent.whole_body()


def _add(seen: Sequence[hmac.HMAC], *parts: bytes) -> None:
    for part, digest in product(parts, seen):
        # Lengths keep `ab` + `c` apart from `a` + `bc`.
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
