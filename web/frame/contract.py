"""The interface the pages need from the application; the composition root provides it.

The pages never import the API: what they may read comes from `engine.reads` in the transaction
`Hangji.read` opens, and what they write is written by `Hangji.write`, as the API writes it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from flask import current_app

from engine.contract import Actor
from engine.reads.reading import Reading
from storage.database.session import Database

Result = TypeVar("Result")

KEY = "hangji.pages"


class PageClock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """The current time, timezone-aware."""
        ...


class PageTokens(Protocol):
    """Bearer tokens of the API."""

    def read(self, token: str, *, now: datetime) -> tuple[int, int]:
        """Officer id and token version of a token."""
        ...


class PageSettings(Protocol):
    """The settings pages use."""

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The key that signs pages and seals their content, then former keys that still open it."""
        ...

    @property
    def city_app_secret(self) -> str | None:
        """The key that signs tickets of the city's app."""
        ...

    @property
    def city_folder(self) -> Path:
        """The city pack."""
        ...


class Hangji(Protocol):
    """The part of the application the pages use."""

    @property
    def database(self) -> Database:
        """Where sign-ins are kept."""
        ...

    @property
    def clock(self) -> PageClock:
        """What time it is."""
        ...

    @property
    def tokens(self) -> PageTokens:
        """The reader of the API's tokens: signing in answers with one."""
        ...

    @property
    def settings(self) -> PageSettings:
        """The settings."""
        ...

    def actor(self, officer_id: int) -> Actor:
        """The officer of a sign-in; from here on the request is theirs."""
        ...

    def read(self, actor: Actor | None, look: Callable[[Reading], Result]) -> Result:
        """Read what a page shows in one transaction, None for the public."""
        ...

    def write(
        self,
        actor: Actor | None,
        key: str | None,
        body: Mapping[str, Any],
        action: str,
        at: Mapping[str, str],
    ) -> Any:
        """Write once per key, None for the public; return the answer of the API's route `action`.

        `at` are the values of its address.
        """
        ...

    def rehearse(
        self,
        actor: Actor | None,
        body: Mapping[str, Any],
        action: str,
        at: Mapping[str, str],
    ) -> Any:
        """Do a write and take it back; return what it would have answered."""
        ...

    def ask(
        self,
        actor: Actor | None,
        query: Mapping[str, str],
        action: str,
        at: Mapping[str, str],
        *,
        language: str,
    ) -> Any:
        """Read through a route with checks of its own; files are returned as a response."""
        ...

    def refuse_hostile(self, typed: Mapping[str, str]) -> None:
        """Refuse typed text with characters nobody types, as the API does."""
        ...

    def problem(self, error: Exception, *, language: str) -> Mapping[str, Any]:
        """The problem document of an error; an internal one is logged."""
        ...

    def seal(self, cursor: str | None) -> str | None:
        """Sign the cursor of a list."""
        ...

    def unseal(self, sealed: str | None) -> str | None:
        """Read what `seal` signed; FormInvalid when this server did not sign it."""
        ...


def hangji() -> Hangji:
    """The interface of the application that serves this request."""
    handed: Hangji = current_app.extensions[KEY]
    return handed
