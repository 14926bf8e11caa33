"""Who is asking: passwords, signed bearer tokens, and what a route needs of its caller.

What an officer may see of a case is decided in `storage`, by areas and posts.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import Any, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadSignature, URLSafeSerializer

from storage.errors import NotAllowed, NotFound, NotSignedIn
from storage.people import Actor

View = Callable[..., Any]

_hasher: Final = PasswordHasher()
# What an unknown account is compared with, so that it takes as long as a wrong password.
_NOBODY: Final = _hasher.hash("nobody")
_UNKNOWN: Final[tuple[float, Actor | None]] = (0.0, None)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a route asks of its caller; every route declares one."""

    signed_in: bool = True
    roles: frozenset[str] = field(default_factory=frozenset)
    right: str | None = None
    reads_token: bool = True
    """False where the Authorization header means something else, or nothing."""

    def check(self, actor: Actor | None) -> None:
        """Refuse who may not come in.

        Raises:
            NotSignedIn: nobody is signed in.
            NotAllowed: the posts or rights of the actor do not include this.
        """
        if not self.signed_in:
            return
        if actor is None:
            message = "Sign in first."
            raise NotSignedIn(message)
        if self.roles and not self.roles & actor.roles:
            message = "Your posts do not include this."
            raise NotAllowed(message)
        if self.right is not None and self.right not in actor.rights:
            message = "Your posts do not include this."
            raise NotAllowed(message)


ANYONE: Final = Needs(signed_in=False)
SIGNED_IN: Final = Needs()
OPERATIONS: Final = Needs(signed_in=False, reads_token=False)


def roles(*names: str) -> Needs:
    """Ask for a post of one of these roles."""
    return Needs(roles=frozenset(names))


def right(name: str) -> Needs:
    """Ask for a right that no role brings by itself."""
    return Needs(right=name)


def hash_password(password: str) -> str:
    """Hash a password for the officer table."""
    return _hasher.hash(password)


def password_fits(password_hash: str | None, password: str) -> bool:
    """Compare in the same time whether the account exists or not."""
    try:
        _hasher.verify(password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


class Tokens:
    """Bearer tokens: signed, dated, and void as soon as the officer's token version moves on."""

    def __init__(self, secret: str, *, hours: float) -> None:
        self._signer = URLSafeSerializer(secret, salt="hangji.token")
        self._life = timedelta(hours=hours)
        # A signature is checked once; what it says, dates and versions, at every request.
        self._unsigned = lru_cache(maxsize=4096)(self._unsign)

    @property
    def seconds(self) -> int:
        """How long a token is good for."""
        return int(self._life.total_seconds())

    def issue(self, officer_id: int, token_version: int, *, now: datetime) -> str:
        """Sign a token for an officer."""
        until = int((now + self._life).timestamp())
        text = self._signer.dumps([officer_id, token_version, until])
        return str(text)

    def read(self, token: str, *, now: datetime) -> tuple[int, int]:
        """Give officer id and token version of a token.

        Raises:
            NotSignedIn: the signature is wrong or the time is over.
        """
        officer_id, version, until = self._unsigned(token)
        if now.timestamp() >= until:
            message = "The token has expired; sign in again."
            raise NotSignedIn(message, code="token_expired")
        return officer_id, version

    def _unsign(self, token: str) -> tuple[int, int, int]:
        try:
            officer_id, version, until = self._signer.loads(token)
        except (BadSignature, ValueError, TypeError):
            message = "The token is not valid; sign in again."
            raise NotSignedIn(message, code="token_invalid") from None
        return officer_id, version, until


class Actors:
    """Officers with their posts, kept for a few seconds so that a request costs no query."""

    def __init__(self, load: Callable[[int], Actor], *, seconds: float) -> None:
        self._load = load
        self._seconds = seconds
        self._known: dict[int, tuple[float, Actor | None]] = {}
        self._lock = Lock()

    def get(self, officer_id: int, token_version: int) -> Actor:
        """Give the officer a token speaks of.

        Raises:
            NotSignedIn: the account is gone, switched off, or its tokens were revoked.
        """
        actor = self._fresh(officer_id)
        if actor.token_version != token_version:
            message = "The token is not valid; sign in again."
            raise NotSignedIn(message, code="token_invalid")
        return actor

    def forget(self) -> None:
        """Look everybody up again: posts have changed hands."""
        with self._lock:
            self._known.clear()

    def _fresh(self, officer_id: int) -> Actor:
        now = time.monotonic()
        with self._lock:
            until, known = self._known.get(officer_id, _UNKNOWN)
        if known is not None and now < until:
            return known
        try:
            actor = self._load(officer_id)
        except NotFound:
            message = "The token is not valid; sign in again."
            raise NotSignedIn(message, code="token_invalid") from None
        with self._lock:
            self._known[officer_id] = (now + self._seconds, actor)
        return actor


def bearer(header: str | None) -> str | None:
    """Give the token of an Authorization header, None when there is no header.

    Raises:
        NotSignedIn: the header is of another scheme or empty.
    """
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        message = "The token is not valid; sign in again."
        raise NotSignedIn(message, code="token_invalid")
    return token.strip()


def declared(view: View) -> Needs | None:
    """Give what a view declares; the architecture test asks this of every route."""
    needs = getattr(view, "hangji_needs", None)
    return needs if isinstance(needs, Needs) else None
