"""What the pages need of the application they are part of; the composition root provides it."""

from datetime import datetime
from typing import Protocol

from flask import current_app

from storage.database.session import Database


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """The present moment, aware."""
        ...


class Tokens(Protocol):
    """Bearer tokens of the API."""

    @property
    def seconds(self) -> int:
        """How long a token is good for."""
        ...

    def issue(self, officer_id: int, token_version: int, *, now: datetime) -> str:
        """Sign a token for an officer."""
        ...

    def read(self, token: str, *, now: datetime) -> tuple[int, int]:
        """Officer id and token version of a token."""
        ...


class Settings(Protocol):
    """What the machine was told."""

    @property
    def secret_key(self) -> str:
        """What pages are signed and what they carry is sealed with."""
        ...


class Hangji(Protocol):
    """The part of the composition the pages use; all but sign-ins is asked of the API."""

    @property
    def database(self) -> Database:
        """Where sign-ins are kept."""
        ...

    @property
    def clock(self) -> Clock:
        """What time it is."""
        ...

    @property
    def tokens(self) -> Tokens:
        """The signer of the API's tokens."""
        ...

    @property
    def settings(self) -> Settings:
        """The settings."""
        ...


def hangji() -> Hangji:
    """The composition this application was made of."""
    composition: Hangji = current_app.extensions["hangji"]
    return composition
