"""Signed bearer tokens, and a cache of the officers they identify."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import Final

from itsdangerous import BadSignature, URLSafeSerializer

from storage.errors import NotFound, NotSignedIn
from storage.people.actors import Actor

_UNKNOWN: Final[tuple[float, Actor | None]] = (0.0, None)


class Tokens:
    """Signed bearer tokens, valid until they expire or the officer's token version changes."""

    def __init__(self, secrets: Sequence[str], *, hours: float) -> None:
        # The library signs with the last key and accepts signatures of all of them.
        self._signer = URLSafeSerializer(list(reversed(secrets)), salt="hangji.token")
        self._life = timedelta(hours=hours)
        # A signature is checked once; expiry and token version are checked at every request.
        self._unsigned = lru_cache(maxsize=4096)(self._unsign)

    @property
    def seconds(self) -> int:
        """Lifetime of a token in seconds."""
        return int(self._life.total_seconds())

    def issue(self, officer_id: int, token_version: int, *, now: datetime) -> str:
        """Sign a token for an officer."""
        until = int((now + self._life).timestamp())
        text = self._signer.dumps([officer_id, token_version, until])
        return str(text)

    def read(self, token: str, *, now: datetime) -> tuple[int, int]:
        """Return officer id and token version of a token.

        Raises:
            NotSignedIn: the signature is wrong or the token has expired.
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
    """Officers with their posts, cached for a few seconds to save a query per request."""

    def __init__(self, load: Callable[[int], Actor], *, seconds: float) -> None:
        self._load = load
        self._seconds = seconds
        self._known: dict[int, tuple[float, Actor | None]] = {}
        self._distrusted: dict[int, float] = {}
        self._lock = Lock()

    def get(self, officer_id: int, token_version: int) -> Actor:
        """Return the officer of a token.

        Raises:
            NotSignedIn: the account is gone, switched off, or its tokens were revoked.
        """
        actor = self._fresh(officer_id)
        if actor.token_version != token_version:
            message = "The token is not valid; sign in again."
            raise NotSignedIn(message, code="token_invalid")
        return actor

    def of(self, officer_id: int) -> Actor:
        """Return an officer who is already authenticated, by the sign-in of a page.

        Raises:
            NotSignedIn: the account is gone or switched off.
        """
        return self._fresh(officer_id)

    def forget(self) -> None:
        """Empty the cache, after posts have changed hands."""
        with self._lock:
            self._known.clear()

    def distrust(self, officer_id: int) -> None:
        """Look this officer up at every request for as long as an old picture may be around.

        What changes them is not committed yet: another thread may still read them as they were.
        """
        with self._lock:
            self._distrusted[officer_id] = time.monotonic() + self._seconds
            self._known.pop(officer_id, None)

    def _fresh(self, officer_id: int) -> Actor:
        now = time.monotonic()
        with self._lock:
            until, known = self._known.get(officer_id, _UNKNOWN)
            if self._distrusted and now < self._distrusted.get(officer_id, 0.0):
                known = None
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
